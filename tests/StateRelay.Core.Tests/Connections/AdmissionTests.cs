using StateRelay.Tests.Support;

namespace StateRelay.Tests.Connections;

/// <summary>Who comes in at <c>/ws</c> where states ask for a viewer's token and events for somebody's own.</summary>
public sealed class AdmissionTests
{
    private const string ViewerToken = "the-token-of-viewers";
    private const string V1 = "staterelay.v1.json";

    [Test]
    public async Task A_token_of_ones_own_opens_events_and_no_state()
    {
        using var relay = NewRelay();
        using var client = await ConnectV1Async(relay, "Bearer amy");

        await SubscribeToEventsAsync(client);
        await client.NextAsync("subscription_confirmed");
        await client.SayAsync("""{"type":"subscribe","id":2,"topic":"state"}""");

        Assert.That((string?)(await client.NextAsync("error"))["error"], Is.EqualTo("access_denied"));
        await client.HearsNothingAsync();
    }

    [Test]
    public async Task The_viewer_token_opens_states_and_no_events()
    {
        using var relay = NewRelay();
        using var client = await ConnectV1Async(relay, "Bearer " + ViewerToken);

        await SubscribeToEventsAsync(client);
        Assert.That((string?)(await client.NextAsync("error"))["error"], Is.EqualTo("authentication_failed"));
        await SubscribeToStateAsync(client);
        Assert.That(relay.People.Asked, Is.Zero);
    }

    [TestCase("Bearer " + ViewerToken, "amy")]
    [TestCase("Bearer amy", ViewerToken)]
    public async Task Both_tokens_open_both_whichever_is_in_the_header(string header, string subprotocol)
    {
        using var relay = NewRelay();
        using var client = await ConnectV1Async(relay, header, subprotocol);

        await SubscribeToEventsAsync(client);
        Assert.That((string?)(await client.NextAsync("subscription_confirmed"))["username"], Is.EqualTo("amy"));
        await SubscribeToStateAsync(client);
    }

    [TestCase("/ws", V1, null)]
    [TestCase("/ws?mode=state", null, null)]
    [TestCase("/ws?mode=events", null, null)]
    [TestCase("/ws", null, null)]
    [TestCase("/ws?mode=state", null, "Bearer amy")]
    [TestCase("/ws", V1, "Bearer two words")]
    public async Task Who_shows_nothing_that_opens_what_they_ask_for_is_refused_before_the_upgrade(string target, string? subprotocol, string? authorization)
    {
        using var relay = NewRelay();

        var exchange = await relay.HandshakeAsync(CannedExchange.Handshake(target).With("Sec-WebSocket-Protocol", subprotocol).With("Authorization", authorization));

        Assert.That((exchange.Answer?.Status, relay.Limiter.Held, relay.People.Asked), Is.EqualTo((401, 0, 0)));
    }

    [Test]
    public async Task The_viewer_token_is_not_taken_for_somebodys_own()
    {
        using var relay = NewRelay();

        var exchange = await relay.HandshakeAsync(CannedExchange.Handshake("/ws?mode=events").With("Authorization", "Bearer " + ViewerToken));

        Assert.That((exchange.Answer?.Status, relay.People.Asked), Is.EqualTo((403, 0)));
    }

    [TestCase("nobody", 4401)]
    [TestCase("denied", 4403)]
    [TestCase("busy", 4013)]
    public async Task Who_is_no_viewer_and_not_let_in_is_closed_without_having_asked_for_anything(string token, int code)
    {
        using var relay = NewRelay();
        using var client = await ConnectV1Async(relay, "Bearer " + token);

        Assert.That((await client.ClosedAsync(), relay.Roster.ClientCount), Is.EqualTo((code, 0)));
    }

    [TestCase(null, "must name your program")]
    [TestCase("", "must name your program")]
    [TestCase("my-tool", "must begin with NAME/VERSION")]
    [TestCase("my tool/1.0", "must begin with NAME/VERSION")]
    public async Task Where_clients_must_say_which_program_they_are_one_that_does_not_is_refused_before_the_upgrade(string? userAgent, string message)
    {
        using var relay = new TestRelay(new WebServerOptions { RequireClientIdentification = true });
        relay.AddEvents();

        foreach (var (target, subprotocol) in new[] { ("/ws?mode=state", null), ("/ws?mode=events", null), ("/ws", V1) })
        {
            var exchange = await relay.HandshakeAsync(
                CannedExchange.Handshake(target).With("User-Agent", userAgent).With("Authorization", "Bearer amy").With("Sec-WebSocket-Protocol", subprotocol));

            Assert.That(exchange.Answer?.Status, Is.EqualTo(400), target);
            Assert.That(exchange.AnsweredText, Does.StartWith("""{"type":"error","error":"client_not_identified","message":"The User-Agent header """ + message));
            Assert.That((relay.Limiter.Held, relay.People.Asked), Is.EqualTo((0, 0)));
        }
    }

    [TestCase(true, "my-tool/1.0 (linux)", "my-tool/1.0")]
    [TestCase(false, "my-tool/1.0 (linux)", "my-tool/1.0")]
    [TestCase(false, "my tool", "unnamed")]
    [TestCase(false, null, "unnamed")]
    public async Task Which_program_a_client_says_it_is_stands_in_the_log(bool required, string? userAgent, string software)
    {
        using var relay = new TestRelay(new WebServerOptions { RequireClientIdentification = required });
        relay.AddEvents();
        using var pair = new SocketPair();
        using var client = new TestViewer(
            pair, relay.HandshakeAsync(CannedExchange.Handshake("/ws?mode=events", pair.Server).With("User-Agent", userAgent).With("Authorization", "Bearer amy")), relay.Clock);

        await client.SayAsync("""{"organization":"acme"}""");
        await client.NextAsync("subscription_confirmed");

        Assert.That(relay.Logger.Lines.Select(line => line.Text), Has.One.EndsWith($" from 127.0.0.1 joined, speaking PlainEvents; its software is {software}."));
    }

    [Test]
    public async Task An_upgrade_that_fails_gives_its_place_back()
    {
        using var relay = new TestRelay();
        relay.AddEvents();

        // There is no socket to accept.
        var failed = relay.HandshakeAsync(CannedExchange.Handshake("/ws?mode=events").With("Authorization", "Bearer amy"));

        await Assert.ThatAsync(() => failed, Throws.InstanceOf<NotSupportedException>());
        Assert.That((relay.Limiter.Held, relay.Roster.ClientCount), Is.EqualTo((0, 0)));
    }

    private static TestRelay NewRelay()
    {
        var relay = new TestRelay(new WebServerOptions { ViewerToken = ViewerToken });
        relay.AddEvents();
        relay.Update(fleet => fleet with { Load = 1 });
        return relay;
    }

    private static async Task<TestViewer> ConnectV1Async(TestRelay relay, string authorization, string? token = null)
    {
        var pair = new SocketPair(subprotocol: V1);
        var offered = token is null ? V1 : $"{V1}, bearer.{System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(token))}";
        var exchange = CannedExchange.Handshake("/ws", pair.Server).With("Authorization", authorization).With("Sec-WebSocket-Protocol", offered);
        var client = new TestViewer(pair, relay.HandshakeAsync(exchange), relay.Clock);
        await client.NextAsync("hello");
        return client;
    }

    private static Task SubscribeToEventsAsync(TestViewer client) =>
        client.SayAsync("""{"type":"subscribe","id":1,"topic":"events","filter":{"organization":"acme"}}""");

    private static async Task SubscribeToStateAsync(TestViewer client)
    {
        await client.SayAsync("""{"type":"subscribe","id":2,"topic":"state"}""");
        await client.NextAsync("subscription_confirmed");
        await client.NextAsync("state_snapshot");
    }
}
