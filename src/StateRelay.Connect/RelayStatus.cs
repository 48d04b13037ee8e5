namespace StateRelay;

/// <summary>What a <see cref="RelayConnection"/> is doing.</summary>
public enum RelayPhase
{
    /// <summary>Nothing is followed, so there is no connection.</summary>
    Idle,

    /// <summary>A connection is being made, up to the server's answers to all subscriptions.</summary>
    Connecting,

    /// <summary>Everything that is followed has been confirmed by the server.</summary>
    Connected,

    /// <summary>There is no connection; the next attempt comes at <see cref="RelayStatus.Until"/>.</summary>
    Waiting,

    /// <summary>Over for good: stopped here, refused, or tried as often as it may.</summary>
    Ended,
}

/// <summary>How it stands with a <see cref="RelayConnection"/>. Immutable.</summary>
/// <param name="Phase">What it is doing.</param>
public sealed record RelayStatus(RelayPhase Phase)
{
    /// <summary>
    /// When connected: whether everything goes on where it had stopped (true) or something had to start anew (false); null where there was
    /// nothing to go on from.
    /// </summary>
    public bool? Recovered { get; init; }

    /// <summary>How many attempts in a row have failed; counts anew once a connection was stable.</summary>
    public int Failures { get; init; }

    /// <summary>When waiting: the time of the next attempt; else null.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>
    /// Why it is not connected, in one sentence, in the server's words where there are any; null where there is nothing to say.
    /// </summary>
    public string? Why { get; init; }

    /// <summary>What went wrong, where it was an exception; it is never the basis of a decision here.</summary>
    public Exception? Error { get; init; }
}
