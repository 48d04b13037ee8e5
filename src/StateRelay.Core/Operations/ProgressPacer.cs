namespace StateRelay.Operations;

/// <summary>
/// Decides when progress is published: the first at once, then at most one publication an interval, then none, but for a slow tick
/// while something still shows a speed that must fall. One timer. Safe for use by any thread.
/// </summary>
internal sealed class ProgressPacer : IDisposable
{
    public static readonly TimeSpan SlowTick = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _interval;
    private readonly Func<bool> _publish;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // Guarded by the gate.
    private long? _last;
    private bool _asked;
    private bool _stopped;

    /// <param name="interval">Least time between two publications.</param>
    /// <param name="publish">Publishes, on a timer's thread, and says whether anything is still moving.</param>
    /// <param name="clock">Gives the time and the timer.</param>
    public ProgressPacer(TimeSpan interval, Func<bool> publish, TimeProvider clock)
    {
        _interval = interval;
        _publish = publish;
        _clock = clock;
        _timer = clock.CreateTimer(_ => Publish(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Something is new: publish it as soon as the pace allows.</summary>
    public void Ask()
    {
        lock (_gate)
        {
            if (_asked || _stopped)
                return;
            _asked = true;
            _timer.Change(DueIn_NeedsGate(), Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _stopped = true;
        _timer.Dispose();
    }

    private void Publish()
    {
        lock (_gate)
        {
            if (_stopped)
                return;
            _asked = false;
            _last = _clock.GetTimestamp();
        }

        var moving = _publish();

        lock (_gate)
        {
            if (moving && !_asked && !_stopped)
                _timer.Change(SlowTick, Timeout.InfiniteTimeSpan);
        }
    }

    private TimeSpan DueIn_NeedsGate()
    {
        if (_last is not { } last)
            return TimeSpan.Zero;
        var left = _interval - _clock.GetElapsedTime(last);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
