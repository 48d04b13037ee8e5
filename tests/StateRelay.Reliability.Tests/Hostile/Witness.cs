using System.Buffers.Text;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>
/// An honest client beside the hostile ones, on one connection for as long as those are tried. Each version and each event is made when the
/// one before has arrived, so that every single one must come, in order, as one step.
/// </summary>
internal sealed class Witness : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly ServedRelay _relay;
    private readonly Task _beating;
    private volatile bool _done;
    private TaskCompletionSource _seen = NotYet();

    // Touched by the beating task alone.
    private long _version;
    private long _event;

    private Witness(ServedRelay relay)
    {
        _relay = relay;
        _beating = Task.Run(BeatAsync);
    }

    /// <summary>Begins to watch.</summary>
    public static Witness Of(ServedRelay relay) => new(relay);

    /// <summary>Fails if anything but the next version or event has come so far.</summary>
    public Task IsWellAsync() => _beating.IsFaulted ? _beating : Task.CompletedTask;

    /// <summary>Completes when the version and the event have come that are made after this moment; fails if anything else did.</summary>
    public async Task SeesTheNextAsync()
    {
        for (var underWayAndNext = 0; underWayAndNext < 2; underWayAndNext++)
            await await Task.WhenAny(Volatile.Read(ref _seen).Task, _beating).WaitAsync(TestTimeouts.Guard);
    }

    /// <summary>Ends the watch, and gives how many versions and events were seen; fails if anything but the next one came.</summary>
    public async Task<(long Versions, long Events)> EndAsync()
    {
        _done = true;
        await _beating.WaitAsync(TestTimeouts.Guard);
        return (_version, _event);
    }

    public void Dispose() => _socket.Dispose();

    private static TaskCompletionSource NotYet() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task BeatAsync()
    {
        await ConnectAsync();
        await ReadUntilAsync(_relay.State.Version, -1);
        await _socket.SendTextAsync("""{"type":"subscribe","id":2,"topic":"events","filter":{"organization":"acme"}}""");
        await ReadUntilConfirmedAsync();
        while (!_done)
        {
            _relay.State.Update(beat => beat with { Count = beat.Count + 1 });
            await ReadUntilAsync(_relay.State.Version, _event);
            _relay.Hub.Broadcast(new Event("beat"), EventAudience.ForOrganization("acme"));
            await ReadUntilAsync(_version, _relay.Hub.Head.Seq);
            Interlocked.Exchange(ref _seen, NotYet()).SetResult();
        }

        await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(TestTimeouts.Guard);
    }

    private async Task ConnectAsync()
    {
        _socket.Options.AddSubProtocol("staterelay.v1.json");
        _socket.Options.AddSubProtocol("bearer." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(ServedRelay.AmysToken)));
        if (_relay.Server.ViewerLink is { } link)
            _socket.Options.SetRequestHeader("Authorization", "Bearer " + Uri.UnescapeDataString(link.Query["?token=".Length..]));
        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        await _socket.ConnectAsync(new UriBuilder(_relay.Address) { Scheme = "ws", Path = "/ws" }.Uri, guard.Token);
        await _socket.SendTextAsync("""{"type":"subscribe","id":1,"topic":"state"}""");
    }

    private async Task ReadUntilConfirmedAsync()
    {
        _event = -1;
        while (_event < 0)
            await ReadAsync();
    }

    private async Task ReadUntilAsync(long version, long happened)
    {
        while (_version < version || _event < happened)
            await ReadAsync();
    }

    private async Task ReadAsync()
    {
        var frame = JsonNode.Parse(await _socket.ReceiveTextAsync() ?? throw new AssertionException($"The witness was sent away: {_socket.CloseStatusDescription}."));
        foreach (var message in frame is JsonArray several ? several.ToArray() : [frame])
            await TakeAsync(message!);
    }

    private async Task TakeAsync(JsonNode message)
    {
        switch ((string?)message["type"])
        {
            case "state_snapshot":
                Assert.That(_version, Is.Zero, "a second snapshot");
                _version = (long)message["seq"]!;
                break;
            case "state_delta":
                Assert.That(((long)message["prev"]!, (long)message["seq"]!), Is.EqualTo((_version, _version + 1)));
                _version++;
                break;
            case "event":
                Assert.That(((long)message["prev"]!, (long)message["seq"]!), Is.EqualTo((_event, _event + 1)));
                _event++;
                break;
            case "subscription_confirmed" when (int)message["id"]! == 2:
                _event = (long)message["seq"]!;
                break;
            case "ping":
                await _socket.SendTextAsync($$"""{"type":"pong","seq":{{message["seq"]}}}""");
                break;
            case "hello" or "subscription_confirmed":
                break;
            default:
                throw new AssertionException($"The witness was told: {message.ToJsonString()}");
        }
    }
}
