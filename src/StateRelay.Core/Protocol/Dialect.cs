namespace StateRelay.Protocol;

/// <summary>How a connection speaks.</summary>
internal enum Dialect
{
    /// <summary>The frames of the first ancestor's page: whole states, without numbers.</summary>
    PlainState,

    /// <summary>The frames of the second ancestor's clients: one subscription, and the events that match it.</summary>
    PlainEvents,

    /// <summary>Numbers, resume, deltas, batching and several topics on one socket, asked for by subprotocol.</summary>
    V1,
}

/// <summary>What there is to follow on a server. Immutable.</summary>
internal readonly record struct Served(bool States, bool Events);

/// <summary>Finds the dialect that a client asks for.</summary>
internal static class Dialects
{
    /// <summary>The subprotocol that asks for <see cref="Dialect.V1"/>.</summary>
    public const string V1Subprotocol = "staterelay.v1.json";

    /// <summary>
    /// The dialect of a connection whose handshake offers <paramref name="subprotocols"/> and whose query says
    /// <paramref name="mode"/>; null when none is known that fits. Without a mode, whoever shows a token in a header is there for
    /// events, where there are any; who shows none for a state, unless there are only events.
    /// </summary>
    public static Dialect? Choose(IReadOnlyCollection<string> subprotocols, string? mode, Served served, bool showsToken)
    {
        if (subprotocols.Count > 0)
            return subprotocols.Contains(V1Subprotocol, StringComparer.Ordinal) ? Dialect.V1 : null;
        if (mode is null or "")
            return served.Events && (showsToken || !served.States) ? Dialect.PlainEvents : Dialect.PlainState;
        if (mode == "events" && served.Events)
            return Dialect.PlainEvents;
        return mode == "state" && served.States ? Dialect.PlainState : null;
    }
}
