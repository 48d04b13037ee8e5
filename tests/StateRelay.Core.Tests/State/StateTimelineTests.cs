using System.Text;

using StateRelay.Diagnostics;
using StateRelay.State;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.State;

public sealed class StateTimelineTests
{
    private readonly ManualClock _clock = new();
    private readonly CollectingLogger _logger = new();
    private readonly Instruments _instruments = new();
    private readonly List<StateTimeline> _made = [];

    [TearDown]
    public void Done()
    {
        foreach (var timeline in _made)
            timeline.Dispose();
    }

    [OneTimeTearDown]
    public void AllDone()
    {
        _logger.Dispose();
        _instruments.Dispose();
    }

    [Test]
    public void The_first_version_is_there_from_the_start()
    {
        var timeline = Watched(Store());

        Assert.That(timeline.Head!.Seq, Is.EqualTo(1));
        Assert.That(Text(timeline.Head), Is.EqualTo("""{"name":"fleet","trucks":[],"load":0}"""));
    }

    [Test]
    public void Updates_every_millisecond_for_an_hour_make_a_version_each_interval_and_the_last_state_always_arrives()
    {
        var store = Store();
        var timeline = Watched(store);
        var versions = 0;
        var last = timeline.Head!.Seq;

        for (var millisecond = 1; millisecond <= 3_600_000; millisecond++)
        {
            store.Update(fleet => fleet with { Load = millisecond });
            _clock.Push(1);
            if (timeline.Head!.Seq == last)
                continue;
            last = timeline.Head.Seq;
            versions++;
        }

        _clock.Push(100);

        Assert.That(versions, Is.InRange(35_990, 36_010));
        Assert.That(Text(timeline.Head!), Does.Contain("\"load\":3600000}"));
    }

    [Test]
    public void A_change_after_quiet_is_a_version_at_once()
    {
        var store = Store();
        var timeline = Watched(store);
        _clock.Push(1000);

        store.Update(fleet => fleet with { Load = 1 });
        _clock.RunDue();

        Assert.That(timeline.Head!.Seq, Is.EqualTo(2));
    }

    [Test]
    public async Task The_first_version_is_made_once_somebody_asks_and_whoever_asks_meanwhile_waits_for_it()
    {
        var timeline = new StateTimeline("state", Store(), new WebServerOptions(), _clock, _instruments, _logger);
        _made.Add(timeline);
        using var together = new Barrier(8);

        var given = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait();
                return timeline.Latest();
            },
            TaskCreationOptions.LongRunning))).WaitAsync(TestTimeouts.Guard);

        Assert.That(given[0], Is.Not.Null);
        Assert.That(given, Is.All.SameAs(given[0]));
    }

    [Test]
    public void While_nobody_watches_no_version_is_made_until_somebody_asks()
    {
        var store = Store();
        var timeline = Unwatched(store);
        _clock.Push(1000);

        for (var number = 1; number <= 50; number++)
        {
            store.Update(fleet => fleet with { Load = number });
            _clock.Push(1000);
        }

        Assert.That(timeline.Head!.Seq, Is.EqualTo(1));
        Assert.That(timeline.Latest()!.Seq, Is.EqualTo(51));
        Assert.That(_clock.TimerCount, Is.Zero);
    }

    [Test]
    public void A_change_that_changes_nothing_makes_no_version()
    {
        var store = Store();
        var timeline = Watched(store);

        store.Update(fleet => fleet);
        _clock.Push(1000);

        Assert.That(timeline.Head!.Seq, Is.EqualTo(1));
    }

    [Test]
    public void A_turning_point_makes_a_version_within_a_tenth_of_the_interval_even_if_it_changes_nothing()
    {
        var store = Store();
        var timeline = Watched(store);
        _clock.Push(100);
        store.Update(fleet => fleet with { Load = 1 });
        _clock.RunDue();

        store.Announce(new StateEvent("done", StateEventClass.Milestone));
        _clock.Push(10);

        Assert.That(timeline.Head!.Seq, Is.EqualTo(3));
        Assert.That(timeline.LastMilestone, Is.EqualTo(3));
    }

    [Test]
    public void Turning_points_in_a_storm_make_no_more_than_two_versions_an_interval()
    {
        var store = Store();
        var timeline = Watched(store);
        var versions = new HashSet<long>();

        for (var number = 1; number <= 1000; number++)
        {
            store.Update(fleet => fleet with { Load = number }, new StateEvent("done", StateEventClass.Milestone));
            _clock.Push(1);
            versions.Add(timeline.Head!.Seq);
        }

        Assert.That(versions, Has.Count.InRange(10, 21));
    }

    [Test]
    public void Events_are_counted_from_one_and_the_newest_are_held()
    {
        var store = Store();
        var timeline = Watched(store, new WebServerOptions { RetainedStateEvents = 3 });

        for (var number = 1; number <= 5; number++)
            store.Announce(new StateEvent("event_" + number));

        Assert.That(timeline.EventCount, Is.EqualTo(5));
        Assert.That(timeline.EventsAfter(0).Select(told => (told.N, told.Event.Type)), Is.EqualTo(new[] { (3L, "event_3"), (4L, "event_4"), (5L, "event_5") }));
        Assert.That(timeline.EventsAfter(4).Select(told => told.N), Is.EqualTo(new[] { 5L }));
    }

    [Test]
    public void Progress_is_no_event_to_tell()
    {
        var store = Store();
        var timeline = Watched(store);

        store.Announce(new StateEvent("tick", StateEventClass.Progress));

        Assert.That(timeline.EventCount, Is.Zero);
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(64)]
    public void No_more_versions_are_held_than_the_option_says(int retained)
    {
        var store = Store();
        var timeline = Watched(store, new WebServerOptions { RetainedVersions = retained });

        for (var number = 1; number <= 100; number++)
        {
            store.Update(fleet => fleet with { Load = number });
            _clock.Push(100);
        }

        var held = Enumerable.Range(1, 101).Count(seq => timeline.Find(seq) is not null);
        Assert.That(held, Is.EqualTo(retained));
        Assert.That(timeline.Find(101), Is.SameAs(timeline.Head));
    }

    [Test]
    public void The_versions_held_beside_the_newest_take_no_more_bytes_than_the_option_says()
    {
        var store = Store();
        var timeline = Watched(store, new WebServerOptions { RetainedBytes = 5000 });

        for (var number = 1; number <= 20; number++)
        {
            store.Update(fleet => fleet with { Name = new string((char)('a' + number), 1000) });
            _clock.Push(100);
        }

        var held = Enumerable.Range(1, 21).Where(seq => timeline.Find(seq) is not null).ToList();
        Assert.That(held, Is.EqualTo(new[] { 17, 18, 19, 20, 21 }));
    }

    [Test]
    public void Without_room_for_older_versions_the_newest_is_held_all_the_same()
    {
        var store = Store();
        var timeline = Watched(store, new WebServerOptions { RetainedBytes = 0 });

        store.Update(fleet => fleet with { Load = 1 });
        _clock.Push(100);

        Assert.That(timeline.Find(1), Is.Null);
        Assert.That(timeline.Find(2), Is.SameAs(timeline.Head));
    }

    [Test]
    public void A_delta_is_computed_once_however_many_ask_at_the_same_moment()
    {
        var store = Store();
        store.Update(fleet => fleet with { Name = "a name that is longer than the delta" });
        var timeline = Watched(store);
        var before = timeline.Head!;
        store.Update(fleet => fleet with { Load = 1 });
        _clock.Push(100);
        var counted = 0L;
        using var counting = Count("staterelay.deltas", () => Interlocked.Increment(ref counted));

        var deltas = new ReadOnlyMemory<byte>?[64];
        Parallel.For(0, deltas.Length, asker => deltas[asker] = timeline.Delta(before, timeline.Head!));

        Assert.That(counted, Is.EqualTo(1));
        Assert.That(deltas.Select(delta => Encoding.UTF8.GetString(delta!.Value.Span)), Is.All.EqualTo("""[{"op":"replace","path":"/load","value":1}]"""));
    }

    [Test]
    public void A_delta_larger_than_the_snapshot_is_not_worth_sending()
    {
        var store = Store();
        var timeline = Watched(store);
        var before = timeline.Head!;

        store.Update(_ => new Fleet("f", []) { Load = 123456789 });
        _clock.Push(100);

        Assert.That(timeline.Delta(before, timeline.Head!), Is.Null);
    }

    [Test]
    public void A_value_that_JSON_cannot_carry_is_reported_with_its_path_and_viewers_keep_the_previous_version()
    {
        var failures = new List<StateWriteFailure>();
        var store = Store(new StateOptions { WriteFailed = failures.Add });
        var timeline = Watched(store);

        store.Update(fleet => fleet with { Load = double.NaN });
        _clock.Push(100);

        Assert.That(failures.Select(failure => (failure.Version, failure.Path)), Is.EqualTo(new[] { (2L, "$.load") }));
        Assert.That(_logger.Lines, Has.Some.Matches<(Microsoft.Extensions.Logging.LogLevel Level, Microsoft.Extensions.Logging.EventId Id, string Text, Exception? Error)>(
            line => line.Id.Id == 1002 && line.Text.Contains("$.load", StringComparison.Ordinal)));
        Assert.That((timeline.Head!.Seq, timeline.IsFailing), Is.EqualTo((1L, true)));
    }

    [Test]
    public void The_next_state_that_can_be_written_recovers_by_itself()
    {
        var store = Store();
        var timeline = Watched(store);
        store.Update(fleet => fleet with { Load = double.NaN });
        _clock.Push(100);

        store.Update(fleet => fleet with { Load = 2 });
        _clock.Push(100);

        Assert.That((timeline.Head!.Seq, timeline.IsFailing), Is.EqualTo((3L, false)));
    }

    [Test]
    public void The_path_of_a_bad_value_deep_in_lists_is_found()
    {
        var failures = new List<StateWriteFailure>();
        var store = new StateStore<Dictionary<string, List<double>>>(
            new() { ["fine"] = [1, 2], ["speeds"] = [1, 2, double.PositiveInfinity] },
            NestedJson.Default.DictionaryStringListDouble,
            new StateOptions { WriteFailed = failures.Add });

        var timeline = Watched(store);

        Assert.That(failures.Single().Path, Is.EqualTo("$.speeds[2]"));
        Assert.That(timeline.Latest(), Is.Null);
    }

    [Test]
    public void A_hook_that_throws_is_logged_and_changes_nothing()
    {
        var store = Store(new StateOptions { WriteFailed = _ => throw new FormatException("hook") });
        var timeline = Watched(store);

        store.Update(fleet => fleet with { Load = double.NaN });
        _clock.Push(100);
        store.Update(fleet => fleet with { Load = 1 });
        _clock.Push(100);

        Assert.That(timeline.Head!.Seq, Is.EqualTo(3));
        Assert.That(_logger.Lines.Select(line => line.Id.Id), Has.Some.EqualTo(1003));
    }

    [Test]
    public void A_converter_that_writes_no_JSON_costs_the_delta_and_is_logged()
    {
        var store = new StateStore<Raw>(new Raw("[1,2,3,"), RawJson.Default.Raw, clock: _clock);
        var timeline = Watched(store);
        var before = timeline.Head!;

        store.Update(_ => new Raw("{\"a\":[1,"));
        _clock.Push(100);

        Assert.That(timeline.Delta(before, timeline.Head!), Is.Null);
        Assert.That(_logger.Lines.Select(line => line.Id.Id), Has.Some.EqualTo(1004));
    }

    [Test]
    public void Once_disposed_it_follows_the_state_no_more()
    {
        var store = Store();
        var timeline = Watched(store);

        timeline.Dispose();
        store.Update(fleet => fleet with { Load = 1 });
        _clock.Push(1000);

        Assert.That(timeline.Head!.Seq, Is.EqualTo(1));
        Assert.That(_clock.TimerCount, Is.Zero);
    }

    [Test]
    public void Who_keeps_a_value_up_to_date_hears_of_every_watcher_and_is_asked_before_the_newest_is_given()
    {
        var source = new Source();
        var store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet, clock: _clock) { Source = source };
        source.Refreshing = () => store.Update(fleet => fleet with { Load = 7 });
        var timeline = Unwatched(store);
        _clock.Push(1000);

        timeline.Watch();
        timeline.Watch();
        timeline.Unwatch();

        Assert.That(source.Watchers, Is.EqualTo(1));
        Assert.That(Text(timeline.Latest()!), Does.Contain("\"load\":7"));
    }

    private sealed class Source : IStateSource
    {
        public int Watchers { get; private set; }

        public Action Refreshing { get; set; } = () => { };

        public void Watch() => Watchers++;

        public void Unwatch() => Watchers--;

        public void Refresh() => Refreshing();
    }

    private static System.Diagnostics.Metrics.MeterListener Count(string instrument, Action counted)
    {
        var listener = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (published, listener) =>
            {
                if (published.Name == instrument)
                    listener.EnableMeasurementEvents(published);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => counted());
        listener.Start();
        return listener;
    }

    private static string Text(StateVersion version) => Encoding.UTF8.GetString(version.Utf8.Span);

    private StateStore<Fleet> Store(StateOptions? options = null) => new(Fleet.Empty, TestFleetJson.Default.Fleet, options, _clock);

    private StateTimeline Watched(StateStore store, WebServerOptions? options = null)
    {
        var timeline = Unwatched(store, options);
        timeline.Watch();
        return timeline;
    }

    private StateTimeline Unwatched(StateStore store, WebServerOptions? options = null)
    {
        var timeline = new StateTimeline("state", store, options ?? new WebServerOptions(), _clock, _instruments, _logger);
        _made.Add(timeline);
        timeline.Latest(); // as a server does when it starts
        return timeline;
    }
}
