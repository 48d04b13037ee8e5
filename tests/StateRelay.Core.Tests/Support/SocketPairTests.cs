using System.Net.WebSockets;

namespace StateRelay.Tests.Support;

public sealed class SocketPairTests
{
    [Test]
    public async Task What_one_side_sends_the_other_receives_in_both_directions()
    {
        using var pair = new SocketPair(subprotocol: "staterelay.v1.json");

        await pair.Server.SendTextAsync("to the client");
        await pair.Client.SendTextAsync("to the server");

        Assert.That(await pair.Client.ReceiveTextAsync(), Is.EqualTo("to the client"));
        Assert.That(await pair.Server.ReceiveTextAsync(), Is.EqualTo("to the server"));
        Assert.That(pair.Server.SubProtocol, Is.EqualTo("staterelay.v1.json"));
    }

    [Test]
    public async Task A_sender_waits_while_the_other_side_does_not_read_and_goes_on_when_it_does()
    {
        using var pair = new SocketPair(capacity: 1024);

        var sending = pair.Server.SendTextAsync(new string('x', 10_000));
        var waited = !sending.IsCompleted;
        var received = await pair.Client.ReceiveTextAsync();
        await sending.WaitAsync(TestTimeouts.Guard);

        Assert.That(waited, Is.True);
        Assert.That(received, Has.Length.EqualTo(10_000));
    }

    [Test]
    public async Task A_sender_that_waits_is_freed_by_an_abort()
    {
        using var pair = new SocketPair(capacity: 1024);
        var sending = pair.Server.SendTextAsync(new string('x', 10_000));

        pair.Server.Abort();

        Assert.That(async () => await sending.WaitAsync(TestTimeouts.Guard), Throws.InstanceOf<WebSocketException>().Or.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_reader_that_waits_is_freed_by_an_abort()
    {
        using var pair = new SocketPair();
        var reading = pair.Server.ReceiveTextAsync();

        pair.Server.Abort();

        Assert.That(async () => await reading.WaitAsync(TestTimeouts.Guard), Throws.InstanceOf<WebSocketException>().Or.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task The_closing_handshake_carries_code_and_reason()
    {
        using var pair = new SocketPair();

        await pair.Server.CloseOutputAsync((WebSocketCloseStatus)4001, "shutdown", CancellationToken.None);
        var end = await pair.Client.ReceiveTextAsync();
        await pair.Client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        Assert.That(end, Is.Null);
        Assert.That((int?)pair.Client.CloseStatus, Is.EqualTo(4001));
        Assert.That(pair.Client.CloseStatusDescription, Is.EqualTo("shutdown"));
        Assert.That(await pair.Server.ReceiveTextAsync(), Is.Null);
    }

    [Test]
    public void A_side_that_vanishes_without_a_goodbye_is_a_lost_connection_to_the_other()
    {
        using var pair = new SocketPair();

        pair.Client.Dispose();

        Assert.That(async () => await pair.Server.ReceiveTextAsync(), Throws.InstanceOf<WebSocketException>());
    }
}
