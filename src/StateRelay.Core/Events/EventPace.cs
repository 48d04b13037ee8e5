namespace StateRelay.Events;

/// <summary>How many events there were of late, second by second. Costs an addition an event. Not safe for use by several threads.</summary>
internal sealed class EventPace
{
    /// <summary>Seconds that a step of the history has.</summary>
    public const int StepSeconds = 5;

    /// <summary>Steps of the history.</summary>
    public const int Steps = 60;

    // The steps, and the one that has not ended.
    private const int Seconds = (Steps + 1) * StepSeconds;

    // A clock set back by more than this begins a new history.
    private const int Jitter = 5;

    private readonly int[] _counts = new int[Seconds];
    private long _newest;

    /// <summary>There was an event.</summary>
    public void Add(DateTimeOffset now)
    {
        Advance(now);
        _counts[_newest % Seconds]++;
    }

    /// <summary>Events a second over the last few.</summary>
    public double RateAt(DateTimeOffset now)
    {
        Advance(now);
        var events = 0;
        for (var back = 0; back < StepSeconds; back++)
            events += CountOf(_newest - back);
        var past = now.UtcTicks - ((_newest - StepSeconds + 1) * TimeSpan.TicksPerSecond);
        return events / Math.Clamp(past / (double)TimeSpan.TicksPerSecond, StepSeconds - 1, StepSeconds);
    }

    /// <summary>The steps that have ended, oldest first.</summary>
    public IReadOnlyList<PaceStep> HistoryAt(DateTimeOffset now)
    {
        Advance(now);
        var unended = _newest / StepSeconds;
        var steps = new PaceStep[Steps];
        for (var index = 0; index < Steps; index++)
        {
            var step = unended - Steps + index;
            var events = 0;
            for (var second = 0; second < StepSeconds; second++)
                events += CountOf((step * StepSeconds) + second);
            steps[index] = new PaceStep(step, new DateTimeOffset((step + 1) * StepSeconds * TimeSpan.TicksPerSecond, TimeSpan.Zero), (double)events / StepSeconds);
        }

        return steps;
    }

    private int CountOf(long second) => _counts[second % Seconds];

    private void Advance(DateTimeOffset now)
    {
        var second = now.UtcTicks / TimeSpan.TicksPerSecond;
        if (second > _newest + Seconds || second < _newest - Jitter)
        {
            Array.Clear(_counts);
            _newest = second;
        }

        while (_newest < second)
            _counts[++_newest % Seconds] = 0;
    }
}

/// <summary>One step of a pace. Immutable.</summary>
/// <param name="Number">Counts steps; the same moment has the same number.</param>
/// <param name="End">When it ended.</param>
/// <param name="Rate">Events a second within it.</param>
internal readonly record struct PaceStep(long Number, DateTimeOffset End, double Rate);
