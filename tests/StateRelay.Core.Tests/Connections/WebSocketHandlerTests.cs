using StateRelay.Tests.Support;

namespace StateRelay.Tests.Connections;

/// <summary>The handler that a host makes to serve events on WebSockets that it accepts itself.</summary>
public sealed class WebSocketHandlerTests
{
    private readonly ManualClock _clock = new();

    [TestCase(null, null, null)]
    [TestCase("", null, null)]
    [TestCase("Bearer amy", null, "amy")]
    [TestCase("bearer amy", null, null)]
    [TestCase("Basic YW15", null, null)]
    [TestCase("Bearer ", null, null)]
    [TestCase("Bearer two words", null, null)]
    [TestCase(null, "bearer.YW15", "amy")]
    [TestCase(null, "staterelay.v1.json, bearer.YW15", "amy")]
    [TestCase("Bearer two words", "bearer.YW15", "amy")]
    [TestCase("Bearer bob", "bearer.YW15", "bob")]
    [TestCase(null, "bearer.not base64", null)]
    [TestCase(null, "bearer.", null)]
    [TestCase(null, "staterelay.v1.json", null)]
    public void Only_a_token_that_could_be_right_is_found(string? authorization, string? subprotocols, string? token)
    {
        using var hub = new Hub(clock: _clock);
        var people = new TokenTable();

        var found = new WebSocketHandler(hub, people).PreValidateAuth(authorization, subprotocols);

        Assert.That(token is null ? found is null : found?.Matches(token), Is.True);
        Assert.That(people.Asked, Is.Zero);
    }

    [Test]
    public async Task A_socket_without_a_subprotocol_speaks_the_plain_dialect()
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        using var client = new TestViewer(pair, new WebSocketHandler(hub, new TokenTable()).HandleAsync(pair.Server, "amy"), _clock);

        await client.SayAsync("""{"organization":"acme"}""");
        await client.NextAsync("subscription_confirmed");
        hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
        await client.NextAsync("push");
        hub.Stop();

        Assert.That(await client.ClosedAsync(), Is.EqualTo(1001));
    }

    [Test]
    public async Task A_socket_with_its_subprotocol_speaks_v1_where_there_are_events_alone()
    {
        using var hub = new Hub(clock: _clock);
        using var stop = new CancellationTokenSource();
        using var pair = new SocketPair(subprotocol: "staterelay.v1.json");
        using var client = new TestViewer(pair, new WebSocketHandler(hub, new TokenTable()).HandleAsync(pair.Server, "amy", stop: stop.Token), _clock);
        await client.NextAsync("hello");

        await client.SayAsync("""{"type":"subscribe","id":1,"topic":"state"}""");
        Assert.That((string?)(await client.NextAsync("error"))["error"], Is.EqualTo("unknown_topic"));
        await client.SayAsync("""{"type":"subscribe","id":2,"topic":"events","filter":{"organization":"acme"}}""");
        await client.NextAsync("subscription_confirmed");
        hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
        await client.NextAsync("event");
        await stop.CancelAsync();

        Assert.That(await client.ClosedAsync(), Is.EqualTo(4001));
        Assert.That(hub.ClientCount, Is.Zero);
    }

    [Test]
    public async Task Whose_token_is_not_valid_is_told_so()
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        using var client = new TestViewer(pair, new WebSocketHandler(hub, new TokenTable()).HandleAsync(pair.Server, "nobody"), _clock);

        await client.SayAsync("""{"organization":"acme"}""");

        Assert.That((string?)(await client.NextAsync("error"))["error"], Is.EqualTo("authentication_failed"));
        Assert.That(await client.ClosedAsync(), Is.EqualTo(1008));
    }
}
