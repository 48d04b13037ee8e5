using System.Text.Json;

namespace StateRelay;

/// <summary>How urgently viewers hear of a <see cref="StateEvent"/>, and in what form.</summary>
public enum StateEventClass
{
    /// <summary>Nothing of its own to tell: the new state goes out with the next coalesced version.</summary>
    Progress,

    /// <summary>Told at once, as an event beside the state; in a storm of them, with the next coalesced version.</summary>
    Notice,

    /// <summary>
    /// A turning point: as a notice, and there is always a version of the state to go with it, whole for plain clients and waited for by
    /// whoever waits for the end to be acknowledged.
    /// </summary>
    Milestone,
}

/// <summary>Something worth saying about a state, told to viewers beside the state itself. Immutable.</summary>
/// <param name="Type">What happened, in lower-case words joined by underscores, for example <c>item_completed</c>. Not empty.</param>
/// <param name="Class">How urgently viewers hear of it.</param>
/// <remarks>Events are held in a bounded list: what must never be missed belongs in the state itself.</remarks>
public sealed record StateEvent(string Type, StateEventClass Class = StateEventClass.Notice)
{
    /// <inheritdoc cref="StateEvent(string, StateEventClass)"/>
    public string Type { get; } = string.IsNullOrWhiteSpace(Type)
        ? throw new ArgumentException("An event needs a type.", nameof(Type))
        : Type;

    /// <summary>Which part of the state it is about, for example an item's name; null when it is about the whole.</summary>
    public string? Subject { get; init; }

    /// <summary>Further members, a JSON object; null when there are none.</summary>
    public JsonElement? Data { get; init; }
}
