using System.Net;
using System.Net.Sockets;

using StateRelay.Tests.Reliability.Hostile;

namespace StateRelay.Tests.Reliability.Faults;

/// <summary>Clients that try to connect all the while, as those do whose server is being started again.</summary>
public sealed class HastyClientTests
{
    private const int MostStarts = 300;

    [Test]
    public async Task A_server_starts_though_clients_connect_before_its_listener_is_whole()
    {
        using var log = new CollectingLogger();
        var port = FreePort.Take();
        using var enough = new CancellationTokenSource();
        Task[] hasty = [.. Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(() => Connect(port, enough.Token), TaskCreationOptions.LongRunning))];

        // Until one was in such haste; how many starts that takes is up to the system.
        var starts = 0;
        for (; starts < MostStarts && !log.Lines.Any(line => line.Text.Contains("made again", StringComparison.Ordinal)); starts++)
        {
            await using var server = new WebServer(new StateStore<Beat>(new Beat(0, ""), ReliabilityJson.Default.Beat), new WebServerOptions { Port = port }, log);
            Assert.That(() => server.StartAsync(), Throws.Nothing, $"Start {starts + 1}");
        }

        await enough.CancelAsync();
        await Task.WhenAll(hasty).WaitAsync(TestTimeouts.Guard);
        await using var last = new WebServer(new StateStore<Beat>(new Beat(7, ""), ReliabilityJson.Default.Beat), new WebServerOptions { Port = port }, log);
        await last.StartAsync();
        using var http = new HttpClient();
        Assert.That(await http.GetStringAsync(new Uri(last.Address, "api/state")), Does.Contain("\"Count\":7"));
        TestContext.Out.WriteLine($"{starts} starts");
    }

    private static void Connect(int port, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            try
            {
                using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                client.LingerState = new LingerOption(true, 0);
                client.Connect(IPAddress.Loopback, port);
            }
            catch (SocketException)
            {
                // Nobody listens at this moment.
            }
        }
    }
}
