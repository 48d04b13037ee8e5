using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Threading.Channels;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>What one writes by hand on Kestrel: a bounded channel for each client, and a task that sends from it.</summary>
internal sealed class KestrelChannelsPeer : KestrelPeer
{
    private readonly ConcurrentDictionary<WebSocket, Channel<byte[]>> _clients = new();

    public override int Clients => _clients.Count;

    public override ValueTask PublishAsync(ReadOnlyMemory<string> burst)
    {
        foreach (var text in burst.Span)
        {
            var utf8 = Tick.Utf8(text);
            foreach (var (_, channel) in _clients)
                channel.Writer.TryWrite(utf8);
        }

        return default;
    }

    protected override void Use(WebApplication app)
    {
        app.UseWebSockets();
        app.Map("/ws", ServeAsync);
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var channel = Channel.CreateBounded<byte[]>(1024);
        _clients[socket] = channel;
        var sending = SendAsync(socket, channel.Reader);
        var buffer = new byte[1024];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException)
        {
            // Gone without a goodbye.
        }

        _clients.TryRemove(socket, out _);
        channel.Writer.Complete();
        await sending;
    }

    private static async Task SendAsync(WebSocket socket, ChannelReader<byte[]> messages)
    {
        try
        {
            await foreach (var utf8 in messages.ReadAllAsync())
                await socket.SendAsync(utf8.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        catch (Exception error) when (error is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The reading side finds out too.
        }
    }
}
