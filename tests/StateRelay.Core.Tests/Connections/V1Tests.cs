using System.Text.Json.Nodes;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.Connections;

public sealed class V1Tests
{
    [Test]
    public async Task The_server_says_hello_first_with_its_limits()
    {
        using var relay = new TestRelay();
        using var viewer = relay.ConnectV1();

        var hello = await viewer.NextAsync("hello");

        Assert.That(hello.Select(member => member.Key), Is.EqualTo(new[] { "type", "v", "session", "time", "ping", "limits" }));
        Assert.That(hello["ping"]!.ToJsonString(), Is.EqualTo("""{"interval":25000,"timeout":10000}"""));
        Assert.That(hello["limits"]!.ToJsonString(), Is.EqualTo("""{"message":32768,"subscriptions":64}"""));
    }

    [Test]
    public async Task A_newcomer_gets_its_confirmation_and_the_snapshot_in_one_frame()
    {
        using var relay = new TestRelay();
        relay.Update(fleet => fleet with { Load = 5 });
        using var viewer = relay.ConnectV1();
        await viewer.NextAsync("hello");

        await viewer.SayAsync("""{"type":"subscribe","id":1,"topic":"state"}""");
        var frame = JsonNode.Parse((await viewer.Socket.ReceiveTextAsync())!)!.AsArray();

        Assert.That(frame[0]!.ToJsonString(), Is.EqualTo(
            $$$"""{"type":"subscription_confirmed","id":1,"sub":1,"topic":"state","epoch":"{{{relay.Topic.Timeline.Epoch}}}","seq":2,"recovered":false}"""));
        Assert.That(frame[1]!.ToJsonString(), Is.EqualTo(
            $$$"""{"type":"state_snapshot","sub":1,"epoch":"{{{relay.Topic.Timeline.Epoch}}}","seq":2,"state":{"name":"fleet","trucks":[],"load":5}}"""));
    }

    [Test]
    public async Task A_change_is_a_delta_from_the_position_before()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);

        relay.Update(fleet => fleet with { Load = 5 });

        Assert.That((await viewer.NextAsync()).ToJsonString(), Is.EqualTo(
            """{"type":"state_delta","sub":1,"prev":2,"seq":3,"patch":[{"op":"replace","path":"/load","value":5}]}"""));
    }

    [Test]
    public async Task A_slow_viewer_gets_one_larger_delta_not_every_step()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);
        await viewer.SayAsync("""{"type":"update","sub":1,"paused":true}""");
        await viewer.SettleAsync();

        for (var number = 1; number <= 10; number++)
            relay.Update(fleet => fleet with { Load = number });
        await viewer.HearsNothingAsync();
        await viewer.SayAsync("""{"type":"update","sub":1,"paused":false}""");
        var delta = await viewer.NextAsync("state_delta");

        Assert.That((delta["prev"]!.GetValue<long>(), delta["seq"]!.GetValue<long>()), Is.EqualTo((2L, 12L)));
        Assert.That(delta["patch"]!.AsArray(), Has.Count.EqualTo(1));
        await viewer.HearsNothingAsync();
    }

    [Test]
    public async Task A_returning_viewer_whose_version_is_held_goes_on_with_one_delta()
    {
        using var relay = Big();
        using var gone = await SubscribedAsync(relay);
        gone.Dispose();
        await gone.Ended;
        relay.Update(fleet => fleet with { Load = 1 });
        relay.Update(fleet => fleet with { Load = 2 });
        using var viewer = relay.ConnectV1();
        await viewer.NextAsync("hello");

        await viewer.SayAsync($$$"""{"type":"subscribe","topic":"state","since":{"epoch":"{{{relay.Topic.Timeline.Epoch}}}","seq":2}}""");

        Assert.That((bool)(await viewer.NextAsync("subscription_confirmed"))["recovered"]!, Is.True);
        Assert.That((long)(await viewer.NextAsync("state_delta"))["prev"]!, Is.EqualTo(2));
    }

    [TestCase("""{"epoch":"another","seq":2}""", "epoch")]
    [TestCase("""{"epoch":"EPOCH","seq":1}""", "expired")]
    [TestCase("""{"epoch":"EPOCH","seq":99}""", "expired")]
    [TestCase("""{"epoch":"EPOCH","seq":0}""", null)]
    public async Task One_whose_version_is_not_held_is_told_why_and_starts_anew(string since, string? reason)
    {
        using var relay = Big(new WebServerOptions { RetainedVersions = 1 });
        using var viewer = relay.ConnectV1();
        await viewer.NextAsync("hello");

        await viewer.SayAsync($$$"""{"type":"subscribe","since":{{{since.Replace("EPOCH", relay.Topic.Timeline.Epoch, StringComparison.Ordinal)}}}}""");
        var confirmed = await viewer.NextAsync("subscription_confirmed");

        Assert.That(((bool)confirmed["recovered"]!, (string?)confirmed["reason"]), Is.EqualTo((false, reason)));
        await viewer.NextAsync("state_snapshot");
    }

    [Test]
    public async Task Events_come_before_the_delta_and_are_counted()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);

        relay.Update(fleet => fleet with { Load = 1 }, new StateEvent("item_completed", StateEventClass.Milestone) { Subject = "a" });
        var told = await viewer.NextAsync("state_event");

        Assert.That(((long)told["seq"]!, (long)told["n"]!, (string?)told["event"]!["subject"]), Is.EqualTo((3L, 1L, "a")));
        await viewer.NextAsync("state_delta");
    }

    [Test]
    public async Task A_returning_viewer_gets_the_events_still_held_and_sees_the_jump_where_some_are_gone()
    {
        using var relay = Big(new WebServerOptions { RetainedStateEvents = 2 });
        for (var number = 1; number <= 5; number++)
            relay.Store.Announce(new StateEvent("event_" + number));
        using var viewer = relay.ConnectV1();
        await viewer.NextAsync("hello");

        await viewer.SayAsync($$$"""{"type":"subscribe","since":{"epoch":"{{{relay.Topic.Timeline.Epoch}}}","seq":1,"n":1}}""");
        await viewer.NextAsync("subscription_confirmed");

        Assert.That((long)(await viewer.NextAsync("state_event"))["n"]!, Is.EqualTo(4));
        Assert.That((long)(await viewer.NextAsync("state_event"))["n"]!, Is.EqualTo(5));
    }

    [Test]
    public async Task A_rate_is_the_least_time_between_deltas()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay, """{"type":"subscribe","topic":"state","rate":1000}""");

        for (var number = 1; number <= 9; number++)
            relay.Update(fleet => fleet with { Load = number });
        await viewer.HearsNothingAsync();
        relay.Clock.Push(100);
        var delta = await viewer.NextAsync("state_delta");

        Assert.That((long)delta["seq"]!, Is.EqualTo(11));
        Assert.That(relay.Clock.GetUtcNow().Millisecond, Is.EqualTo(100));
    }

    [Test]
    public async Task Several_states_are_served_on_one_socket()
    {
        using var relay = Big();
        var other = new StateStore<Fleet>(Fleet.Empty with { Name = "other" }, TestFleetJson.Default.Fleet, clock: relay.Clock);
        relay.Add("other", other);
        using var viewer = await SubscribedAsync(relay);

        await viewer.SayAsync("""{"type":"subscribe","id":2,"topic":"other"}""");

        Assert.That((int)(await viewer.NextAsync("subscription_confirmed"))["sub"]!, Is.EqualTo(2));
        Assert.That((string?)(await viewer.NextAsync("state_snapshot"))["state"]!["name"], Is.EqualTo("other"));
    }

    [Test]
    public async Task A_subscription_that_was_ended_says_no_more()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);

        await viewer.SayAsync("""{"type":"unsubscribe","id":3,"sub":1}""");
        var ended = await viewer.NextAsync();
        relay.Update(fleet => fleet with { Load = 1 });

        Assert.That(ended.ToJsonString(), Is.EqualTo("""{"type":"unsubscribed","id":3,"sub":1}"""));
        await viewer.HearsNothingAsync();
    }

    [TestCase(2, true)]
    [TestCase(3, false)]
    public async Task Subscriptions_are_bounded(int wanted, bool granted)
    {
        using var relay = Big(new WebServerOptions { MaxSubscriptions = 2 });
        using var viewer = await SubscribedAsync(relay);

        for (var number = 2; number < wanted; number++)
        {
            await viewer.SayAsync("""{"type":"subscribe"}""");
            await viewer.NextAsync("subscription_confirmed");
            await viewer.NextAsync("state_snapshot");
        }

        await viewer.SayAsync($$$"""{"type":"subscribe","id":{{{wanted}}}}""");

        var answer = await viewer.NextAsync(granted ? "subscription_confirmed" : "error");
        Assert.That((string?)answer["error"], Is.EqualTo(granted ? null : "connection_limit_exceeded"));
    }

    [TestCase("""{"type":"subscribe","id":1,"topic":"none"}""", "unknown_topic", "topic")]
    [TestCase("""{"type":"subscribe","id":1,"topic":7}""", "bad_message", "topic")]
    [TestCase("""{"type":"subscribe","id":1,"since":{"seq":1}}""", "bad_message", "since.epoch")]
    [TestCase("""{"type":"subscribe","id":1,"since":{"epoch":"e","seq":-1}}""", "bad_message", "since.seq")]
    [TestCase("""{"type":"subscribe","id":1,"since":{"epoch":"e","seq":9007199254740992}}""", "bad_message", "since.seq")]
    [TestCase("""{"type":"subscribe","id":1,"since":[]}""", "bad_message", "since")]
    [TestCase("""{"type":"subscribe","id":1,"rate":"fast"}""", "bad_message", "rate")]
    [TestCase("""{"type":"subscribe","id":1,"paused":1}""", "bad_message", "paused")]
    [TestCase("""{"type":"update","id":1}""", "bad_message", "sub")]
    [TestCase("""{"type":"update","id":1,"sub":9}""", "bad_message", "sub")]
    [TestCase("""{"type":"unsubscribe","id":1,"sub":1.5}""", "bad_message", "sub")]
    [TestCase("""{"type":"dance","id":1}""", "unsupported_type", "type")]
    [TestCase("""{"id":1}""", "unsupported_type", "type")]
    public async Task A_bad_message_is_refused_by_name_and_the_connection_goes_on(string message, string error, string member)
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);

        await viewer.SayAsync(message);
        var answer = await viewer.NextAsync("error");

        Assert.That(((string?)answer["error"], (long)answer["id"]!), Is.EqualTo((error, 1L)));
        Assert.That((string?)answer["message"], Does.StartWith(member + ":"));
        relay.Update(fleet => fleet with { Load = 1 });
        await viewer.NextAsync("state_delta");
    }

    [Test]
    public async Task Three_bad_messages_in_a_row_end_the_connection_and_two_do_not()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);

        await viewer.SayAsync("nonsense");
        await viewer.SayAsync("[1]");
        await viewer.SettleAfterErrorsAsync(2);
        await viewer.SayAsync("nonsense");
        await viewer.SayAsync("{");
        await viewer.SayAsync("""{"type":"subscribe","topic":[]}""");

        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(4400));
        Assert.That(viewer.Last, Does.Contain("\"type\":\"goodbye\",\"code\":4400"));
    }

    [Test]
    public async Task A_binary_message_is_a_bad_one()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);

        await viewer.Socket.SendAsync(new byte[] { 1, 2, 3 }, System.Net.WebSockets.WebSocketMessageType.Binary, true, default);

        Assert.That((string?)(await viewer.NextAsync("error"))["error"], Is.EqualTo("bad_message"));
    }

    [Test]
    public async Task A_client_that_says_nothing_at_first_is_sent_away()
    {
        using var relay = Big();
        using var viewer = relay.ConnectV1();
        await viewer.NextAsync("hello");

        relay.Clock.Push(TimeSpan.FromSeconds(10));

        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(4004));
    }

    [Test]
    public async Task A_ping_comes_only_after_silence_and_carries_the_positions_sent()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);
        relay.Clock.Push(TimeSpan.FromSeconds(24));
        await viewer.HearsNothingAsync();

        relay.Clock.Push(TimeSpan.FromSeconds(24.9));
        await viewer.HearsNothingAsync();
        relay.Clock.Push(TimeSpan.FromSeconds(25));

        Assert.That((await viewer.NextAsync()).ToJsonString(), Is.EqualTo("""{"type":"ping","seq":1,"heads":{"1":2}}"""));
    }

    [Test]
    public async Task A_client_that_answers_a_ping_stays_and_one_that_does_not_is_dropped()
    {
        using var relay = Big();
        using var alive = await SubscribedAsync(relay);
        using var dead = await SubscribedAsync(relay);

        relay.Clock.Push(TimeSpan.FromSeconds(25));
        await alive.NextAsync("ping");
        await dead.NextAsync("ping");
        await alive.SayAsync("""{"type":"pong","seq":1}""");
        await alive.SettleAsync();
        relay.Clock.Push(TimeSpan.FromSeconds(10));

        Assert.That(await dead.ClosedAsync(), Is.EqualTo(4003));
        await alive.HearsNothingAsync();
    }

    [Test]
    public async Task At_shutdown_the_last_state_goes_out_first_however_soon_it_came()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);
        relay.Store.Update(fleet => fleet with { Load = 7 });

        var draining = relay.Roster.DrainAsync(default);

        Assert.That((await viewer.NextAsync("state_delta")).ToJsonString(), Does.Contain("\"value\":7"));
        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(4001));
        await draining.WaitAsync(TestTimeouts.Guard);
    }

    [Test]
    public async Task At_shutdown_a_goodbye_says_when_to_come_back()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);

        var draining = relay.Roster.DrainAsync(default);

        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(4001));
        Assert.That(viewer.Last, Is.EqualTo("""{"type":"goodbye","code":4001,"reason":"shutdown","retry":{"after":1000,"jitter":4000}}"""));
        await draining.WaitAsync(TestTimeouts.Guard);
    }

    [Test]
    public async Task A_client_that_does_not_answer_the_close_is_cut_off_after_two_seconds()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);

        var draining = relay.Roster.DrainAsync(default);
        while (await viewer.Socket.ReceiveTextAsync() is not null)
        {
        }

        await viewer.EndedWithinAsync(TimeSpan.FromSeconds(2));
        await draining.WaitAsync(TestTimeouts.Guard);
    }

    [Test]
    public async Task At_the_deadline_of_a_shutdown_whoever_is_stuck_is_cut_off()
    {
        using var relay = Big();
        using var stuck = relay.ConnectPlain(capacity: 512);
        using var deadline = new CancellationTokenSource();
        var draining = relay.Roster.DrainAsync(deadline.Token);

        deadline.Cancel();

        await draining.WaitAsync(TestTimeouts.Guard);
        await stuck.Ended;
        Assert.That(relay.Roster.ClientCount, Is.Zero);
    }

    [Test]
    public async Task Nobody_is_let_in_any_more_once_the_hub_is_stopping()
    {
        using var relay = Big();
        await relay.Roster.DrainAsync(default);

        var late = await relay.HandshakeAsync(CannedExchange.Handshake());

        Assert.That(late.Answer!.Status, Is.EqualTo(503));
    }

    [Test]
    public async Task An_acknowledgement_names_the_version_it_saw_and_cannot_be_ahead_of_what_was_sent()
    {
        using var relay = Big();
        using var viewer = await SubscribedAsync(relay);
        await viewer.SayAsync("""{"type":"completion_ack","sub":1,"seq":9999}""");
        await viewer.SettleAsync();
        relay.Update(fleet => fleet with { Load = 1 }, new StateEvent("done", StateEventClass.Milestone));
        await viewer.NextAsync("state_event");
        await viewer.NextAsync("state_delta");
        var waiting = relay.Topic.WaitForCompletionAckAsync(TimeSpan.FromSeconds(30), default);
        var early = waiting.IsCompleted;

        await viewer.SayAsync("""{"type":"completion_ack","sub":1,"seq":3}""");

        Assert.That(early, Is.False);
        Assert.That(await waiting.WaitAsync(TestTimeouts.Guard), Is.EqualTo(CompletionAck.Acknowledged));
    }

    [TestCase("https://evil.example", 403)]
    [TestCase("null", 403)]
    [TestCase("", 403)]
    public async Task A_page_of_another_origin_is_refused_before_the_upgrade(string origin, int status)
    {
        using var relay = Big();

        var refused = await relay.HandshakeAsync(CannedExchange.Handshake().With("Origin", origin));

        Assert.That(refused.Answer!.Status, Is.EqualTo(status));
    }

    [Test]
    public async Task An_offer_of_only_unknown_subprotocols_is_refused_before_the_upgrade()
    {
        using var relay = Big();

        var refused = await relay.HandshakeAsync(CannedExchange.Handshake().With("Sec-WebSocket-Protocol", "soap, chat"));

        Assert.That(refused.Answer!.Status, Is.EqualTo(400));
    }

    [Test]
    public async Task An_address_that_connects_more_often_than_it_may_is_told_when_it_may_again()
    {
        using var relay = new TestRelay(new WebServerOptions { MaxConnectsPerMinute = 2 });
        for (var attempt = 0; attempt < 2; attempt++)
            await relay.HandshakeAsync(new CannedExchange("GET", "/ws"));

        var refused = await relay.HandshakeAsync(new CannedExchange("GET", "/ws"));
        relay.Clock.Push(TimeSpan.FromSeconds(30));
        var later = await relay.HandshakeAsync(new CannedExchange("GET", "/ws"));

        Assert.That((refused.Answer!.Status, refused.Answer.Headers.Single(header => header.Key == "Retry-After").Value), Is.EqualTo((429, "30")));
        Assert.That(later.Answer!.Status, Is.EqualTo(426));
    }

    [Test]
    public async Task Connections_are_bounded_in_all_and_by_address_and_a_place_is_free_again_once_one_ended()
    {
        using var relay = Big(new WebServerOptions { MaxConnections = 3, MaxConnectionsPerAddress = 2 });
        using var first = await SubscribedAsync(relay);
        using var second = await SubscribedAsync(relay);

        var third = await relay.HandshakeAsync(CannedExchange.Handshake());
        first.Dispose();
        await first.Ended;
        using var fourth = await SubscribedAsync(relay);

        Assert.That(third.Answer!.Status, Is.EqualTo(429));
        Assert.That(relay.Limiter.Held, Is.EqualTo(2));
    }

    private static TestRelay Big(WebServerOptions? options = null)
    {
        // Long enough that a delta is smaller than the state.
        var relay = new TestRelay(options);
        relay.Update(fleet => fleet with { Name = new string('n', 300) });
        return relay;
    }

    private static async Task<TestViewer> SubscribedAsync(TestRelay relay, string subscribe = """{"type":"subscribe","topic":"state"}""")
    {
        var viewer = relay.ConnectV1();
        await viewer.NextAsync("hello");
        await viewer.SayAsync(subscribe);
        await viewer.NextAsync("subscription_confirmed");
        await viewer.NextAsync("state_snapshot");
        return viewer;
    }
}
