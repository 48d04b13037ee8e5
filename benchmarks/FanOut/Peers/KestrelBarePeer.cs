using Microsoft.AspNetCore.Builder;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>Kestrel's WebSockets and nothing else: accepted, and read.</summary>
internal sealed class KestrelBarePeer : KestrelPeer
{
    private readonly SocketList _sockets = new();

    public override int Clients => _sockets.Count;

    public override async ValueTask PublishAsync(ReadOnlyMemory<string> burst)
    {
        for (var index = 0; index < burst.Length; index++)
        {
            var utf8 = Tick.Utf8(burst.Span[index]);
            foreach (var socket in _sockets.All)
                await _sockets.SendAsync(socket, utf8);
        }
    }

    protected override void Use(WebApplication app)
    {
        app.UseWebSockets();
        app.Map("/ws", async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            _sockets.Add(socket);
            await _sockets.ReadToTheEndAsync(socket);
        });
    }
}
