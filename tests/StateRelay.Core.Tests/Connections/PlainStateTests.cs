using System.Text.Json.Nodes;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.Connections;

public sealed class PlainStateTests
{
    [Test]
    public async Task A_newcomer_starts_with_everything_that_is_true_now()
    {
        using var relay = new TestRelay();
        relay.Update(fleet => fleet.With("T7", 81));
        using var viewer = relay.ConnectPlain();

        var first = await viewer.NextAsync();

        Assert.That(first.Select(member => member.Key), Is.EqualTo(new[] { "type", "state", "timestamp" }));
        Assert.That(first["state"]!.ToJsonString(), Is.EqualTo("""{"name":"fleet","trucks":[{"id":"T7","speed":81}],"load":0}"""));
        Assert.That((string?)first["timestamp"], Does.EndWith("Z"));
    }

    [Test]
    public async Task Progress_without_a_projection_is_the_state_whole()
    {
        using var relay = new TestRelay();
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");

        relay.Update(fleet => fleet with { Load = 2 });

        var next = await viewer.NextAsync();
        Assert.That(next.ToJsonString(), Is.EqualTo("""{"type":"state_snapshot","state":{"name":"fleet","trucks":[],"load":2}}"""));
    }

    [Test]
    public async Task Progress_with_a_projection_has_the_members_that_the_host_chose()
    {
        using var relay = new TestRelay(stateOptions: new StateOptions
        {
            ProgressProjection = (writer, state) => writer.WriteNumber("load", state.GetProperty("load").GetDouble()),
        });
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");

        relay.Update(fleet => fleet with { Load = 2 });

        var delta = await viewer.NextAsync("progress_delta");
        Assert.That(delta.Select(member => member.Key), Is.EqualTo(new[] { "type", "timestamp", "load" }));
    }

    [Test]
    public async Task A_projection_that_throws_costs_viewers_only_the_short_form()
    {
        using var relay = new TestRelay(stateOptions: new StateOptions { ProgressProjection = (_, _) => throw new FormatException("mine") });
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");

        relay.Update(fleet => fleet with { Load = 2 });

        await viewer.NextAsync("state_snapshot");
        Assert.That(relay.Logger.Lines.Select(line => line.Id.Id), Has.One.EqualTo(1206));
    }

    [Test]
    public async Task A_notice_is_told_at_once_as_an_event()
    {
        using var relay = new TestRelay();
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");

        relay.Store.Announce(new StateEvent("truck_lost") { Subject = "T7", Data = System.Text.Json.JsonDocument.Parse("""{"km":3}""").RootElement });
        relay.Clock.Push(10);

        var told = await viewer.NextAsync("state_event");
        Assert.That(told.Select(member => member.Key), Is.EqualTo(new[] { "type", "event", "timestamp" }));
        Assert.That(told["event"]!.AsObject().Select(member => member.Key), Is.EqualTo(new[] { "type", "timestamp", "subject", "data" }));
        Assert.That((int)told["event"]!["data"]!["km"]!, Is.EqualTo(3));
    }

    [Test]
    public async Task A_turning_point_is_the_state_whole_even_where_there_is_a_projection()
    {
        using var relay = new TestRelay(stateOptions: new StateOptions { ProgressProjection = (_, _) => { } });
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");

        relay.Update(fleet => fleet with { Load = 2 }, new StateEvent("done", StateEventClass.Milestone));
        var turned = await viewer.NextAsync();
        relay.Update(fleet => fleet with { Load = 3 });
        var progress = await viewer.NextAsync();

        Assert.That(turned.ToJsonString(), Is.EqualTo("""{"type":"state_snapshot","state":{"name":"fleet","trucks":[],"load":2}}"""));
        Assert.That((string?)progress["type"], Is.EqualTo("progress_delta"));
    }

    [TestCase("""{"type":"ping","seq":[1,{"a":null}]}""", """{"type":"pong","seq":[1,{"a":null}]}""")]
    [TestCase("""{"type":"ping"}""", """{"type":"pong"}""")]
    [TestCase("""{"TYPE":"ping","Seq":"x"}""", """{"type":"pong","seq":"x"}""")]
    public async Task A_ping_is_answered_with_its_seq(string ping, string pong)
    {
        using var relay = new TestRelay();
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");

        await viewer.SayAsync(ping);

        Assert.That((await viewer.NextAsync()).ToJsonString(), Is.EqualTo(pong));
    }

    [TestCase("""{"type":"dance"}""")]
    [TestCase("""{}""")]
    [TestCase("""not json""")]
    [TestCase("""[1,2,3,4]""")]
    [TestCase("")]
    public async Task Anything_else_a_client_says_is_tolerated(string text)
    {
        using var relay = new TestRelay();
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");

        await viewer.SayAsync(text);

        await viewer.HearsNothingAsync();
    }

    [Test]
    public async Task A_silent_viewer_is_never_timed_out()
    {
        using var relay = new TestRelay();
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");

        relay.Clock.Push(TimeSpan.FromDays(2));
        relay.Update(fleet => fleet with { Load = 2 });

        await viewer.NextAsync("state_snapshot");
    }

    [Test]
    public async Task An_acknowledgement_counts_once_the_end_was_sent()
    {
        using var relay = new TestRelay();
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");
        await viewer.SayAsync("""{"type":"completion_ack"}""");
        await viewer.SettleAsync();
        relay.Update(fleet => fleet with { Load = 100 }, new StateEvent("done", StateEventClass.Milestone));
        await viewer.NextAsync("state_snapshot");

        var waiting = relay.Topic.WaitForCompletionAckAsync(TimeSpan.FromSeconds(30), default);
        var early = waiting.IsCompleted;
        await viewer.SayAsync("""{"type":"completion_ack","timestamp":1763762400000}""");

        Assert.That(early, Is.False);
        Assert.That(await waiting.WaitAsync(TestTimeouts.Guard), Is.EqualTo(CompletionAck.Acknowledged));
    }

    [Test]
    public async Task A_viewer_who_comes_before_there_is_any_version_is_served_when_there_is_one()
    {
        using var relay = new TestRelay();
        var store = new StateStore<Fleet>(Fleet.Empty with { Load = double.NaN }, TestFleetJson.Default.Fleet, clock: relay.Clock);
        relay.Add("broken", store);
        using var viewer = relay.ConnectPlain("/ws?topic=broken");
        await viewer.HearsNothingAsync();

        store.Update(fleet => fleet with { Load = 1 });
        relay.Clock.Push(100);

        Assert.That((double)(await viewer.NextAsync("state_snapshot"))["state"]!["load"]!, Is.EqualTo(1));
    }

    [Test]
    public async Task At_shutdown_the_last_state_goes_out_first_however_soon_it_came()
    {
        using var relay = new TestRelay();
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");
        relay.Store.Update(fleet => fleet with { Load = 7 });

        var draining = relay.Roster.DrainAsync(default);

        Assert.That((double)(await viewer.NextAsync("state_snapshot"))["state"]!["load"]!, Is.EqualTo(7));
        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(1001));
        await draining.WaitAsync(TestTimeouts.Guard);
    }

    [Test]
    public async Task At_shutdown_the_connection_is_closed_with_1001()
    {
        using var relay = new TestRelay();
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");

        var draining = relay.Roster.DrainAsync(default);

        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(1001));
        await draining.WaitAsync(TestTimeouts.Guard);
    }

    [Test]
    public async Task A_message_that_is_too_big_ends_the_connection_with_1009_and_nobody_else_notices()
    {
        using var relay = new TestRelay(new WebServerOptions { MaxMessageBytes = 1024 });
        using var witness = relay.ConnectPlain();
        using var viewer = relay.ConnectPlain();
        await viewer.NextAsync("state_snapshot");

        await viewer.SayAsync($"{{\"type\":\"ping\",\"x\":\"{new string('x', 1024 - 22)}\"}}");
        await viewer.NextAsync("pong");
        await viewer.SayAsync($"{{\"type\":\"ping\",\"x\":\"{new string('x', 1024 - 21)}\"}}");

        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(1009));
        await witness.NextAsync("state_snapshot");
        await witness.HearsNothingAsync();
    }

    [Test]
    public async Task A_viewer_that_stops_reading_delays_nobody_holds_one_frame_and_is_cut_off_at_the_write_timeout()
    {
        using var relay = new TestRelay();
        using var stuck = relay.ConnectPlain(capacity: 1024);
        using var healthy = relay.ConnectPlain();
        await healthy.NextAsync("state_snapshot");

        for (var number = 1; number <= 50; number++)
        {
            relay.Update(fleet => fleet with { Name = new string('x', 2000), Load = number });
            Assert.That((double)(await healthy.NextAsync())["state"]!["load"]!, Is.EqualTo(number));
        }

        await stuck.EndedWithinAsync(TimeSpan.FromSeconds(11));

        Assert.That(relay.Roster.ClientCount, Is.EqualTo(1));
        await healthy.HearsNothingAsync();
    }

    [Test]
    public async Task A_viewer_of_an_unknown_state_or_mode_is_refused_before_the_upgrade()
    {
        using var relay = new TestRelay();

        var topic = await relay.HandshakeAsync(CannedExchange.Handshake("/ws?topic=none"));
        var mode = await relay.HandshakeAsync(CannedExchange.Handshake("/ws?mode=dance"));

        Assert.That((topic.Answer!.Status, mode.Answer!.Status), Is.EqualTo((404, 400)));
        Assert.That((string?)JsonNode.Parse(topic.AnsweredText)!["error"], Is.EqualTo("unknown_topic"));
    }
}
