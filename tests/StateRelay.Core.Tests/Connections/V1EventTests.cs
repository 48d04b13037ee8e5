using System.Text.Json.Nodes;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.Connections;

public sealed class V1EventTests
{
    [Test]
    public async Task The_confirmation_says_the_position_and_what_is_subscribed_to_as_whom()
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents();
        Broadcast(relay, 88, "acme");
        using var client = await ConnectedAsync(relay);

        await client.SayAsync("""{"type":"subscribe","id":2,"topic":"events","filter":{"organization":"acme","event_types":["pull_request"]}}""");

        Assert.That((await client.NextAsync()).ToJsonString(), Is.EqualTo(
            $$$"""{"type":"subscription_confirmed","id":2,"sub":1,"topic":"events","epoch":"{{{topic.Log.Epoch}}}","seq":88,"recovered":false,"organization":"acme","username":"amy","event_types":["pull_request"]}"""));
    }

    [Test]
    public async Task An_event_carries_the_position_before_and_after_and_jumps_over_what_did_not_match()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = await SubscribedAsync(relay);

        Broadcast(relay, 2, "globex");
        relay.Hub.Broadcast(new Event("ping") { Url = "https://github.com/acme/x" }, EventAudience.ForOrganization("acme"));
        Broadcast(relay, 1, "acme");

        Assert.That((await client.NextAsync()).ToJsonString(), Is.EqualTo(
            """{"type":"event","sub":1,"prev":0,"seq":3,"event":{"type":"ping","url":"https://github.com/acme/x","timestamp":"2026-11-21T22:00:00Z"}}"""));
        Assert.That(Positions(await client.NextAsync("event")), Is.EqualTo((3, 4)));
    }

    [Test]
    public async Task All_200_pull_requests_that_may_be_listed_fit_into_a_message_and_each_is_followed()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = relay.ConnectV1As("amy");
        await client.NextAsync("hello");
        var urls = Enumerable.Range(1000, 200).Select(number => $"\"https://github.com/acme/rocket-of-ordinary-length/pull/{number}\"");
        await client.SayAsync($$$"""{"type":"subscribe","id":1,"topic":"events","filter":{"pull_requests":[{{{string.Join(',', urls)}}}]}}""");
        await client.NextAsync("subscription_confirmed");

        foreach (var number in new[] { 999, 1000, 1199, 1200 })
        {
            relay.Hub.Broadcast(new Event("push") { DeliveryId = $"{number}" }, new EventAudience
            {
                Organization = "acme",
                Repository = "rocket-of-ordinary-length",
                PullRequests = [new("acme", "rocket-of-ordinary-length", number)],
            });
        }

        Assert.That((string?)(await client.NextAsync("event"))["event"]!["delivery_id"], Is.EqualTo("1000"));
        Assert.That((string?)(await client.NextAsync("event"))["event"]!["delivery_id"], Is.EqualTo("1199"));
        await client.HearsNothingAsync();
    }

    [Test]
    public async Task States_and_events_share_a_socket()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        relay.Update(fleet => fleet with { Load = 1 });
        using var client = await SubscribedAsync(relay);

        await client.SayAsync("""[{"type":"subscribe","id":5,"topic":"state"},{"type":"subscribe","id":6,"topic":"events","filter":{"user_events_only":true}}]""");

        var said = new[] { await client.NextAsync(), await client.NextAsync(), await client.NextAsync() };
        Assert.That(said.Select(message => (string?)message["type"]), Is.EquivalentTo(new[] { "subscription_confirmed", "state_snapshot", "subscription_confirmed" }));
        Assert.That(said.Select(message => (int)message["sub"]!), Is.EquivalentTo(new[] { 2, 2, 3 }));
        Assert.That(relay.People.Asked, Is.EqualTo(1));
    }

    [Test]
    public async Task One_that_comes_back_goes_on_from_its_position()
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents();
        Broadcast(relay, 10, "acme");

        using var client = await SubscribedAsync(relay, since: $$"""{"epoch":"{{topic.Log.Epoch}}","seq":7}""", confirmed: confirmed =>
            Assert.That(((bool)confirmed["recovered"]!, (long)confirmed["seq"]!), Is.EqualTo((true, 7))));

        Assert.That(await PositionsAsync(client, 3), Is.EqualTo(new[] { (7, 8), (8, 9), (9, 10) }));
        await client.HearsNothingAsync();
    }

    [Test]
    public async Task One_that_comes_back_too_late_is_told_of_the_gap()
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents(new HubOptions { RetainedEvents = 2 });
        Broadcast(relay, 10, "acme");

        using var client = await SubscribedAsync(relay, since: $$"""{"epoch":"{{topic.Log.Epoch}}","seq":3}""", confirmed: confirmed =>
            Assert.That(((bool)confirmed["recovered"]!, (string?)confirmed["reason"], (long)confirmed["seq"]!), Is.EqualTo((false, "expired", 3))));

        Assert.That((await client.NextAsync()).ToJsonString(), Is.EqualTo("""{"type":"gap","sub":1,"prev":3,"seq":8,"reason":"retention"}"""));
        Assert.That(await PositionsAsync(client, 2), Is.EqualTo(new[] { (8, 9), (9, 10) }));
        await client.HearsNothingAsync();
    }

    [Test]
    public async Task One_that_comes_back_when_all_is_gone_by_age_is_told_of_the_gap()
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents(new HubOptions { RetainedEventAge = TimeSpan.FromMinutes(1) });
        Broadcast(relay, 10, "acme");
        relay.Clock.Push(TimeSpan.FromSeconds(61));

        using var client = await SubscribedAsync(relay, since: $$"""{"epoch":"{{topic.Log.Epoch}}","seq":3}""");

        Assert.That(Positions(await client.NextAsync("gap")), Is.EqualTo((3, 10)));
        await client.HearsNothingAsync();
    }

    [Test]
    public async Task One_from_another_history_gets_all_that_is_held_of_this_one()
    {
        using var relay = new TestRelay();
        relay.AddEvents(new HubOptions { RetainedEvents = 2 });
        Broadcast(relay, 3, "acme");

        using var client = await SubscribedAsync(relay, since: """{"epoch":"another","seq":700}""", confirmed: confirmed =>
            Assert.That(((bool)confirmed["recovered"]!, (string?)confirmed["reason"], (long)confirmed["seq"]!), Is.EqualTo((false, "epoch", 0))));

        Assert.That((string?)(await client.NextAsync("gap"))["reason"], Is.EqualTo("epoch"));
        Assert.That(await PositionsAsync(client, 2), Is.EqualTo(new[] { (1, 2), (2, 3) }));
    }

    [Test]
    public async Task A_position_that_never_was_starts_at_the_newest()
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents();
        Broadcast(relay, 3, "acme");

        using var client = await SubscribedAsync(relay, since: $$"""{"epoch":"{{topic.Log.Epoch}}","seq":700}""", confirmed: confirmed =>
            Assert.That(((bool)confirmed["recovered"]!, (long)confirmed["seq"]!), Is.EqualTo((false, 3))));

        await client.HearsNothingAsync();
    }

    [Test]
    public async Task A_client_for_whom_nothing_happened_has_no_gap_however_much_went_by()
    {
        using var relay = new TestRelay();
        relay.AddEvents(new HubOptions { RetainedEvents = 10 });
        using var client = await SubscribedAsync(relay);

        Broadcast(relay, 1000, "globex");
        Broadcast(relay, 1, "acme");

        Assert.That(Positions(await client.NextAsync("event")), Is.EqualTo((0, 1001)));
    }

    [Test]
    public async Task A_paused_client_catches_up_from_the_log_by_itself()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = await SubscribedAsync(relay);
        await client.SayAsync("""{"type":"update","sub":1,"paused":true}""");
        await client.SettleAsync();

        Broadcast(relay, 1000, "acme");
        await client.HearsNothingAsync();
        await client.SayAsync("""{"type":"update","sub":1,"paused":false}""");

        Assert.That(await PositionsAsync(client, 1000), Is.EqualTo(Enumerable.Range(0, 1000).Select(seq => (seq, seq + 1))));
    }

    [Test]
    public async Task One_that_reads_slowly_gets_all_that_is_held_and_a_gap_for_the_rest()
    {
        using var relay = new TestRelay();
        relay.AddEvents(new HubOptions { RetainedEvents = 10 });
        using var client = await SubscribedAsync(relay, capacity: 1024);

        Broadcast(relay, 5000, "acme");

        var position = 0L;
        var gaps = 0;
        while (position < 5000)
        {
            var next = await client.NextAsync();
            gaps += (string?)next["type"] == "gap" ? 1 : 0;
            Assert.That((long)next["prev"]!, Is.EqualTo(position));
            position = (long)next["seq"]!;
        }

        Assert.That(gaps, Is.GreaterThan(0));
        await client.HearsNothingAsync();
    }

    [TestCase("""{"organization":"no way"}""", "invalid_subscription")]
    [TestCase("""{}""", "invalid_subscription")]
    [TestCase("""{"organization":"initech"}""", "access_denied")]
    [TestCase("""{"organization":"*","event_types":["fork"]}""", "event_type_not_allowed")]
    public async Task A_refused_subscription_leaves_the_connection_as_it_was(string filter, string error)
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents(new HubOptions { OfferedEventTypes = { "push" } });
        using var client = await ConnectedAsync(relay);

        await client.SayAsync($$"""{"type":"subscribe","id":9,"topic":"events","filter":{{filter}}}""");
        var refused = await client.NextAsync("error");

        Assert.That(((long)refused["id"]!, (string?)refused["error"], (bool)refused["temporary"]!), Is.EqualTo((9, error, false)));
        Assert.That(topic.ClientCount, Is.Zero);
        await client.SettleAsync();
    }

    [TestCase("nobody", "authentication_failed", false)]
    [TestCase("denied", "access_denied", false)]
    [TestCase("busy", "rate_limit_exceeded", true)]
    [TestCase("throws", "temporarily_unavailable", true)]
    public async Task Who_is_not_let_in_is_told_why_and_may_ask_again(string token, string error, bool temporary)
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = await ConnectedAsync(relay, token);

        for (var attempt = 1; attempt <= 2; attempt++)
        {
            await client.SayAsync("""{"type":"subscribe","topic":"events","filter":{"organization":"*"}}""");
            var refused = await client.NextAsync("error");

            Assert.That(((string?)refused["error"], (bool)refused["temporary"]!, relay.People.Asked), Is.EqualTo((error, temporary, attempt)));
        }
    }

    [Test]
    public async Task Without_a_token_there_are_no_events()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = relay.ConnectV1();
        await client.NextAsync("hello");

        await client.SayAsync("""{"type":"subscribe","topic":"events","filter":{"organization":"*"}}""");

        Assert.That((string?)(await client.NextAsync("error"))["error"], Is.EqualTo("authentication_failed"));
    }

    [Test]
    public async Task A_browser_shows_its_token_in_a_subprotocol_that_is_not_echoed()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var pair = new SocketPair(subprotocol: "staterelay.v1.json");
        var exchange = CannedExchange.Handshake("/ws", pair.Server).With("Sec-WebSocket-Protocol", "bearer.YW15, staterelay.v1.json");
        using var client = new TestViewer(pair, relay.HandshakeAsync(exchange), relay.Clock);
        await client.NextAsync("hello");

        await client.SayAsync("""{"type":"subscribe","topic":"events","filter":{"organization":"*"}}""");

        Assert.That((string?)(await client.NextAsync("subscription_confirmed"))["username"], Is.EqualTo("amy"));
        Assert.That(exchange.Subprotocol, Is.EqualTo("staterelay.v1.json"));
    }

    [Test]
    public async Task Who_unsubscribes_hears_no_more_and_is_forgotten()
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents();
        using var client = await SubscribedAsync(relay);

        await client.SayAsync("""{"type":"unsubscribe","id":3,"sub":1}""");
        await client.NextAsync("unsubscribed");
        Broadcast(relay, 1, "acme");

        await client.HearsNothingAsync();
        Assert.That(topic.ClientCount, Is.Zero);
    }

    [Test]
    public async Task A_server_without_events_knows_no_such_topic()
    {
        using var relay = new TestRelay();
        using var client = await ConnectedAsync(relay);

        await client.SayAsync("""{"type":"subscribe","topic":"events","filter":{"organization":"*"}}""");

        Assert.That((string?)(await client.NextAsync("error"))["error"], Is.EqualTo("unknown_topic"));
    }

    [TestCase("""{"organization":5}""", "filter.organization: not a text")]
    [TestCase("""{"event_types":"push"}""", "filter.event_types: not a list")]
    [TestCase("""{"pull_requests":[5]}""", "filter.pull_requests: not a list of texts")]
    [TestCase("""[]""", "filter: not an object")]
    public async Task A_filter_of_the_wrong_shape_is_a_bad_message(string filter, string message)
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = await ConnectedAsync(relay);

        await client.SayAsync($$"""{"type":"subscribe","topic":"events","filter":{{filter}}}""");
        var refused = await client.NextAsync("error");

        Assert.That(((string?)refused["error"], (string?)refused["message"]), Is.EqualTo(("bad_message", message)));
    }

    private static void Broadcast(TestRelay relay, int count, string organization)
    {
        for (var number = 0; number < count; number++)
            relay.Hub.Broadcast(new Event("push"), EventAudience.ForOrganization(organization));
    }

    private static (long Prev, long Seq) Positions(JsonObject message) => ((long)message["prev"]!, (long)message["seq"]!);

    private static async Task<List<(long Prev, long Seq)>> PositionsAsync(TestViewer client, int count)
    {
        var positions = new List<(long Prev, long Seq)>();
        while (positions.Count < count)
            positions.Add(Positions(await client.NextAsync("event")));
        return positions;
    }

    private static async Task<TestViewer> ConnectedAsync(TestRelay relay, string token = "amy", int capacity = 64 * 1024)
    {
        var client = relay.ConnectV1As(token, capacity);
        await client.NextAsync("hello");
        return client;
    }

    private static async Task<TestViewer> SubscribedAsync(TestRelay relay, string since = "null", Action<JsonObject>? confirmed = null, int capacity = 64 * 1024)
    {
        var client = await ConnectedAsync(relay, capacity: capacity);
        await client.SayAsync($$"""{"type":"subscribe","topic":"events","filter":{"organization":"acme"},"since":{{since}}}""");
        var confirmation = await client.NextAsync("subscription_confirmed");
        confirmed?.Invoke(confirmation);
        return client;
    }
}
