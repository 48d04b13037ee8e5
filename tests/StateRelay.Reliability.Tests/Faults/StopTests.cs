using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

using StateRelay.Tests.Reliability.Hostile;

namespace StateRelay.Tests.Reliability.Faults;

/// <summary>A server that stops while some of its clients do not read.</summary>
public sealed class StopTests
{
    [TestCase(Transport.Listener)]
    [TestCase(Transport.Kestrel)]
    public async Task Stuck_clients_keep_nobody_else_from_the_goodbye_nor_the_port_from_being_free(Transport transport)
    {
        var (all, stuck) = (Scale.Of(100, 1000), Scale.Of(10, 50));
        var big = new StateStore<Beat>(new Beat(0, new string('b', 16 * 1024 * 1024)), ReliabilityJson.Default.Beat);
        var relay = await ServedRelay.StartAsync(transport, options => options.ShutdownTimeout = TimeSpan.FromSeconds(2), null, ("big", big));
        var sockets = OpenSockets.Count();
        var held = new List<RawWebSocket>();
        for (var n = 0; n < stuck; n++)
            held.Add(await StuckAsync(relay.Address));
        var v1 = await ConnectAsync(relay.Address, (all - stuck) / 2, "staterelay.v1.json");
        var plain = await ConnectAsync(relay.Address, (all - stuck) / 2, null);
        var address = relay.Address;

        var farewells = v1.Concat(plain).Select(ReadToTheEndAsync).ToArray();
        await relay.DisposeAsync();

        var told = await Task.WhenAll(farewells).WaitAsync(TestTimeouts.Guard);
        Assert.That(told[..v1.Count].Select(one => (one.LastWords, one.Code)), Is.All.EqualTo(("goodbye", 4001)));
        Assert.That(told[v1.Count..].Select(one => one.Code), Is.All.EqualTo(1001));
        Assert.That(() => Bind(address.Port), Throws.Nothing);

        foreach (var socket in v1.Concat<IDisposable>(plain).Concat(held))
            socket.Dispose();
        await OpenSockets.FallToAsync(sockets);
    }

    // One that has begun to be sent more than all buffers between hold, and reads no more of it.
    private static async Task<RawWebSocket> StuckAsync(Uri relay)
    {
        var socket = await RawWebSocket.ConnectAsync(relay, "?mode=state&topic=big");
        await socket.ReadSomeAsync(1);
        return socket;
    }

    private static async Task<List<ClientWebSocket>> ConnectAsync(Uri relay, int count, string? subprotocol)
    {
        var sockets = new List<ClientWebSocket>();
        for (var n = 0; n < count; n++)
        {
            var socket = new ClientWebSocket();
            if (subprotocol is not null)
                socket.Options.AddSubProtocol(subprotocol);
            await socket.ConnectAsync(new UriBuilder(relay) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None).WaitAsync(TestTimeouts.Guard);
            if (subprotocol is not null)
                await socket.SendTextAsync("""{"type":"subscribe","id":1,"topic":"state"}""");
            sockets.Add(socket);
        }

        return sockets;
    }

    private static async Task<(string? LastWords, int? Code)> ReadToTheEndAsync(ClientWebSocket socket)
    {
        string? last = null;
        while (await socket.ReceiveTextAsync() is { } text)
            last = text;
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        return (last?.Contains("\"goodbye\"", StringComparison.Ordinal) == true ? "goodbye" : last, (int?)socket.CloseStatus);
    }

    private static void Bind(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
    }
}
