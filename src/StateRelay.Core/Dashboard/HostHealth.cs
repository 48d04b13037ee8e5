namespace StateRelay.Dashboard;

/// <summary>What is asked about the program that a server runs in.</summary>
internal enum HealthQuestion
{
    /// <summary>Whether it should go on; if not, it is to be started anew.</summary>
    IsAlive,

    /// <summary>Whether it can do its work now; if not, others are to be asked.</summary>
    IsReady,
}

/// <summary>How the program that a server runs in answers.</summary>
internal enum HostHealth
{
    /// <summary>All is well.</summary>
    Serving,

    /// <summary>It works, but not well.</summary>
    Degraded,

    /// <summary>It does not work.</summary>
    Unhealthy,

    /// <summary>It does not work yet.</summary>
    Starting,

    /// <summary>It does not work any more.</summary>
    Stopping,
}

/// <summary>Answers for the program. Never throws; takes no longer than somebody is willing to wait for.</summary>
internal delegate ValueTask<HostHealth> HealthInquiry(HealthQuestion question);
