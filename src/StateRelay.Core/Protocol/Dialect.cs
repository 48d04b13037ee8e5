namespace StateRelay.Protocol;

/// <summary>How a connection speaks.</summary>
internal enum Dialect
{
    /// <summary>The frames of the first ancestor's page: whole states, without numbers.</summary>
    PlainState,

    /// <summary>Numbers, resume, deltas, batching and several topics on one socket, asked for by subprotocol.</summary>
    V1,
}

/// <summary>Finds the dialect that a client asks for.</summary>
internal static class Dialects
{
    /// <summary>The subprotocol that asks for <see cref="Dialect.V1"/>.</summary>
    public const string V1Subprotocol = "staterelay.v1.json";

    /// <summary>
    /// The dialect of a connection whose handshake offers <paramref name="subprotocols"/> and whose query says
    /// <paramref name="mode"/>; null when none is known that fits.
    /// </summary>
    public static Dialect? Choose(IReadOnlyCollection<string> subprotocols, string? mode)
    {
        if (subprotocols.Count > 0)
            return subprotocols.Contains(V1Subprotocol, StringComparer.Ordinal) ? Dialect.V1 : null;
        return mode is null or "" or "state" ? Dialect.PlainState : null;
    }
}
