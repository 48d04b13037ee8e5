namespace StateRelay.Connections;

/// <summary>
/// Rings many alarms with one timer, which is set only while an alarm is. Setting, resetting and ringing cost the logarithm of
/// the number of alarms set and allocate nothing. Safe for use by any thread.
/// </summary>
internal sealed class AlarmClock : IDisposable
{
    /// <summary>What timers count in.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // Guarded by _gate: a heap, the earliest alarm first.
    private Alarm[] _heap = new Alarm[16];
    private int _count;

    public AlarmClock(TimeProvider clock)
    {
        _clock = clock;
        _start = clock.GetTimestamp();
        _timer = clock.CreateTimer(static self => ((AlarmClock)self!).RingDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time since this clock was made.</summary>
    public TimeSpan Now => _clock.GetElapsedTime(_start);

    /// <summary>How many alarms are set.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Rings <paramref name="alarm"/> at <paramref name="due"/> at the latest: one set for an earlier time stays as it is.</summary>
    public void Set(Alarm alarm, TimeSpan due)
    {
        lock (_gate)
        {
            if (alarm.Index >= 0)
            {
                if (alarm.Due <= due)
                    return;
            }
            else
            {
                if (_count == _heap.Length)
                    Array.Resize(ref _heap, _count * 2);
                alarm.Index = _count++;
            }

            alarm.Due = due;
            Rise_NeedsGate(alarm);
            if (alarm.Index == 0)
                ArmTimer_NeedsGate();
        }
    }

    public void Clear(Alarm alarm)
    {
        lock (_gate)
        {
            if (alarm.Index >= 0)
                Remove_NeedsGate(alarm);
        }
    }

    private void RingDue()
    {
        while (true)
        {
            Alarm alarm;
            lock (_gate)
            {
                if (_count == 0 || _heap[0].Due > Now)
                {
                    ArmTimer_NeedsGate();
                    return;
                }

                alarm = _heap[0];
                Remove_NeedsGate(alarm);
            }

            alarm.Ring();
        }
    }

    private void ArmTimer_NeedsGate()
    {
        if (_count == 0)
            return;

        TimeSpan now;
        do
        {
            now = Now;
            // Timers count whole milliseconds and would ring a fraction too early.
            var left = Math.Ceiling((_heap[0].Due - now).TotalMilliseconds);
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, left)), Timeout.InfiniteTimeSpan);
        }
        while (Now - now >= Step);  // the clock went on meanwhile: what was left then is too long from now
    }

    private void Remove_NeedsGate(Alarm alarm)
    {
        var index = alarm.Index;
        alarm.Index = -1;
        alarm.Forget();
        var last = _heap[--_count];
        _heap[_count] = null!;
        if (last == alarm)
            return;
        last.Index = index;
        _heap[index] = last;
        Rise_NeedsGate(last);
        Sink_NeedsGate(last);
    }

    private void Rise_NeedsGate(Alarm alarm)
    {
        var index = alarm.Index;
        while (index > 0 && _heap[(index - 1) / 2].Due > alarm.Due)
        {
            Put_NeedsGate(_heap[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }

        Put_NeedsGate(alarm, index);
    }

    private void Sink_NeedsGate(Alarm alarm)
    {
        var index = alarm.Index;
        while ((index * 2) + 1 < _count)
        {
            var child = (index * 2) + 1;
            if (child + 1 < _count && _heap[child + 1].Due < _heap[child].Due)
                child++;
            if (_heap[child].Due >= alarm.Due)
                break;
            Put_NeedsGate(_heap[child], index);
            index = child;
        }

        Put_NeedsGate(alarm, index);
    }

    private void Put_NeedsGate(Alarm alarm, int index)
    {
        _heap[index] = alarm;
        alarm.Index = index;
    }
}

/// <summary>Something that an <see cref="AlarmClock"/> rings, once each time it is set.</summary>
internal sealed class Alarm(AlarmClock clock, Action ring)
{
    private const long Never = long.MaxValue;

    // Written under the clock's gate, read by any thread.
    private long _due = Never;

    // The clock's, guarded by its gate.
    internal int Index { get; set; } = -1;

    internal TimeSpan Due
    {
        get => new(_due);
        set => Volatile.Write(ref _due, value.Ticks);
    }

    /// <summary>Whether it is set and still to ring, at <paramref name="due"/> at the latest.</summary>
    public bool IsSetBy(TimeSpan due) => Volatile.Read(ref _due) <= due.Ticks;

    public void Set(TimeSpan due) => clock.Set(this, due);

    public void Clear() => clock.Clear(this);

    internal void Forget() => Volatile.Write(ref _due, Never);

    internal void Ring() => ring();
}
