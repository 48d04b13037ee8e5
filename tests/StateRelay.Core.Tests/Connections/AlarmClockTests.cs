using StateRelay.Connections;

namespace StateRelay.Tests.Connections;

public sealed class AlarmClockTests
{
    private readonly ManualClock _time = new();

    [Test]
    public void An_alarm_rings_once_when_it_is_due()
    {
        using var clock = new AlarmClock(_time);
        var rings = 0;
        var alarm = new Alarm(clock, () => rings++);

        alarm.Set(TimeSpan.FromSeconds(5));
        _time.Push(4999);
        var early = rings;
        _time.Push(1);
        _time.Push(60_000);

        Assert.That((early, rings), Is.EqualTo((0, 1)));
    }

    [Test]
    public void Setting_it_earlier_moves_it_and_later_does_not()
    {
        using var clock = new AlarmClock(_time);
        var rangAt = new List<double>();
        var alarm = new Alarm(clock, () => rangAt.Add(clock.Now.TotalSeconds));

        alarm.Set(TimeSpan.FromSeconds(5));
        alarm.Set(TimeSpan.FromSeconds(9));
        alarm.Set(TimeSpan.FromSeconds(2));
        _time.Push(20_000);

        Assert.That(rangAt, Is.EqualTo(new[] { 2.0 }));
    }

    [Test]
    public void A_cleared_alarm_does_not_ring_and_leaves_nothing_behind()
    {
        using var clock = new AlarmClock(_time);
        var alarm = new Alarm(clock, () => Assert.Fail("It rang."));

        alarm.Set(TimeSpan.FromSeconds(5));
        alarm.Clear();
        alarm.Clear();
        _time.Push(10_000);

        Assert.That(clock.Count, Is.Zero);
    }

    [Test]
    public void An_alarm_may_set_itself_again_while_it_rings()
    {
        using var clock = new AlarmClock(_time);
        var rings = 0;
        Alarm? alarm = null;
        alarm = new Alarm(clock, () =>
        {
            if (++rings < 5)
                alarm!.Set(clock.Now + TimeSpan.FromSeconds(1));
        });

        alarm.Set(TimeSpan.FromSeconds(1));
        _time.Push(100_000);

        Assert.That(rings, Is.EqualTo(5));
    }

    [Test]
    public void Thousands_of_alarms_share_one_timer_and_ring_in_order()
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var clock = new AlarmClock(_time);
        var rang = new List<int>();
        var due = new Dictionary<int, int>();
        var alarms = Enumerable.Range(0, 2000).Select(number => new Alarm(clock, () => rang.Add(number))).ToArray();

        for (var step = 0; step < 10_000; step++)
        {
            var number = random.Next(alarms.Length);
            if (random.Next(4) == 0)
            {
                alarms[number].Clear();
                due.Remove(number);
                continue;
            }

            var at = random.Next(1, 100_000);
            alarms[number].Set(TimeSpan.FromMilliseconds(at));
            due[number] = Math.Min(due.GetValueOrDefault(number, int.MaxValue), at);
        }

        Assert.That(_time.TimerCount, Is.EqualTo(1));
        _time.Push(200_000);

        Assert.That(rang, Is.EquivalentTo(due.Keys));
        Assert.That(rang.Select(number => due[number]), Is.Ordered);
        Assert.That(_time.TimerCount, Is.Zero);
    }

    [Test]
    public void An_alarm_rings_when_it_is_due_though_the_clock_goes_on_while_it_is_set()
    {
        using var clock = new AlarmClock(new LeapingClock(_time, TimeSpan.FromSeconds(2)));
        var rings = 0;
        var alarm = new Alarm(clock, () => rings++);

        alarm.Set(TimeSpan.FromSeconds(5));
        _time.Push(2999);
        var early = rings;
        _time.Push(1);

        Assert.That((early, rings), Is.EqualTo((0, 1)));
    }

    /// <summary>A clock that goes on once, between somebody's look at it and the setting of a timer.</summary>
    private sealed class LeapingClock(ManualClock inner, TimeSpan leap) : TimeProvider
    {
        private bool _hasLept;

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new LeapingTimer(this, inner.CreateTimer(callback, state, dueTime, period));

        private void Leap()
        {
            if (_hasLept)
                return;
            _hasLept = true;
            inner.Push(leap);
        }

        private sealed class LeapingTimer(LeapingClock clock, ITimer inner) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                clock.Leap();
                return inner.Change(dueTime, period);
            }

            public void Dispose() => inner.Dispose();

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
