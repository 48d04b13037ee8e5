using System.Text.Json.Nodes;

using StateRelay.Dashboard;
using StateRelay.Diagnostics;
using StateRelay.Security;
using StateRelay.State;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Dashboard;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class StateEndpointTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly Instruments _instruments = new();
    private readonly StateStore<Some.Job> _store;
    private readonly StateTimeline _timeline;
    private readonly StateEndpoint _endpoint;

    public StateEndpointTests()
    {
        _store = Some.Store(new string('x', 500), done: 1);
        _timeline = Timeline("state", _store);
        _endpoint = new StateEndpoint([_timeline], new OriginRules(["https://tools.example"]));
    }

    public void Dispose()
    {
        _timeline.Dispose();
        _instruments.Dispose();
    }

    [Test]
    public async Task The_newest_version_is_given_with_its_position()
    {
        var exchange = await AskAsync("/api/state");

        Assert.That(exchange.Answer!.Status, Is.EqualTo(200));
        Assert.That(exchange.AnsweredText, Is.EqualTo("{\"type\":\"state_snapshot\",\"state\":{\"Name\":\"" + _store.Current.Name + "\",\"Done\":1}}"));
        Assert.That(exchange.Answered("ETag"), Is.EqualTo($"\"{_timeline.Epoch}:1\""));
        Assert.That(exchange.Answered("Cache-Control"), Is.EqualTo("private, no-cache"));
    }

    [Test]
    public async Task A_change_shows_when_its_version_is_due()
    {
        Set(2);

        var exchange = await AskAsync("/api/state");

        Assert.That(exchange.AnsweredText, Does.Contain("\"Done\":2"));
        Assert.That(exchange.Answered("ETag"), Is.EqualTo($"\"{_timeline.Epoch}:2\""));
    }

    [Test]
    public async Task Whoever_has_the_newest_version_is_told_so()
    {
        var tag = (await AskAsync("/api/state")).Answered("ETag");

        var same = await AskAsync("/api/state", exchange => exchange.With("If-None-Match", tag));
        Set(2);
        var changed = await AskAsync("/api/state", exchange => exchange.With("If-None-Match", tag));

        Assert.That(same.Answer!.Status, Is.EqualTo(304));
        Assert.That(same.Answered("ETag"), Is.EqualTo(tag));
        Assert.That(changed.Answer!.Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Since_a_held_position_only_the_delta_is_given()
    {
        await AskAsync("/api/state");
        Set(2);

        var exchange = await AskAsync($"/api/state?since={_timeline.Epoch}:1");

        var delta = JsonNode.Parse(exchange.AnsweredText)!;
        Assert.That((string?)delta["type"], Is.EqualTo("state_delta"));
        Assert.That((string?)delta["epoch"], Is.EqualTo(_timeline.Epoch));
        Assert.That(((long)delta["prev"]!, (long)delta["seq"]!), Is.EqualTo((1L, 2L)));
        Assert.That(delta["patch"]!.ToJsonString(), Is.EqualTo("""[{"op":"replace","path":"/Done","value":2}]"""));
        Assert.That(exchange.Answered("ETag"), Is.EqualTo($"\"{_timeline.Epoch}:2\""));
    }

    [Test]
    public async Task Since_the_newest_position_nothing_has_changed()
    {
        var exchange = await AskAsync($"/api/state?since={_timeline.Epoch}:1");

        Assert.That(exchange.AnsweredText, Is.EqualTo($$"""{"type":"state_delta","epoch":"{{_timeline.Epoch}}","prev":1,"seq":1,"patch":[]}"""));
    }

    [TestCase("other:1")]
    [TestCase("EPOCH:0")]
    [TestCase("EPOCH:99")]
    public async Task Since_a_position_that_is_not_held_the_snapshot_is_given(string since)
    {
        var exchange = await AskAsync($"/api/state?since={since.Replace("EPOCH", _timeline.Epoch, StringComparison.Ordinal)}");

        Assert.That(exchange.AnsweredText, Does.StartWith("""{"type":"state_snapshot","state":{"""));
    }

    [Test]
    public async Task Since_a_position_from_which_everything_changed_the_snapshot_is_given()
    {
        _store.Update(_ => new Some.Job("a", 1));
        _clock.Push(TimeSpan.FromSeconds(1));
        var position = (await AskAsync("/api/state")).Answered("ETag")!.Trim('"');
        _store.Update(_ => new Some.Job("b", 2));
        _clock.Push(TimeSpan.FromSeconds(1));

        var exchange = await AskAsync($"/api/state?since={position}");

        Assert.That(exchange.AnsweredText, Is.EqualTo("{\"type\":\"state_snapshot\",\"state\":{\"Name\":\"b\",\"Done\":2}}"));
    }

    [TestCase("")]
    [TestCase("1")]
    [TestCase(":1")]
    [TestCase("abc:")]
    [TestCase("abc:-1")]
    [TestCase("abc:1x")]
    [TestCase("abc:99999999999999999999")]
    public async Task A_position_that_is_none_is_refused(string since)
    {
        var exchange = await AskAsync($"/api/state?since={since}");

        Assert.That(exchange.Answer!.Status, Is.EqualTo(400));
        Assert.That(exchange.AnsweredText, Does.Contain("bad_since"));
    }

    [Test]
    public async Task Other_states_are_given_by_name()
    {
        using var second = Timeline("second", Some.Store("other", 42));
        var endpoint = new StateEndpoint([_timeline, second], new OriginRules([]));

        var found = new CannedExchange("GET", "/api/state?topic=second");
        var unknown = new CannedExchange("GET", "/api/state?topic=third");
        await endpoint.Route.Endpoint(found);
        await endpoint.Route.Endpoint(unknown);

        Assert.That(found.AnsweredText, Does.Contain("42"));
        Assert.That(unknown.Answer!.Status, Is.EqualTo(404));
        Assert.That(unknown.AnsweredText, Does.Contain("unknown_topic"));
    }

    [Test]
    public async Task Who_names_none_gets_the_first()
    {
        using var second = Timeline("second", Some.Store("other", 42));
        var unnamed = new CannedExchange("GET", "/api/state");
        var nothing = new CannedExchange("GET", "/api/state");

        await new StateEndpoint([second, _timeline], new OriginRules([])).Route.Endpoint(unnamed);
        await new StateEndpoint([], new OriginRules([])).Route.Endpoint(nothing);

        Assert.That(unnamed.AnsweredText, Does.Contain("42"));
        Assert.That(nothing.Answer!.Status, Is.EqualTo(404));
    }

    [Test]
    public async Task A_state_that_could_never_be_written_is_an_error_and_a_later_failure_is_not()
    {
        using var never = Timeline("state", Some.Store("never", double.NaN));
        var failing = new CannedExchange("GET", "/api/state");
        await new StateEndpoint([never], new OriginRules([])).Route.Endpoint(failing);

        Set(double.NaN);
        var standing = await AskAsync("/api/state");
        Set(3);
        var recovered = await AskAsync("/api/state");

        Assert.That(failing.Answer!.Status, Is.EqualTo(500));
        Assert.That(failing.AnsweredText, Does.Contain("state_unwritable"));
        Assert.That(standing.AnsweredText, Does.Contain("\"Done\":1"));
        Assert.That(recovered.AnsweredText, Does.Contain("\"Done\":3"));
    }

    [Test]
    public async Task Pages_of_listed_origins_may_read_it_and_no_others()
    {
        var listed = await AskAsync("/api/state", exchange => exchange.With("Origin", "https://tools.example"));
        var other = await AskAsync("/api/state", exchange => exchange.With("Origin", "https://evil.example"));

        Assert.That(listed.Answered("Access-Control-Allow-Origin"), Is.EqualTo("https://tools.example"));
        Assert.That(listed.Answered("Access-Control-Expose-Headers"), Is.EqualTo("ETag"));
        Assert.That(other.Answered("Access-Control-Allow-Origin"), Is.Null);
        Assert.That((listed.Answered("Vary"), other.Answered("Vary")), Is.EqualTo(("Origin", "Origin")));
    }

    [Test]
    public async Task A_preflight_is_answered_for_listed_origins_only()
    {
        var listed = new CannedExchange("OPTIONS", "/api/state").With("Origin", "https://tools.example");
        var other = new CannedExchange("OPTIONS", "/api/state").With("Origin", "https://evil.example");
        await _endpoint.Route.Endpoint(listed);
        await _endpoint.Route.Endpoint(other);

        Assert.That((listed.Answer!.Status, other.Answer!.Status), Is.EqualTo((204, 204)));
        Assert.That(listed.Answered("Access-Control-Allow-Methods"), Is.EqualTo("GET, HEAD, OPTIONS"));
        Assert.That(listed.Answered("Access-Control-Allow-Headers"), Is.EqualTo("Authorization, If-None-Match"));
        Assert.That(other.Answer.Headers.Select(header => header.Key), Has.None.StartsWith("Access-Control"));
        Assert.That(other.Answered("Allow"), Is.EqualTo("GET, HEAD, OPTIONS"));
    }

    private async Task<CannedExchange> AskAsync(string target, Func<CannedExchange, CannedExchange>? change = null)
    {
        var exchange = new CannedExchange("GET", target);
        await _endpoint.Route.Endpoint(change?.Invoke(exchange) ?? exchange);
        return exchange;
    }

    private void Set(double value)
    {
        _store.Update(job => job with { Done = value });
        _clock.Push(TimeSpan.FromSeconds(1));
    }

    private StateTimeline Timeline(string name, StateStore store)
    {
        var timeline = new StateTimeline(name, store, new WebServerOptions(), _clock, _instruments, new CollectingLogger());
        timeline.Latest(); // as a server does when it starts
        return timeline;
    }
}
