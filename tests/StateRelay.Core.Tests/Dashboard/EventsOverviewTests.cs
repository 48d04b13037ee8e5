using System.Text;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Connections;
using StateRelay.Dashboard;
using StateRelay.Diagnostics;
using StateRelay.Events;
using StateRelay.GitHub;
using StateRelay.State;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Dashboard;

public sealed class EventsOverviewTests
{
    private readonly Instruments _instruments = new();
    private ManualClock _clock = null!;
    private Reported _hub = null!;
    private EventsOverview _overview = null!;

    [SetUp]
    public void Begin()
    {
        _clock = new ManualClock();
        _hub = new Reported(_clock);
        _overview = new EventsOverview(_hub.Report, () => _hub.Log.Head, null, _clock);
    }

    [TearDown]
    public void End() => _overview.Dispose();

    [OneTimeTearDown]
    public void Done() => _instruments.Dispose();

    [Test]
    public void Nothing_is_looked_at_while_nobody_watches()
    {
        for (var n = 0; n < 1000; n++)
            _hub.Broadcast(new Event("push"));
        _clock.Push(TimeSpan.FromHours(1));

        Assert.That(_overview.State.Version, Is.EqualTo(1));
        Assert.That(_overview.State.Current.Head, Is.Zero);
    }

    [Test]
    public void Who_asks_sees_what_is_so_then()
    {
        using var timeline = Timeline();
        _hub.Broadcast(new Event("push"));
        _clock.Push(EventsOverview.Pace);

        Assert.That(Json(timeline.Latest()!)["head"]!.GetValue<long>(), Is.EqualTo(1));
    }

    [Test]
    public void However_many_ask_the_hub_is_looked_at_a_few_times_a_second()
    {
        using var timeline = Timeline();

        for (var n = 0; n < 10_000; n++)
        {
            timeline.Latest();
            _clock.Push(1);
        }

        Assert.That(_overview.State.Version, Is.InRange(38, 42));
    }

    [Test]
    public void While_somebody_watches_what_happens_is_shown_within_the_pace_and_no_more_often()
    {
        using var timeline = Timeline();
        timeline.Watch();
        _clock.Push(TimeSpan.FromSeconds(10));
        var before = _overview.State.Version;

        for (var n = 1; n <= 1000; n++)
        {
            _hub.Broadcast(new Event("push"));
            _clock.Push(10);
        }

        _clock.Push(EventsOverview.Pace + TimeSpan.FromMilliseconds(100));
        Assert.That(Json(timeline.Head!)["head"]!.GetValue<long>(), Is.EqualTo(1000));
        Assert.That(_overview.State.Version - before, Is.InRange(38, 43));
    }

    [Test]
    public void A_quiet_hub_is_looked_at_once_a_second_and_makes_no_version_but_for_the_passing_time()
    {
        using var timeline = Timeline();
        timeline.Watch();
        _clock.Push(TimeSpan.FromSeconds(6));
        var (looks, version) = (_overview.State.Version, timeline.Head);

        _clock.Push(TimeSpan.FromSeconds(3));
        Assert.That(_overview.State.Version - looks, Is.EqualTo(3));
        Assert.That(timeline.Head, Is.SameAs(version));

        _clock.Push(TimeSpan.FromSeconds(2));
        Assert.That(Encoding.UTF8.GetString(timeline.Delta(version!, timeline.Head!)!.Value.Span), Does.Contain("/rate/history").And.Not.Contain("/events"));
    }

    [Test]
    public void When_the_last_watcher_is_gone_so_is_the_timer()
    {
        using var timeline = Timeline();
        timeline.Watch();
        timeline.Watch();
        _clock.Push(TimeSpan.FromSeconds(1));

        timeline.Unwatch();
        _clock.Push(TimeSpan.FromSeconds(1));
        Assert.That(_clock.NextDueIn, Is.LessThanOrEqualTo(EventsOverview.Pace));

        timeline.Unwatch();
        _clock.Push(TimeSpan.FromSeconds(1));
        var looks = _overview.State.Version;
        _clock.Push(TimeSpan.FromMinutes(1));
        Assert.That(_overview.State.Version, Is.EqualTo(looks));

        timeline.Watch();
        _hub.Broadcast(new Event("push"));
        _clock.Push(TimeSpan.FromSeconds(1));
        Assert.That(Json(timeline.Head!)["head"]!.GetValue<long>(), Is.EqualTo(1));
    }

    [Test]
    public void An_event_is_told_with_all_that_is_known_of_it()
    {
        _hub.Broadcast(
            new Event("check_run") { Url = "https://github.com/acme/widgets/pull/42", DeliveryId = "72d3162e", CommitSha = "1a2b3c4d" },
            matched: 2);

        Assert.That(Shown()["events"]!.ToJsonString(), Is.EqualTo(
            """[{"id":1,"type":"check_run","url":"https://github.com/acme/widgets/pull/42","time":"2026-11-21T22:00:00Z","delivery":"72d3162e","commit":"1a2b3c4d","sentTo":2}]"""));
        Assert.That(Shown()["counts"]!.ToJsonString(), Is.EqualTo("""{"sent":2}"""));
    }

    [Test]
    public void Deliveries_are_told_by_what_became_of_them()
    {
        var deliveries = new DeliveryTally();
        foreach (var outcome in Enum.GetValues<DeliveryOutcome>())
            deliveries.Count(outcome);
        deliveries.Count(DeliveryOutcome.Relayed);

        using var overview = new EventsOverview(_hub.Report, () => _hub.Log.Head, deliveries, _clock);

        Assert.That(overview.State.Current.Counts, Is.EqualTo(new EventCounts { Sent = 0, Received = 7, Relayed = 2, Duplicate = 1, Ignored = 1, Refused = 3 }));
    }

    [Test]
    public void Of_many_events_the_latest_hundred_are_told_newest_first_and_the_rest_is_counted()
    {
        for (var n = 1; n <= 101; n++)
            _hub.Broadcast(new Event("push"));

        var shown = Shown();
        var numbers = shown["events"]!.AsArray().Select(told => told!["id"]!.GetValue<long>());
        Assert.That(numbers, Is.EqualTo(Enumerable.Range(2, 100).Reverse()));
        Assert.That(shown["earlierEvents"]!.GetValue<long>(), Is.EqualTo(1));
    }

    [Test]
    public void One_more_event_is_a_small_delta_however_long_the_list()
    {
        using var timeline = Timeline();
        timeline.Watch();
        for (var n = 1; n <= 500; n++)
            _hub.Broadcast(new Event("push") { Url = "https://github.com/acme/widgets", DeliveryId = Guid.NewGuid().ToString() });
        _clock.Push(1001);
        var before = timeline.Head!;

        _hub.Broadcast(new Event("push") { Url = "https://github.com/acme/widgets" });
        _clock.Push(1001);

        Assert.That(timeline.Delta(before, timeline.Head!)!.Value.Length, Is.LessThan(800));
        Assert.That(timeline.Head!.Utf8.Length, Is.GreaterThan(15_000));
    }

    [Test]
    public void Whoever_follows_is_told_with_name_what_how_far_behind_and_since_when()
    {
        Follow("amy", wanted: new Subscription { Organization = "acme", EventTypes = ["push", "pull_request"] });
        _clock.Push(TimeSpan.FromMinutes(1));
        Follow("ben", behind: 5);

        Assert.That(Shown()["clients"]!.ToJsonString(), Is.EqualTo(
            """
            [{"id":"amy","name":"amy","follows":"acme: push, pull_request","behind":0,"since":"2026-11-21T22:00:00Z"},
            {"id":"ben","name":"ben","follows":"all organizations","behind":5,"since":"2026-11-21T22:01:00Z"}]
            """.ReplaceLineEndings("")));
    }

    [Test]
    public void Of_many_clients_a_hundred_are_told_and_the_rest_is_counted()
    {
        for (var n = 1; n <= 150; n++)
            Follow($"c{n:d3}");

        var shown = Shown();
        Assert.That(shown["clients"]!.AsArray(), Has.Count.EqualTo(EventsOverview.MaxClients));
        Assert.That(shown["moreClients"]!.GetValue<int>(), Is.EqualTo(50));
        Assert.That(shown["subscriptions"]!.GetValue<int>(), Is.EqualTo(150));
    }

    [Test]
    public void Readers_of_this_program_are_told_apart()
    {
        _hub.Followers.Add(new FollowerReport("program", 0, "", new Subscription { Organization = "*" }, 0, _clock.GetUtcNow()));
        _hub.Followers.Add(new FollowerReport("program", 0, "", new Subscription { Organization = "*" }, 0, _clock.GetUtcNow()));

        var clients = Shown()["clients"]!.AsArray();

        Assert.That(clients.Select(client => client!["name"]!.GetValue<string>()), Has.All.EqualTo("(this program)"));
        Assert.That(clients.Select(client => client!["id"]!.GetValue<string>()), Is.Unique);
    }

    [Test]
    public void Rates_are_told_as_they_were()
    {
        for (var n = 0; n < 200; n++)
        {
            _hub.Broadcast(new Event("push"));
            _clock.Push(100);
        }

        var rate = Shown()["rate"]!;
        Assert.That(rate["now"]!.GetValue<double>(), Is.EqualTo(10).Within(1));
        Assert.That(rate["history"]!.AsArray().TakeLast(4).Select(point => point!["value"]!.GetValue<double>()), Has.All.EqualTo(10));
        Assert.That(rate["history"]!.AsArray()[^1]!["time"]!.GetValue<string>(), Is.EqualTo("2026-11-21T22:00:20Z"));
    }

    [Test]
    public void What_others_wrote_at_length_is_cut_but_for_addresses_which_are_whole_or_not_there()
    {
        var whole = "https://ci.example/" + new string('a', 1981);
        _hub.Broadcast(new Event(new string('t', 1000)) { Url = whole, DeliveryId = new string('d', 1000), CommitSha = new string('c', 1000) });
        _hub.Broadcast(new Event("push") { Url = whole + "a" });

        var events = Shown()["events"]!.AsArray();
        Assert.That(events[0]!["url"], Is.Null);
        Assert.That(events[1]!["url"]!.GetValue<string>(), Is.EqualTo(whole));
        Assert.That(
            ((string[])["type", "delivery", "commit"]).Select(member => events[1]![member]!.GetValue<string>().Length),
            Has.All.EqualTo(201));
    }

    private void Follow(string name, long behind = 0, Subscription? wanted = null) =>
        _hub.Followers.Add(new FollowerReport(name, 0, name, wanted ?? new Subscription { Organization = "*" }, behind, _clock.GetUtcNow()));

    private JsonNode Shown()
    {
        using var timeline = Timeline();
        _clock.Push(EventsOverview.Pace);
        return Json(timeline.Latest()!);
    }

    private StateTimeline Timeline() =>
        new(EventsOverview.Topic, _overview.State, Some.Options(), _clock, _instruments, NullLogger.Instance);

    private static JsonNode Json(StateVersion version) => JsonNode.Parse(version.Utf8.Span)!;

    /// <summary>Reports as a hub does, of what a test says.</summary>
    private sealed class Reported(ManualClock clock)
    {
        private long _matched;

        public EventLog Log { get; } = new(10_000, long.MaxValue, TimeSpan.FromHours(1));

        public List<FollowerReport> Followers { get; } = [];

        public void Broadcast(Event happened, int matched = 0)
        {
            Log.Append(happened with { Timestamp = clock.GetUtcNow() }, EventAudience.Everyone, clock.GetUtcNow()).Matched = matched;
            _matched += matched;
        }

        public HubReport Report(int maxEvents, int maxClients)
        {
            var (rate, history) = Log.PaceAt(clock.GetUtcNow());
            return new HubReport(
                Log.Head, _matched, rate, history, Log.After(Math.Max(0, Log.Head - maxEvents), maxEvents), Followers.Count, [.. Followers.Take(maxClients)]);
        }
    }
}
