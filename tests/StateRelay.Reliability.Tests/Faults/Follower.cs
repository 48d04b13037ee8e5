using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace StateRelay.Tests.Reliability.Faults;

/// <summary>
/// An honest client that comes back for ever, on one connection after another. What it follows and shows is its own; one dialect a class.
/// Its members are touched by its own task; others read them once it is at rest.
/// </summary>
internal abstract class Follower(Uri relay) : IAsyncDisposable
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _leaving = new();
    private Task _following = Task.CompletedTask;
    private volatile string? _wrong;

    /// <summary>How often it has connected.</summary>
    public int Connections { get; private set; }

    /// <summary>Begins to follow.</summary>
    public void Start() => _following = Task.Run(FollowAsync);

    /// <summary>Waits until it shows what <paramref name="arrived"/> asks for; fails where it was told what breaks the protocol.</summary>
    public async Task UntilAsync(Func<bool> arrived)
    {
        var guard = Task.Delay(TestTimeouts.Guard);
        while (!arrived())
        {
            Assert.That(_wrong, Is.Null);
            Assert.That(guard.IsCompleted, Is.False, () => $"{this} does not arrive");
            await Task.Delay(5);
        }

        Assert.That(_wrong, Is.Null);
    }

    /// <summary>Leaves without a word, and is at rest then.</summary>
    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _following.WaitAsync(TestTimeouts.Guard);
        _leaving.Dispose();
    }

    /// <summary>Sets how it comes in, and gives what it says first.</summary>
    protected abstract string? Begin(ClientWebSocketOptions options, UriBuilder address);

    /// <summary>Takes one message; gives what is wrong with it, null for nothing.</summary>
    protected abstract string? Take(JsonNode message);

    private async Task FollowAsync()
    {
        while (!_leaving.IsCancellationRequested)
        {
            using var socket = new ClientWebSocket();
            try
            {
                await FollowAsync(socket);
            }
            catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
            {
                await Task.Delay(PauseAfterFailure, _leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception error)
            {
                _wrong = error.ToString();
                return;
            }
        }
    }

    private async Task FollowAsync(ClientWebSocket socket)
    {
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        var address = new UriBuilder(relay) { Scheme = "ws", Path = "/ws" };
        var first = Begin(socket.Options, address);
        await socket.ConnectAsync(address.Uri, _leaving.Token);
        Connections++;
        if (first is not null)
            await SendAsync(socket, first);

        var message = new byte[64 * 1024];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                if (length == message.Length)
                    Array.Resize(ref message, 2 * length);
                part = await socket.ReceiveAsync(message.AsMemory(length), _leaving.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                length += part.Count;
            }
            while (!part.EndOfMessage);

            var said = JsonNode.Parse(message.AsSpan(0, length));
            foreach (var one in said is JsonArray several ? several.ToArray() : [said])
            {
                if ((string?)one!["type"] == "ping")
                    await SendAsync(socket, $$"""{"type":"pong","seq":{{one["seq"]}}}""");
                else if (Take(one) is { } wrong)
                    _wrong ??= $"{wrong}: {one.ToJsonString()}";
            }
        }
    }

    private async Task SendAsync(ClientWebSocket socket, string text) =>
        await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(text).AsMemory(), WebSocketMessageType.Text, endOfMessage: true, _leaving.Token);
}
