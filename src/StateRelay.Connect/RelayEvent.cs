namespace StateRelay;

/// <summary>What follows next in a subscription to events: an event, or that events are gone. Immutable.</summary>
/// <param name="Position">Where the reader is after it: keep it, and go on from it, to miss nothing that the server holds.</param>
/// <param name="Event">What happened; null when events of the subscription, up to <paramref name="Position"/>, may be gone.</param>
public sealed record RelayEvent(EventPosition Position, Event? Event)
{
    /// <summary>Whether events may be gone that have not been read.</summary>
    public bool IsGap => Event is null;

    /// <summary>
    /// Of a gap, why: <c>retention</c> or <c>expired</c>, they were held no longer; <c>epoch</c>, the server has begun another history;
    /// <c>unreadable</c>, it sent something that is no event. Null for an event.
    /// </summary>
    public string? GapReason { get; init; }

    /// <summary>The event as the server sent it, JSON in UTF-8; empty for a gap.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; init; }
}

/// <summary>What the server said when it confirmed a subscription to events. Immutable.</summary>
/// <param name="Position">Where it goes on from.</param>
/// <param name="Recovered">Whether that is the position asked for, with nothing gone.</param>
/// <param name="UserName">Whom the server takes this client for.</param>
/// <param name="InForce">The organization and types that came into force; the server may have filled in what was not named.</param>
public sealed record ConfirmedSubscription(EventPosition Position, bool Recovered, string UserName, Subscription InForce);
