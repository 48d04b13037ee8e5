namespace StateRelay;

/// <summary>
/// How an <see cref="OperationTracker"/> counts, how often it tells of progress and how much it remembers. Checked as a whole when
/// a tracker is made of it: every broken rule is named at once. Immutable.
/// </summary>
public sealed record OperationTrackerOptions
{
    /// <summary>What is counted, for example <c>rows</c> or <c>bytes</c>; items may name another. Default null: not said.</summary>
    public string? Unit { get; init; }

    /// <summary>Least time between two versions of the state made for progress alone. Default 50 ms; 1 ms to 1 min.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How far back speeds look. Default 5 s; 1 s to 10 min.</summary>
    public TimeSpan SpeedWindow { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Items of one operation; more are refused. Default 10,000; 1 to 100,000.</summary>
    public int MaxItems { get; init; } = 10_000;

    /// <summary>Log entries kept, the newest. Default 1,000; 1 to 10,000.</summary>
    public int MaxLogEntries { get; init; } = 1000;

    /// <summary>Errors kept, the newest; the count goes on. Default 200; 1 to 10,000.</summary>
    public int MaxErrors { get; init; } = 200;

    /// <summary>Warnings kept, the newest; the count goes on. Default 200; 1 to 10,000.</summary>
    public int MaxWarnings { get; init; } = 200;

    /// <summary>Details and, apart from them, metrics; more names are refused. Default 100; 1 to 1,000.</summary>
    public int MaxNames { get; init; } = 100;

    /// <summary>Points of history kept for each metric, the newest. Default 60; 1 to 10,000.</summary>
    public int MetricHistory { get; init; } = 60;

    /// <summary>Every rule this value breaks, each as one sentence; empty when it may be used.</summary>
    internal IEnumerable<string> Problems()
    {
        if (ProgressInterval < TimeSpan.FromMilliseconds(1) || ProgressInterval > TimeSpan.FromMinutes(1))
            yield return $"ProgressInterval must be from 1 ms to 1 min, but is {ProgressInterval}.";
        if (SpeedWindow < TimeSpan.FromSeconds(1) || SpeedWindow > TimeSpan.FromMinutes(10))
            yield return $"SpeedWindow must be from 1 s to 10 min, but is {SpeedWindow}.";
        if (MaxItems is < 1 or > 100_000)
            yield return $"MaxItems must be from 1 to 100,000, but is {MaxItems}.";
        if (MaxLogEntries is < 1 or > 10_000)
            yield return $"MaxLogEntries must be from 1 to 10,000, but is {MaxLogEntries}.";
        if (MaxErrors is < 1 or > 10_000)
            yield return $"MaxErrors must be from 1 to 10,000, but is {MaxErrors}.";
        if (MaxWarnings is < 1 or > 10_000)
            yield return $"MaxWarnings must be from 1 to 10,000, but is {MaxWarnings}.";
        if (MaxNames is < 1 or > 1000)
            yield return $"MaxNames must be from 1 to 1,000, but is {MaxNames}.";
        if (MetricHistory is < 1 or > 10_000)
            yield return $"MetricHistory must be from 1 to 10,000, but is {MetricHistory}.";
    }
}
