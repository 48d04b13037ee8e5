using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace StateRelay.Tests.Connect.Support;

/// <summary>A connection on a pushed clock, whose server is played by the test: each attempt to connect gives it one more socket.</summary>
internal sealed class Scripted : IAsyncDisposable
{
    private readonly Channel<ScriptedServer> _attempts = Channel.CreateUnbounded<ScriptedServer>();
    private readonly Channel<RelayStatus> _statuses = Channel.CreateUnbounded<RelayStatus>();
    private readonly List<ScriptedServer> _servers = [];
    private readonly int _capacity;

    public Scripted(Action<RelayConnectionOptions>? change = null, double random = 0.5, int capacity = 64 * 1024)
    {
        _capacity = capacity;
        var options = new RelayConnectionOptions { StatusChanged = status => _statuses.Writer.TryWrite(status) };
        change?.Invoke(options);
        Connection = new RelayConnection(new Uri("ws://localhost/ws"), options, Logger, Clock, OpenAsync, () => random);
    }

    public ManualClock Clock { get; } = new();

    public CollectingLogger Logger { get; } = new();

    public RelayConnection Connection { get; }

    /// <summary>The tokens that were shown, one an attempt.</summary>
    public List<Secret?> Tokens { get; } = [];

    /// <summary>How many attempts fail, the first ones.</summary>
    public int Failing { get; init; }

    /// <summary>While set, attempts neither succeed nor fail.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>The server's side of the next connection, hello said.</summary>
    public async Task<ScriptedServer> ServerAsync()
    {
        var server = await _attempts.Reader.ReadAsync().AsTask().WaitAsync(TestTimeouts.Guard);
        await server.SayAsync("""{"type":"hello","v":1,"session":"s","time":"2026-11-21T22:00:00Z","ping":{"interval":25000,"timeout":10000}}""");
        return server;
    }

    /// <summary>The server's side of the next connection, which has said nothing.</summary>
    public Task<ScriptedServer> SilentServerAsync() => _attempts.Reader.ReadAsync().AsTask().WaitAsync(TestTimeouts.Guard);

    /// <summary>The next status, which must be of that phase.</summary>
    public async Task<RelayStatus> StatusAsync(RelayPhase phase)
    {
        var status = await _statuses.Reader.ReadAsync().AsTask().WaitAsync(TestTimeouts.Guard);
        Assert.That(status.Phase, Is.EqualTo(phase), status.ToString());
        return status;
    }

    /// <summary>The next status of that phase, whatever comes before.</summary>
    public async Task<RelayStatus> StatusAtLastAsync(RelayPhase phase)
    {
        while (true)
        {
            var status = await _statuses.Reader.ReadAsync().AsTask().WaitAsync(TestTimeouts.Guard);
            if (status.Phase == phase)
                return status;
        }
    }

    /// <summary>How long it waits now; ends the wait.</summary>
    public async Task<TimeSpan> WaitOutAsync()
    {
        var waiting = await StatusAtLastAsync(RelayPhase.Waiting);
        var wait = waiting.Until!.Value - Clock.GetUtcNow();

        // It is told before its timer is set.
        while (Clock.NextDueIn is null)
            await Task.Yield();
        Assert.That(Clock.TimerCount, Is.EqualTo(1), "timers of a connection that is gone");
        Clock.Push(wait);
        return wait;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            server.Dispose();
        await Connection.DisposeAsync();
        Logger.Dispose();
    }

    private async Task<WebSocket> OpenAsync(Uri address, Secret? token, CancellationToken cancellationToken)
    {
        Tokens.Add(token);
        if (IsDeaf)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        if (Tokens.Count <= Failing)
            throw new HttpRequestException("Nobody is there.");
        var server = new ScriptedServer(new SocketPair(_capacity, "staterelay.v1.json"));
        _servers.Add(server);
        _attempts.Writer.TryWrite(server);
        return server.ClientSide;
    }
}

/// <summary>The server's side of one connection.</summary>
internal sealed class ScriptedServer(SocketPair pair) : IDisposable
{
    public WebSocket Socket => pair.Server;

    public WebSocket ClientSide => pair.Client;

    public Task SayAsync(string json) => Socket.SendTextAsync(json);

    /// <summary>The next message of the client's, which must be of that type.</summary>
    public async Task<JsonObject> HearAsync(string type)
    {
        var text = await Socket.ReceiveTextAsync() ?? throw new InvalidOperationException($"The client closed: {Socket.CloseStatus}.");
        Assert.That((string?)JsonNode.Parse(text)!["type"], Is.EqualTo(type), text);
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>Hears a subscription and grants it.</summary>
    public async Task<JsonObject> ConfirmAsync(int sub = 1, string epoch = "e1", long seq = 0, bool recovered = false, string more = "")
    {
        var asked = await HearAsync("subscribe");
        await SayAsync($$"""{"type":"subscription_confirmed","id":{{asked["id"]}},"sub":{{sub}},"epoch":"{{epoch}}","seq":{{seq}},"recovered":{{(recovered ? "true" : "false")}}{{more}}}""");
        return asked;
    }

    /// <summary>Hears a subscription to a state and grants it with a snapshot.</summary>
    public async Task<JsonObject> StartStateAsync(string state = """{"n":0}""", long seq = 1, int sub = 1, string epoch = "e1")
    {
        var asked = await ConfirmAsync(sub, epoch, seq);
        await SnapshotAsync(state, seq, sub, epoch);
        return asked;
    }

    public Task SnapshotAsync(string state, long seq, int sub = 1, string epoch = "e1") =>
        SayAsync($$"""{"type":"state_snapshot","sub":{{sub}},"epoch":"{{epoch}}","seq":{{seq}},"state":{{state}}}""");

    public Task DeltaAsync(long prev, long seq, string patch, int sub = 1) => SayAsync(Delta(prev, seq, patch, sub));

    public static string Delta(long prev, long seq, string patch, int sub = 1) =>
        $$"""{"type":"state_delta","sub":{{sub}},"prev":{{prev}},"seq":{{seq}},"patch":{{patch}}}""";

    public Task EventAsync(long prev, long seq, string json = """{"type":"push"}""", int sub = 1) =>
        SayAsync($$"""{"type":"event","sub":{{sub}},"prev":{{prev}},"seq":{{seq}},"event":{{json}}}""");

    /// <summary>Sees that the client has taken everything said so far, and said nothing itself but the answer to this.</summary>
    public async Task SettleAsync()
    {
        await SayAsync("""{"type":"ping","seq":77}""");
        Assert.That((int?)(await HearAsync("pong"))["seq"], Is.EqualTo(77));
    }

    public async Task CloseAsync(int code, string reason = "because")
    {
        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        await Socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, guard.Token);
    }

    /// <summary>Waits for the client's close frame and gives its code.</summary>
    public async Task<int?> ClosedAsync()
    {
        while (await Socket.ReceiveTextAsync() is not null)
        {
        }

        return (int?)Socket.CloseStatus;
    }

    /// <summary>The connection breaks.</summary>
    public void Dispose() => pair.Dispose();
}
