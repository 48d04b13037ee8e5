using System.Net.WebSockets;
using System.Text.Json.Nodes;

using StateRelay.Connections;
using StateRelay.Diagnostics;
using StateRelay.Http;
using StateRelay.Security;

namespace StateRelay.Tests.Support;

/// <summary>The real hub, topics and handler on a pushed clock, with sockets joined in memory instead of a listener.</summary>
internal sealed class TestRelay : IDisposable
{
    private readonly Instruments _instruments = new();
    private readonly WebServerOptions _options;
    private readonly WebSocketEndpoint _endpoint;

    public TestRelay(WebServerOptions? options = null, StateOptions? stateOptions = null)
    {
        _options = options ?? new WebServerOptions();
        Alarms = new AlarmClock(Clock);
        Roster = new Roster(_instruments);
        Store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet, stateOptions, Clock);
        Topic = Add("state", Store);
        Limiter = new ConnectionLimiter(_options.MaxConnections, _options.MaxConnectionsPerAddress);
        var door = new Doorkeeper(new HostRules(["localhost"]), new ViewerGate(_options.ViewerToken, "8080"), _options.AuthorizeViewer, Logger);
        var handler = new WebSocketHandler(Roster, _options, Alarms, Clock, _instruments, Logger);
        _endpoint = new WebSocketEndpoint(handler, Roster, door, new OriginRules(_options.AllowedOrigins), Limiter, new AddressRates(_options.MaxConnectsPerMinute, Clock), _options, _instruments, Logger);
    }

    public ManualClock Clock { get; } = new();

    public CollectingLogger Logger { get; } = new();

    public AlarmClock Alarms { get; }

    /// <summary>Whose events are followed, once <see cref="AddEvents"/> was called.</summary>
    public Hub Hub { get; private set; } = null!;

    public Roster Roster { get; }

    public ConnectionLimiter Limiter { get; }

    public StateStore<Fleet> Store { get; }

    public StateTopic Topic { get; }

    public StateTopic Add(string name, StateStore store)
    {
        var topic = new StateTopic(name, store, _options, Clock, _instruments, Logger);
        topic.Timeline.Latest(); // as a server does when it starts
        Roster.AddTopic(topic);
        return topic;
    }

    /// <summary>Changes the state and lets the version be made, also while nobody watches.</summary>
    public void Update(Func<Fleet, Fleet> change, StateEvent? stateEvent = null)
    {
        Store.Update(change, stateEvent);
        Clock.Push(_options.CoalescingInterval);
        Topic.Timeline.Latest();
    }

    /// <summary>Connects a client of the plain state dialect.</summary>
    public TestViewer ConnectPlain(string target = "/ws", int capacity = 64 * 1024) => Connect(target, null, capacity);

    /// <summary>Connects a client of v1; <c>hello</c> is still to be read.</summary>
    public TestViewer ConnectV1(int capacity = 64 * 1024) => Connect("/ws", "staterelay.v1.json", capacity);

    /// <summary>Relays events too.</summary>
    public Hub AddEvents(HubOptions? options = null)
    {
        Hub = new Hub(options, Logger, Clock);
        Roster.AddEvents(new EventTopic("events", Hub, People));
        return Hub;
    }

    /// <summary>Whose tokens are known.</summary>
    public TokenTable People { get; } = new();

    /// <summary>Connects a client of the plain event dialect.</summary>
    public TestViewer ConnectEvents(string token = "amy", int capacity = 64 * 1024) => Connect("/ws?mode=events", null, capacity, token);

    /// <summary>Connects a client of v1 that shows a token; <c>hello</c> is still to be read.</summary>
    public TestViewer ConnectV1As(string token, int capacity = 64 * 1024) => Connect("/ws", "staterelay.v1.json", capacity, token);

    /// <summary>Runs a handshake and gives what became of it.</summary>
    public async Task<CannedExchange> HandshakeAsync(CannedExchange exchange)
    {
        await exchange.ServeAsync(_endpoint.HandleAsync).WaitAsync(TestTimeouts.Guard);
        return exchange;
    }

    public void Dispose()
    {
        Roster.Dispose();
        Hub?.Dispose();
        Alarms.Dispose();
        _instruments.Dispose();
        Logger.Dispose();
    }

    private TestViewer Connect(string target, string? subprotocol, int capacity, string? token = null)
    {
        var pair = new SocketPair(capacity, subprotocol);
        var exchange = CannedExchange.Handshake(target, pair.Server)
            .With("Sec-WebSocket-Protocol", subprotocol)
            .With("Authorization", token is null ? null : "Bearer " + token);
        return new TestViewer(pair, exchange.ServeAsync(_endpoint.HandleAsync), Clock);
    }
}

/// <summary>A client of a <see cref="TestRelay"/>, as a viewer sees it.</summary>
internal sealed class TestViewer(SocketPair pair, Task life, ManualClock clock) : IDisposable
{
    private readonly Queue<JsonObject> _unread = new();

    public WebSocket Socket => pair.Client;

    /// <summary>Completes when the server is done with the connection.</summary>
    public Task Ended => life.WaitAsync(TestTimeouts.Guard);

    public Task SayAsync(string json) => pair.Client.SendTextAsync(json);

    /// <summary>The next message; those that share a frame one by one.</summary>
    public async Task<JsonObject> NextAsync()
    {
        while (_unread.Count == 0)
        {
            var text = await ReceiveAsync() ?? throw new InvalidOperationException($"The server closed: {Socket.CloseStatus} {Socket.CloseStatusDescription}.");
            switch (JsonNode.Parse(text))
            {
                case JsonArray several:
                    foreach (var message in several)
                        _unread.Enqueue(message!.AsObject());
                    break;
                case JsonObject one:
                    _unread.Enqueue(one);
                    break;
            }
        }

        return _unread.Dequeue();
    }

    /// <summary>The next message, which must be of that type.</summary>
    public async Task<JsonObject> NextAsync(string type)
    {
        var message = await NextAsync();
        Assert.That((string?)message["type"], Is.EqualTo(type), message.ToJsonString());
        return message;
    }

    /// <summary>
    /// Sees that the server has nothing to say: the answers to two pings are all it says. What was owed already may follow the first.
    /// </summary>
    public async Task HearsNothingAsync()
    {
        foreach (var text in (string[])["quiet?", "still?"])
        {
            await SayAsync($$"""{"type":"ping","seq":"{{text}}"}""");
            var pong = await NextAsync("pong");
            Assert.That((string?)pong["seq"], Is.EqualTo(text));
        }
    }

    /// <summary>Sees that everything said so far was acted on.</summary>
    public Task SettleAsync() => HearsNothingAsync();

    /// <summary>Reads so many errors and sees that the connection goes on.</summary>
    public async Task SettleAfterErrorsAsync(int errors)
    {
        for (var error = 0; error < errors; error++)
            await NextAsync("error");
        await SettleAsync();
    }

    /// <summary>Reads until the server closes, answers the close, and gives its code.</summary>
    public async Task<int> ClosedAsync()
    {
        while (await ReceiveAsync() is { } text)
            Last = text;
        if (Socket.State == WebSocketState.CloseReceived)
            await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await Ended;
        return (int)Socket.CloseStatus!.Value;
    }

    /// <summary>Pushes the clock again and again until the server is done with the connection, which is busy on threads of its own.</summary>
    public async Task EndedWithinAsync(TimeSpan step)
    {
        var ended = Ended;
        while (!ended.IsCompleted)
        {
            clock.Push(step);
            await Task.Yield();
        }

        await ended;
    }

    // A timer that the server sets only after the clock was pushed past it is due at once: it must not wait for another push.
    private async Task<string?> ReceiveAsync()
    {
        var received = pair.Client.ReceiveTextAsync();
        while (!received.IsCompleted)
        {
            clock.RunDue();
            await Task.Yield();
        }

        return await received;
    }

    /// <summary>The last text before the close.</summary>
    public string? Last { get; private set; }

    public void Dispose() => pair.Dispose();
}
