using System.Net.WebSockets;
using System.Text;

namespace StateRelay.Benchmarks.WebhookLoad;

/// <summary>Plain clients of events, spread evenly over organizations, that count what they are sent.</summary>
internal sealed class Subscribers : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly CancellationTokenSource _ended = new();
    private readonly List<Task> _reading = [];
    private long _received;
    private int _lost;

    /// <summary>Events received by all together.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Subscribers that lost their connection.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>Connects and subscribes them all, ten at a time; each counts from then on.</summary>
    public async Task ConnectAsync(Uri server, int count, int organizations)
    {
        var address = new UriBuilder(server) { Scheme = "ws", Path = "/ws" }.Uri;
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (index, stop) =>
        {
            var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", $"Bearer token{index % organizations}");
            await socket.ConnectAsync(address, _http, stop);
            await SendAsync(socket, $$"""{"organization":"org{{index % organizations}}"}""", stop);
            var confirmed = new TaskCompletionSource();
            lock (_reading)
                _reading.Add(ReadAsync(socket, confirmed));
            await confirmed.Task.WaitAsync(TimeSpan.FromSeconds(20), stop);
        });
    }

    /// <summary>Cuts them all off.</summary>
    public async Task EndAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAll(_reading);
    }

    public void Dispose()
    {
        _http.Dispose();
        _ended.Dispose();
    }

    private async Task ReadAsync(ClientWebSocket socket, TaskCompletionSource confirmed)
    {
        using var mine = socket;
        var buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), _ended.Token) is { MessageType: WebSocketMessageType.Text, Count: var count })
            {
                // Every frame of this dialect begins with its type and fits the buffer; what is not counted here is seen to be missing.
                if (buffer.AsSpan(0, count).StartsWith("""{"type":"pull_request","""u8))
                    Interlocked.Increment(ref _received);
                else if (buffer.AsSpan(0, count).StartsWith("""{"type":"subscription_confirmed","""u8))
                    confirmed.TrySetResult();
                else if (buffer.AsSpan(0, count).StartsWith("""{"type":"ping","""u8))
                    await SendAsync(socket, """{"type":"pong"}""", _ended.Token);
            }

            Interlocked.Increment(ref _lost);
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
        catch (WebSocketException)
        {
            Interlocked.Increment(ref _lost);
        }
    }

    private static Task SendAsync(ClientWebSocket socket, string text, CancellationToken stop) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, stop);
}
