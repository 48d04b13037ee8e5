using System.Net;
using System.Net.Sockets;

using StateRelay.Http;

namespace StateRelay.Tests.Http;

public sealed class NoDelayTests
{
    [Test]
    [Platform("Linux")]
    public async Task Accepted_sockets_inherit_it_and_work()
    {
        using var listener = Listener();

        var found = NoDelay.Apply(PortOf(listener));
        using var accepted = await RoundTripAsync(listener);

        Assert.That(found, Is.EqualTo(1));
        Assert.That(accepted.NoDelay, Is.True);
    }

    [Test]
    public async Task Without_it_sockets_work_as_well()
    {
        using var listener = Listener();

        using var accepted = await RoundTripAsync(listener);

        Assert.That(accepted.NoDelay, Is.False);
    }

    [Test]
    public async Task Setting_it_again_and_again_leaves_the_listener_alone()
    {
        using var listener = Listener();

        for (var i = 0; i < 100; i++)
            NoDelay.Apply(PortOf(listener));
        GC.Collect();
        GC.WaitForPendingFinalizers();

        using var accepted = await RoundTripAsync(listener);
        Assert.That(accepted.Connected, Is.True);
    }

    [Test]
    public void A_port_that_nobody_listens_on_is_no_error()
    {
        int port;
        using (var listener = Listener())
            port = PortOf(listener);

        Assert.That(NoDelay.Apply(port), Is.Zero);
    }

    private static Socket Listener()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    private static int PortOf(Socket listener) => ((IPEndPoint)listener.LocalEndPoint!).Port;

    private static async Task<Socket> RoundTripAsync(Socket listener)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!);
        var accepted = await listener.AcceptAsync();

        var buffer = new byte[1];
        await client.SendAsync(new byte[] { 42 });
        await accepted.ReceiveAsync(buffer);
        Assert.That(buffer[0], Is.EqualTo(42));
        return accepted;
    }
}
