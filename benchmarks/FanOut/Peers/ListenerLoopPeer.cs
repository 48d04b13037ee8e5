using System.Net;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>What one writes by hand with <see cref="HttpListener"/>: a list of sockets, and a loop that awaits each in turn.</summary>
/// <param name="greets">Whether each client is sent a message when it comes, so that it knows it is served.</param>
internal sealed class ListenerLoopPeer(bool greets = false) : IPeer
{
    private readonly HttpListener _listener = new();
    private readonly SocketList _sockets = new();

    public int Clients => _sockets.Count;

    public Task<int> StartAsync()
    {
        var port = FreePort.Listen(_listener);
        _ = AcceptAsync();
        return Task.FromResult(port);
    }

    public async ValueTask PublishAsync(ReadOnlyMemory<string> burst)
    {
        for (var index = 0; index < burst.Length; index++)
        {
            var utf8 = Tick.Utf8(burst.Span[index]);
            foreach (var socket in _sockets.All)
                await _sockets.SendAsync(socket, utf8);
        }
    }

    public ValueTask DisposeAsync()
    {
        _listener.Close();
        return default;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return; // closed
            }

            _ = ServeAsync(context);
        }
    }

    private async Task ServeAsync(HttpListenerContext context)
    {
        if (!context.Request.IsWebSocketRequest)
        {
            context.Response.StatusCode = 404;
            context.Response.Close();
            return;
        }

        using var socket = (await context.AcceptWebSocketAsync(null)).WebSocket;
        _sockets.Add(socket);
        if (greets)
            await _sockets.SendAsync(socket, Tick.Utf8(Load.Mark.Write(1, Tick.TextLength)));
        await _sockets.ReadToTheEndAsync(socket);
    }
}
