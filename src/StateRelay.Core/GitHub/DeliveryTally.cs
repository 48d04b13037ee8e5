namespace StateRelay.GitHub;

/// <summary>How many deliveries there were, by what became of them. Safe for use by any thread.</summary>
internal sealed class DeliveryTally
{
    private readonly long[] _counts = new long[Enum.GetValues<DeliveryOutcome>().Length];

    /// <summary>All of them.</summary>
    public long All
    {
        get
        {
            var all = 0L;
            for (var outcome = 0; outcome < _counts.Length; outcome++)
                all += Volatile.Read(ref _counts[outcome]);
            return all;
        }
    }

    public long this[DeliveryOutcome outcome] => Volatile.Read(ref _counts[(int)outcome]);

    public void Count(DeliveryOutcome outcome) => Interlocked.Increment(ref _counts[(int)outcome]);
}
