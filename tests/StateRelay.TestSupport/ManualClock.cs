namespace StateRelay.TestSupport;

/// <summary>
/// A clock that stands still until it is pushed. Timers fire on the pushing thread, in the order they are due, with the clock
/// showing the moment each was due; a timer due at once fires at the next push, also one by nothing. Safe for use by any thread.
/// </summary>
public sealed class ManualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private long _ticks = new DateTimeOffset(2026, 11, 21, 22, 0, 0, TimeSpan.Zero).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers are set now.</summary>
    public int TimerCount
    {
        get
        {
            lock (_gate)
                return _timers.Count(timer => timer.DueAt is not null);
        }
    }

    /// <summary>How long until the next timer is due; null when none is set.</summary>
    public TimeSpan? NextDueIn
    {
        get
        {
            lock (_gate)
                return _timers.Min(timer => timer.DueAt) is { } due ? TimeSpan.FromTicks(due - _ticks) : null;
        }
    }

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override long GetTimestamp()
    {
        lock (_gate)
            return _ticks;
    }

    /// <summary>Pushes the clock, firing what becomes due, again and again until nothing is due any more.</summary>
    public void Push(TimeSpan by)
    {
        long target;
        lock (_gate)
            target = _ticks + by.Ticks;

        while (NextDue(target) is { } timer)
            timer.Fire();

        lock (_gate)
            _ticks = Math.Max(_ticks, target);
    }

    /// <summary>Pushes the clock by milliseconds.</summary>
    public void Push(double milliseconds) => Push(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Fires what is due already.</summary>
    public void RunDue() => Push(TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        lock (_gate)
            _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private ManualTimer? NextDue(long target)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.DueAt <= target).MinBy(timer => timer.DueAt);
            if (next is null)
                return null;
            _ticks = Math.Max(_ticks, next.DueAt!.Value);
            next.DueAt = next.Period is { } period ? _ticks + period.Ticks : null;
            return next;
        }
    }

    private sealed class ManualTimer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        // Guarded by the clock's gate.
        public long? DueAt { get; set; }

        public TimeSpan? Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                if (!clock._timers.Contains(this))
                    return false;
                DueAt = dueTime == Timeout.InfiniteTimeSpan ? null : clock._ticks + dueTime.Ticks;
                Period = period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero ? null : period;
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
