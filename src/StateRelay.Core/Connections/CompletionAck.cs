namespace StateRelay;

/// <summary>What came of waiting for a viewer to have seen the end of the work.</summary>
public enum CompletionAck
{
    /// <summary>A viewer that was shown the end has said so.</summary>
    Acknowledged,

    /// <summary>Nobody is connected, so nobody will.</summary>
    NobodyConnected,

    /// <summary>Viewers are connected, but none said so in time.</summary>
    TimedOut,
}
