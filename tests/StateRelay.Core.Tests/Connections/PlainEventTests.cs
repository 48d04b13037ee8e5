using System.Diagnostics.Metrics;
using System.Net.WebSockets;
using System.Text;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.Connections;

public sealed class PlainEventTests
{
    [Test]
    public async Task Nothing_precedes_the_answer_to_the_subscription_which_has_exactly_its_members()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = relay.ConnectEvents();

        await client.SayAsync("""{"organization":"acme","event_types":["push"],"more":1}""");

        Assert.That((await client.NextAsync()).ToJsonString(), Is.EqualTo(
            """{"type":"subscription_confirmed","organization":"acme","username":"amy","event_types":["push"],"tier":"pro","private_repos_enabled":true,"tier_enforcement_active":false}"""));
    }

    [Test]
    public async Task All_types_are_confirmed_as_null()
    {
        using var relay = new TestRelay();
        relay.AddEvents();

        using var client = await SubscribedAsync(relay, """{"Organization":"*","event_types":null}""", token: "bob", confirmed: confirmed =>
        {
            Assert.That(confirmed.ContainsKey("event_types"), Is.True);
            Assert.That(confirmed["event_types"], Is.Null);
            Assert.That(((string?)confirmed["tier"], (bool)confirmed["private_repos_enabled"]!), Is.EqualTo(("free", false)));
        });
    }

    [Test]
    public async Task An_event_has_the_members_that_it_has_and_no_more()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = await SubscribedAsync(relay);

        relay.Hub.Broadcast(new Event("pull_request") { Url = "https://github.com/acme/x/pull/5", DeliveryId = "72d3", CommitSha = "abc" }, EventAudience.ForOrganization("acme"));
        relay.Hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));

        Assert.That((await client.NextAsync()).ToJsonString(), Is.EqualTo(
            """{"type":"pull_request","url":"https://github.com/acme/x/pull/5","timestamp":"2026-11-21T22:00:00Z","delivery_id":"72d3","commit_sha":"abc"}"""));
        Assert.That((await client.NextAsync()).ToJsonString(), Is.EqualTo("""{"type":"push","timestamp":"2026-11-21T22:00:00Z"}"""));
    }

    [Test]
    public async Task Only_what_matches_arrives_in_order()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = await SubscribedAsync(relay);

        foreach (var number in Enumerable.Range(0, 1000))
            relay.Hub.Broadcast(new Event("push") { DeliveryId = $"{number}" }, EventAudience.ForOrganization(number % 3 == 0 ? "acme" : "globex"));

        for (var number = 0; number < 1000; number += 3)
            Assert.That((string?)(await client.NextAsync())["delivery_id"], Is.EqualTo($"{number}"));
        await client.HearsNothingAsync();
    }

    [Test]
    public async Task An_event_between_subscribing_and_the_confirmation_is_not_lost()
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents();
        using var client = relay.ConnectEvents("slow");
        await client.SayAsync("""{"organization":"acme"}""");

        relay.People.Answer();
        while (topic.ClientCount == 0)
            await Task.Yield();
        relay.Hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));

        await client.NextAsync("subscription_confirmed");
        await client.NextAsync("push");
    }

    [TestCase("""{"organization":"no way"}""", "invalid_subscription", 1008)]
    [TestCase("""{"organization":5}""", "invalid_subscription", 1008)]
    [TestCase("""{"event_types":["push"]}""", "invalid_subscription", 1008)]
    [TestCase("""{"organization":"*","event_types":"push"}""", "invalid_subscription", 1008)]
    [TestCase("""["organization"]""", "invalid_subscription", 1008)]
    [TestCase("nonsense", "invalid_subscription", 1008)]
    [TestCase("""{"organization":"initech"}""", "access_denied", 1008)]
    [TestCase("""{"pull_requests":["https://github.com/initech/x/pull/1"]}""", "access_denied", 1008)]
    [TestCase("""{"organization":"acme","event_types":["fork"]}""", "event_type_not_allowed", 1008)]
    public async Task A_subscription_that_cannot_be_is_refused_by_name_and_the_connection_closed(string subscription, string error, int code)
    {
        using var relay = new TestRelay();
        relay.AddEvents(new HubOptions { OfferedEventTypes = { "push", "issues" } });
        using var client = relay.ConnectEvents();

        await client.SayAsync(subscription);
        var refused = await client.NextAsync("error");

        Assert.That(refused.Select(member => member.Key), Is.EqualTo(new[] { "type", "error", "message" }));
        Assert.That((string?)refused["error"], Is.EqualTo(error));
        Assert.That(await client.ClosedAsync(), Is.EqualTo(code));
        Assert.That(client.Socket.CloseStatusDescription, Is.Not.Empty);
    }

    [TestCase("nobody", "authentication_failed", 1008)]
    [TestCase("denied", "access_denied", 1008)]
    [TestCase("busy", "rate_limit_exceeded", 1001)]
    [TestCase("throws", "temporarily_unavailable", 1001)]
    public async Task Who_is_not_let_in_is_told_why(string token, string error, int code)
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = relay.ConnectEvents(token);

        await client.SayAsync("""{"organization":"acme"}""");

        Assert.That((string?)(await client.NextAsync("error"))["error"], Is.EqualTo(error));
        Assert.That(await client.ClosedAsync(), Is.EqualTo(code));
    }

    [TestCase("""{"organization":"acme"}""", "amy", "acme", "amy")]
    [TestCase("""{"organization":"acme","event_types":["push"]}""", "amy", "acme", "amy")]
    [TestCase("""{"organization":"acme","event_types":["push","issues","check_run"]}""", "amy", "acme", "amy")]
    [TestCase("""{"organization":"acme","user_events_only":true}""", "amy", "acme", "amy")]
    [TestCase("""{"user_events_only":true}""", "amy", "", "amy")]
    [TestCase("""{"organization":"*"}""", "amy", "*", "amy")]
    [TestCase("""{"organization":"*","user_events_only":true}""", "amy", "*", "amy")]
    [TestCase("""{"pull_requests":["https://github.com/acme/rocket/pull/5"]}""", "amy", "", "amy")]
    [TestCase("""{"organization":"globex","pull_requests":["https://github.com/acme/rocket/pull/5"]}""", "amy", "globex", "amy")]
    [TestCase("""{"organization":"amy"}""", "amy", "amy", "amy")]
    [TestCase("{}", "app", "acme", "app[installation]")]
    [TestCase("""{"organization":"acme","username":"eve"}""", "bob", "acme", "bob")]
    public async Task Every_kind_of_subscription_is_confirmed_to_whose_the_token_is(string subscription, string token, string organization, string username)
    {
        using var relay = new TestRelay();
        relay.AddEvents();

        using var client = await SubscribedAsync(relay, subscription, token, confirmed =>
            Assert.That(((string?)confirmed["organization"], (string?)confirmed["username"]), Is.EqualTo((organization, username))));
        await client.HearsNothingAsync();
    }

    [Test]
    public async Task All_200_pull_requests_that_may_be_listed_fit_into_a_message_and_each_is_followed()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        var numbers = Enumerable.Range(1000, 200).ToArray();
        using var client = await SubscribedAsync(relay, $$"""{"pull_requests":[{{string.Join(',', numbers.Select(Quoted))}}]}""");

        foreach (var number in numbers.Append(999))
            relay.Hub.Broadcast(new Event("push") { DeliveryId = $"{number}" }, AboutPullRequest(number));

        foreach (var number in numbers)
            Assert.That((string?)(await client.NextAsync("push"))["delivery_id"], Is.EqualTo($"{number}"));
        await client.HearsNothingAsync();

        static string Quoted(int number) => $"\"https://github.com/acme/rocket-of-ordinary-length/pull/{number}\"";

        static EventAudience AboutPullRequest(int number) => new()
        {
            Organization = "acme",
            Repository = "rocket-of-ordinary-length",
            PullRequests = [new("acme", "rocket-of-ordinary-length", number)],
        };
    }

    [Test]
    public async Task A_subscription_that_is_too_large_ends_the_connection_with_1009()
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents();
        using var client = relay.ConnectEvents();

        await client.SayAsync($$"""{"organization":"acme","more":"{{new string('x', 32 * 1024)}}"}""");

        Assert.That((await client.ClosedAsync(), client.Last, topic.ClientCount), Is.EqualTo((1009, (string?)null, 0)));
    }

    [TestCase("""{"organization":"acme"}""")]
    [TestCase("nonsense")]
    public async Task A_refusal_that_cannot_be_sent_any_more_harms_nobody(string subscription)
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents();
        relay.People.Instead = AuthenticationResult.Refused(AuthenticationFailure.AccessDenied, "Not you.");
        using var other = relay.ConnectV1();
        await other.NextAsync("hello");
        using var client = relay.ConnectEvents();

        await client.SayAsync(subscription);
        client.Socket.Dispose();

        await client.Ended;
        Assert.That((topic.ClientCount, relay.Roster.ClientCount), Is.EqualTo((0, 1)));
        await other.HearsNothingAsync();
    }

    [Test]
    public async Task Finding_out_who_it_is_has_its_time()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = relay.ConnectEvents("slow");
        await client.SayAsync("""{"organization":"acme"}""");
        while (relay.People.Asked == 0)
            await Task.Yield();

        await PushAsync(relay, TimeSpan.FromSeconds(10));

        Assert.That((string?)(await client.NextAsync("error"))["error"], Is.EqualTo("temporarily_unavailable"));
    }

    [Test]
    public async Task The_subscription_has_its_time()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = relay.ConnectEvents();

        await PushAsync(relay, TimeSpan.FromSeconds(5));

        Assert.That(await client.ClosedAsync(), Is.EqualTo(1008));
    }

    [Test]
    public async Task Where_only_some_types_are_relayed_they_are_what_is_subscribed_to()
    {
        using var relay = new TestRelay();
        relay.AddEvents(new HubOptions { OfferedEventTypes = { "push", "issues" } });

        using var client = await SubscribedAsync(relay, confirmed: confirmed =>
            Assert.That(confirmed["event_types"]!.ToJsonString(), Is.EqualTo("""["push","issues"]""")));
    }

    [Test]
    public async Task An_app_that_names_nothing_gets_the_organization_it_is_installed_in()
    {
        using var relay = new TestRelay();
        relay.AddEvents();

        using var client = await SubscribedAsync(relay, "{}", "app", confirmed => Assert.That((string?)confirmed["organization"], Is.EqualTo("acme")));
    }

    [Test]
    public async Task Tiers_hold_back_private_repositories_only_where_they_are_enforced([Values] bool enforced)
    {
        using var relay = new TestRelay();
        relay.AddEvents(new HubOptions { EnforceTiers = enforced });
        using var client = await SubscribedAsync(relay, token: "bob");

        relay.Hub.Broadcast(new Event("push"), new EventAudience { Organization = "acme", Visibility = Visibility.Private });
        relay.Hub.Broadcast(new Event("fork"), new EventAudience { Organization = "acme", Visibility = Visibility.Public });

        await client.NextAsync(enforced ? "fork" : "push");
    }

    [Test]
    public async Task The_server_pings_and_drops_who_stays_silent()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = await SubscribedAsync(relay);

        await PushAsync(relay, TimeSpan.FromSeconds(54));
        var ping = await client.NextAsync("ping");
        await PushAsync(relay, TimeSpan.FromSeconds(36));

        Assert.That((long)ping["seq"]!, Is.EqualTo(1));
        Assert.That(await client.ClosedAsync(), Is.EqualTo(1001));
    }

    [TestCase("""{"type":"ping","seq":[1,{"a":null}]}""", """{"type":"pong","seq":[1,{"a":null}]}""")]
    [TestCase("""{"type":"ping","seq":7}""", """{"type":"pong","seq":7}""")]
    [TestCase("""{"type":"ping"}""", """{"type":"pong"}""")]
    public async Task A_ping_is_answered_with_its_seq(string ping, string pong)
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = await SubscribedAsync(relay);

        await client.SayAsync(ping);

        Assert.That((await client.NextAsync()).ToJsonString(), Is.EqualTo(pong));
    }

    [TestCase("""{"type":"pong","seq":1}""")]
    [TestCase("""{"type":"keepalive"}""")]
    [TestCase("""{"type":"heartbeat"}""")]
    [TestCase("""{"anything":[]}""")]
    [TestCase("[]")]
    [TestCase("nonsense")]
    [TestCase("nonsense", WebSocketMessageType.Binary)]
    public async Task Any_message_shows_life(string message, WebSocketMessageType type = WebSocketMessageType.Text)
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var client = await SubscribedAsync(relay);
        await PushAsync(relay, TimeSpan.FromSeconds(60));
        await client.NextAsync("ping");
        var heard = new TaskCompletionSource();
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<long>((instrument, _, _, _) => _ = instrument.Name == "staterelay.messages.received" && heard.TrySetResult());
        meters.Start();

        await client.Socket.SendAsync(Encoding.UTF8.GetBytes(message), type, endOfMessage: true, CancellationToken.None);
        await heard.Task.WaitAsync(TestTimeouts.Guard);
        await PushAsync(relay, TimeSpan.FromSeconds(35));

        await client.SettleAsync();
    }

    [Test]
    public async Task One_that_reads_too_slowly_is_not_left_in_the_belief_that_it_has_everything()
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents(new HubOptions { RetainedEvents = 10 });
        using var client = relay.ConnectEvents(capacity: 1024);
        await client.SayAsync("""{"organization":"acme"}""");
        await client.NextAsync("subscription_confirmed");

        foreach (var number in Enumerable.Range(0, 1000))
            relay.Hub.Broadcast(new Event("push") { DeliveryId = $"{number}" }, EventAudience.ForOrganization("acme"));

        Assert.That(await client.ClosedAsync(), Is.EqualTo(1001));
        Assert.That(client.Socket.CloseStatusDescription, Is.EqualTo("events were lost"));
        Assert.That((topic.Log.Count, topic.ClientCount), Is.EqualTo((10, 0)));
    }

    [TestCase(null, 401)]
    [TestCase("Bearer ", 403)]
    [TestCase("Bearer two words", 403)]
    [TestCase("bearer amy", 403)]
    [TestCase("Basic YW15", 403)]
    public async Task A_token_that_could_not_be_right_is_refused_before_the_upgrade(string? authorization, int status)
    {
        using var relay = new TestRelay();
        relay.AddEvents();

        var exchange = await relay.HandshakeAsync(CannedExchange.Handshake("/ws?mode=events").With("Authorization", authorization));

        Assert.That(exchange.Answer?.Status, Is.EqualTo(status));
        Assert.That(exchange.AnsweredText, Does.Contain("authentication_failed"));
        Assert.That((relay.Limiter.Held, relay.People.Asked), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task A_server_without_events_has_none()
    {
        using var relay = new TestRelay();

        var exchange = await relay.HandshakeAsync(CannedExchange.Handshake("/ws?mode=events").With("Authorization", "Bearer amy"));

        Assert.That(exchange.Answer?.Status, Is.EqualTo(400));
    }

    [Test]
    public async Task Whoever_shows_a_token_and_names_no_mode_is_there_for_events()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var pair = new SocketPair();
        using var client = new TestViewer(pair, relay.HandshakeAsync(CannedExchange.Handshake("/ws", pair.Server).With("Authorization", "Bearer amy")), relay.Clock);

        await client.SayAsync("""{"user_events_only":true}""");

        await client.NextAsync("subscription_confirmed");
    }

    [Test]
    public async Task After_the_end_nothing_is_remembered_of_a_client_and_broadcasting_goes_on()
    {
        using var relay = new TestRelay();
        var topic = relay.AddEvents();
        using var client = await SubscribedAsync(relay);

        var drained = relay.Roster.DrainAsync(CancellationToken.None);
        Assert.That(await client.ClosedAsync(), Is.EqualTo(1001));
        await drained.WaitAsync(TestTimeouts.Guard);

        Assert.That(relay.Hub.Broadcast(new Event("push"), EventAudience.Everyone), Is.EqualTo(1));
        Assert.That((topic.ClientCount, relay.Roster.ClientCount), Is.EqualTo((0, 0)));
    }

    /// <summary>Pushes the clock once the connection waits for it.</summary>
    private static async Task PushAsync(TestRelay relay, TimeSpan by)
    {
        while (relay.Alarms.Count == 0)
            await Task.Yield();
        relay.Clock.Push(by);
    }

    private static async Task<TestViewer> SubscribedAsync(
        TestRelay relay,
        string subscription = """{"organization":"acme"}""",
        string token = "amy",
        Action<System.Text.Json.Nodes.JsonObject>? confirmed = null)
    {
        var client = relay.ConnectEvents(token);
        await client.SayAsync(subscription);
        var confirmation = await client.NextAsync("subscription_confirmed");
        confirmed?.Invoke(confirmation);
        return client;
    }
}
