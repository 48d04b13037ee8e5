using System.Net.WebSockets;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>The clients of a hand-written server. Safe for use by any thread.</summary>
internal sealed class SocketList
{
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly HashSet<WebSocket> _sockets = [];
    private WebSocket[]? _all;

    public int Count
    {
        get
        {
            lock (_gate)
                return _sockets.Count;
        }
    }

    /// <summary>All of them, to loop over; made anew only when one came or went.</summary>
    public WebSocket[] All
    {
        get
        {
            lock (_gate)
                return _all ??= [.. _sockets];
        }
    }

    public void Add(WebSocket socket)
    {
        lock (_gate)
        {
            _sockets.Add(socket);
            _all = null;
        }
    }

    public void Remove(WebSocket socket)
    {
        lock (_gate)
        {
            if (_sockets.Remove(socket))
                _all = null;
        }
    }

    /// <summary>Sends a text, and forgets a client that cannot be sent to.</summary>
    public async ValueTask SendAsync(WebSocket socket, ReadOnlyMemory<byte> utf8)
    {
        try
        {
            await socket.SendAsync(utf8, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        catch (Exception error) when (error is WebSocketException or ObjectDisposedException or InvalidOperationException
            or OperationCanceledException)
        {
            Remove(socket);
        }
    }

    /// <summary>Reads what the client says and does nothing with it; forgets the client when it is gone.</summary>
    public async Task ReadToTheEndAsync(WebSocket socket)
    {
        var buffer = new byte[1024];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception error) when (error is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Gone without a goodbye.
        }
        finally
        {
            Remove(socket);
        }
    }
}
