using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace StateRelay.Tests.EndToEnd;

/// <summary>A v1 client that follows one state by the position rule, on its own reading of the protocol.</summary>
internal sealed class V1Follower : IDisposable
{
    private readonly ClientWebSocket _socket = new();

    /// <summary>The state as this client would show it.</summary>
    public JsonNode? State { get; private set; }

    /// <summary>The version it is at.</summary>
    public long Seq { get; private set; }

    public string? Epoch { get; private set; }

    public int Deltas { get; private set; }

    public int Snapshots { get; private set; }

    public ClientWebSocket Socket => _socket;

    /// <summary>Connects and subscribes; goes on where <paramref name="before"/> was, if there is one.</summary>
    public async Task ConnectAsync(Uri server, V1Follower? before = null)
    {
        (State, Seq, Epoch) = (before?.State, before?.Seq ?? 0, before?.Epoch);
        var since = before is null ? "" : $",\"since\":{{\"epoch\":\"{Epoch}\",\"seq\":{Seq}}}";
        _socket.Options.AddSubProtocol("staterelay.v1.json");
        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        await _socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/ws" }.Uri, guard.Token);
        await _socket.SendTextAsync("{\"type\":\"subscribe\",\"id\":1,\"topic\":\"state\"" + since + "}");
    }

    /// <summary>Follows until it is at version <paramref name="seq"/>.</summary>
    public async Task FollowAsync(long seq)
    {
        while (Seq < seq)
            await ApplyAsync(JsonNode.Parse(await _socket.ReceiveTextAsync() ?? throw new InvalidOperationException("The server closed."))!);
    }

    public void Dispose() => _socket.Dispose();

    private async Task ApplyAsync(JsonNode frame)
    {
        foreach (var message in frame is JsonArray several ? several.ToArray() : [frame])
            await ApplyOneAsync(message!.AsObject());
    }

    private async Task ApplyOneAsync(JsonObject message)
    {
        switch ((string?)message["type"])
        {
            case "state_snapshot":
                (State, Seq, Epoch) = (message["state"]!.DeepClone(), (long)message["seq"]!, (string?)message["epoch"]);
                Snapshots++;
                break;
            case "state_delta":
                Assert.That((long)message["prev"]!, Is.EqualTo(Seq), "a delta that does not fit");
                (State, Seq) = (JsonPatchClient.Apply(State, message["patch"]), (long)message["seq"]!);
                Deltas++;
                break;
            case "ping":
                await _socket.SendTextAsync($$"""{"type":"pong","seq":{{message["seq"]}}}""");
                break;
        }
    }
}
