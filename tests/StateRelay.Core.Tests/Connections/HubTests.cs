using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace StateRelay.Tests.Connections;

public sealed class HubTests
{
    private readonly ManualClock _clock = new();

    [Test]
    public void Broadcasting_numbers_events_before_and_after_the_stop_and_after_disposal()
    {
        var hub = new Hub(clock: _clock);

        var before = hub.Broadcast(new Event("push"), EventAudience.Everyone);
        hub.Stop();
        var stopped = hub.Broadcast(new Event("push"), EventAudience.Everyone);
        hub.Dispose();
        var disposed = hub.Broadcast(new Event("push"), EventAudience.Everyone);

        Assert.That((before, stopped, disposed, hub.Head.Seq), Is.EqualTo((1, 2, 3, 3)));
    }

    [Test]
    public void The_instruments_of_a_hub_are_there_until_it_is_disposed()
    {
        var hub = new Hub(clock: _clock);

        var before = ArePublished(hub.Instruments.EventsLogged);
        hub.Dispose();

        Assert.That((before, ArePublished(hub.Instruments.EventsLogged)), Is.EqualTo((true, false)));

        static bool ArePublished(Instrument wanted)
        {
            var published = new ConcurrentQueue<Instrument>();
            using var listener = new MeterListener { InstrumentPublished = (instrument, _) => published.Enqueue(instrument) };
            listener.Start();
            return published.Contains(wanted);
        }
    }

    [Test]
    public void An_event_without_a_time_happened_now_and_one_with_a_time_then()
    {
        using var hub = new Hub(clock: _clock);
        var then = _clock.GetUtcNow().AddDays(-1);

        hub.Broadcast(new Event("push"), EventAudience.Everyone);
        hub.Broadcast(new Event("push") { Timestamp = then }, EventAudience.Everyone);

        Assert.That(hub.Log.After(0, 2).Select(logged => logged.Event.Timestamp), Is.EqualTo(new[] { _clock.GetUtcNow(), then }));
    }

    [Test]
    public void Where_nobody_follows_the_stop_is_complete_at_once()
    {
        using var hub = new Hub(clock: _clock);
        var before = hub.Completion.IsCompleted;

        hub.Stop();
        hub.Stop();

        Assert.That((before, hub.Completion.IsCompletedSuccessfully), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task The_stop_is_complete_when_the_last_follower_has_left()
    {
        using var hub = new Hub(clock: _clock);
        await using var first = hub.ReadAsync().GetAsyncEnumerator();
        await using var second = hub.ReadAsync().GetAsyncEnumerator();
        var firstStep = first.MoveNextAsync().AsTask();
        hub.Broadcast(new Event("push"), EventAudience.Everyone);
        await firstStep.WaitAsync(TestTimeouts.Guard);
        var secondStep = second.MoveNextAsync().AsTask();
        var following = hub.ClientCount;

        hub.Stop();
        hub.Broadcast(new Event("push"), EventAudience.Everyone);
        while (await secondStep.WaitAsync(TestTimeouts.Guard))
            secondStep = second.MoveNextAsync().AsTask();
        var whileOneReads = hub.Completion.IsCompleted;
        while (await first.MoveNextAsync())
        {
        }

        await hub.Completion.WaitAsync(TestTimeouts.Guard);
        Assert.That((following, whileOneReads, hub.ClientCount), Is.EqualTo((2, false, 0)));
    }

    [Test]
    public async Task Any_number_of_threads_may_stop_it_at_once()
    {
        using var hub = new Hub(clock: _clock);
        await using var events = hub.ReadAsync().GetAsyncEnumerator();
        var step = events.MoveNextAsync().AsTask();

        Parallel.For(0, 100, _ => hub.Stop());

        Assert.That(await step.WaitAsync(TestTimeouts.Guard), Is.False);
        await hub.Completion.WaitAsync(TestTimeouts.Guard);
    }

    [Test]
    public async Task Running_it_lasts_until_it_has_stopped_which_a_token_can_bring_about()
    {
        using var hub = new Hub(clock: _clock);
        using var stop = new CancellationTokenSource();
        var running = hub.RunAsync(stop.Token);
        var before = running.IsCompleted;

        await stop.CancelAsync();

        await running.WaitAsync(TestTimeouts.Guard);
        Assert.That((before, hub.Completion.IsCompleted), Is.EqualTo((false, true)));
    }

    [Test]
    public void Every_option_out_of_range_is_named_at_once()
    {
        var options = new HubOptions
        {
            RetainedEvents = 0,
            RetainedEventBytes = -1,
            RetainedEventAge = TimeSpan.Zero,
            OfferedEventTypes = { "push", "No Such!" },
            AuthenticationTimeout = TimeSpan.FromMilliseconds(99),
            RecheckInterval = TimeSpan.FromDays(2),
        };

        var thrown = Assert.Throws<ArgumentException>(() => new Hub(options).Dispose());

        foreach (var name in new[] { "RetainedEvents ", "RetainedEventBytes ", "RetainedEventAge ", "OfferedEventTypes", "AuthenticationTimeout ", "RecheckInterval " })
            Assert.That(thrown!.Message, Does.Contain(name));
    }

    [Test]
    public void Who_changes_the_options_later_changes_nothing()
    {
        var options = new HubOptions { RetainedEvents = 1 };
        using var hub = new Hub(options, clock: _clock);

        options.RetainedEvents = 100;
        hub.Broadcast(new Event("push"), EventAudience.Everyone);
        hub.Broadcast(new Event("push"), EventAudience.Everyone);

        Assert.That(hub.Log.Count, Is.EqualTo(1));
    }

    [Test]
    public void Events_go_when_they_are_too_old_also_while_nothing_happens()
    {
        using var hub = new Hub(new HubOptions { RetainedEventAge = TimeSpan.FromMinutes(1) }, clock: _clock);

        hub.Broadcast(new Event("push"), EventAudience.Everyone);
        _clock.Push(TimeSpan.FromSeconds(30));
        hub.Broadcast(new Event("push"), EventAudience.Everyone);
        _clock.Push(TimeSpan.FromSeconds(30));
        var held = hub.Log.Count;
        _clock.Push(TimeSpan.FromSeconds(1));
        var later = hub.Log.Count;
        _clock.Push(TimeSpan.FromSeconds(30));

        Assert.That((held, later, hub.Log.Count, _clock.TimerCount), Is.EqualTo((2, 1, 0, 0)));

        hub.Broadcast(new Event("push"), EventAudience.Everyone);
        _clock.Push(TimeSpan.FromSeconds(61));
        Assert.That((hub.Log.Count, hub.Head.Seq), Is.EqualTo((0, 3)));
    }

    [Test]
    public void An_event_that_comes_just_when_the_last_one_grew_too_old_is_let_go_of_too()
    {
        Action? armed = null;
        var clock = new ClockThatTells(_clock, owner => owner is Hub, () => armed?.Invoke());
        using var hub = new Hub(new HubOptions { RetainedEventAge = TimeSpan.FromMinutes(1) }, clock: clock);
        Thread? timer = null;
        armed = () =>
        {
            // Under the hub's gate: the timer fires late, when the first event is too old; by the time it gets the gate a second one has come.
            armed = null;
            clock.Ahead = TimeSpan.FromSeconds(2);
            timer = new Thread(() => _clock.Push(TimeSpan.FromSeconds(61)));
            timer.Start();
            while (timer.IsAlive && (timer.ThreadState & ThreadState.WaitSleepJoin) == 0)
                Thread.Yield();
            hub.Broadcast(new Event("second"), EventAudience.Everyone);
        };

        hub.Broadcast(new Event("first"), EventAudience.Everyone);
        timer!.Join();
        var held = hub.Log.After(0, 10).Select(logged => logged.Event.Type).ToArray();
        _clock.Push(TimeSpan.FromSeconds(61));

        Assert.That(held, Is.EqualTo(new[] { "second" }));
        Assert.That((hub.Log.Count, hub.Head.Seq), Is.EqualTo((0, 2)));
    }

    [Test]
    public void A_position_is_read_as_it_was_written()
    {
        using var hub = new Hub(clock: _clock);
        hub.Broadcast(new Event("push"), EventAudience.Everyone);

        Assert.That(EventPosition.TryParse(hub.Head.ToString(), out var read), Is.True);
        Assert.That(read, Is.EqualTo(hub.Head));
        Assert.That(EventPosition.TryParse($"x:{long.MaxValue}", out read), Is.True);
        Assert.That(read, Is.EqualTo(new EventPosition("x", long.MaxValue)));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("abc")]
    [TestCase(":5")]
    [TestCase("abc:")]
    [TestCase("abc:-1")]
    [TestCase("abc:+1")]
    [TestCase("abc: 1")]
    [TestCase("abc:1,000")]
    [TestCase("abc:9223372036854775808")]
    public void What_is_no_position_is_not_read_as_one(string? text) => Assert.That(EventPosition.TryParse(text, out _), Is.False);

    /// <summary>Another clock, which tells when a timer of a certain owner is set.</summary>
    private sealed class ClockThatTells(ManualClock clock, Func<object?, bool> isMeant, Action isSet) : TimeProvider
    {
        public override long TimestampFrequency => clock.TimestampFrequency;

        /// <summary>How much later it is than timers believe.</summary>
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + Ahead;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = clock.CreateTimer(callback, state, dueTime, period);
            return isMeant(state) ? new TimerThatTells(timer, isSet) : timer;
        }
    }

    private sealed class TimerThatTells(ITimer timer, Action isSet) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            isSet();
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
