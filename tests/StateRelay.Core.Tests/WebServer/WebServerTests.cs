using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;

using Microsoft.Extensions.Logging;

using StateRelay.Tests.Support;

namespace StateRelay.Tests;

public sealed class WebServerTests
{
    [Test]
    public void A_server_without_a_state_cannot_be_made()
    {
        Assert.That(() => new WebServer(null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("state"));
        Assert.That(() => new WebServer(null!, new WebServerOptions()), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("state"));
        Assert.That(() => new WebServer(Some.Store(), (WebServerOptions)null!), Throws.ArgumentNullException.With.Property("ParamName").EqualTo("options"));
    }

    [TestCase(1024)]
    [TestCase(65535)]
    public void A_port_at_the_edge_is_accepted(int port)
    {
        Assert.That(() => new WebServer(Some.Store(), port), Throws.Nothing);
    }

    [TestCase(-1)]
    [TestCase(0)]
    [TestCase(80)]
    [TestCase(1023)]
    [TestCase(65536)]
    public void A_port_beyond_the_edge_is_refused(int port)
    {
        Assert.That(() => new WebServer(Some.Store(), port), Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("port"));
        Assert.That(() => new WebServer(Some.Store(), new WebServerOptions { Port = port }), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Broken_options_are_refused_with_every_reason()
    {
        var options = Some.Options(o => (o.Host, o.MaxConnections, o.WriteTimeout) = ("::1", 0, TimeSpan.Zero));

        Assert.That(
            () => new WebServer(Some.Store(), options),
            Throws.TypeOf<ArgumentException>().With.Message.Contains("IPv6").And.Message.Contains("MaxConnections").And.Message.Contains("WriteTimeout"));
    }

    [Test]
    public async Task Options_changed_after_the_server_was_made_have_no_effect()
    {
        var options = Some.Options();
        await using var server = new WebServer(Some.Store(), options);

        options.ViewerToken = "late";
        await server.StartAsync();

        Assert.That(server.ViewerLink, Is.Null);
    }

    [Test]
    public void What_needs_a_running_server_says_that_it_was_not_started()
    {
        var server = new WebServer(Some.Store(), Some.Options());

        Assert.That(() => server.Address, Throws.InvalidOperationException.With.Message.EqualTo("The server was not started."));
        Assert.That(() => server.ViewerLink, Throws.InvalidOperationException.With.Message.EqualTo("The server was not started."));
        Assert.That(() => server.ShutdownAsync(), Throws.InvalidOperationException.With.Message.EqualTo("The server was not started."));
        Assert.That(
            () => server.WaitForCompletionAckAsync(TimeSpan.Zero),
            Throws.InvalidOperationException.With.Message.EqualTo("The server was not started."));
        Assert.That(server.ClientCount, Is.Zero);
        Assert.That(async () => await server.DisposeAsync(), Throws.Nothing);
    }

    [Test]
    public async Task A_server_starts_once()
    {
        await using var server = new WebServer(Some.Store(), Some.Options());
        await server.StartAsync();

        Assert.That(() => server.StartAsync(), Throws.InvalidOperationException.With.Message.EqualTo("The server was already started."));
        Assert.That(() => server.AddState("late", Some.Store()), Throws.InvalidOperationException.With.Message.EqualTo("The server was already started."));

        await server.ShutdownAsync();
        Assert.That(() => server.StartAsync(), Throws.InvalidOperationException.With.Message.EqualTo("The server was already started."));
    }

    [Test]
    public async Task Of_many_starts_at_once_one_succeeds()
    {
        await using var server = new WebServer(Some.Store(), Some.Options());

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                await server.StartAsync();
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }));

        Assert.That(outcomes, Has.One.True);
    }

    [Test]
    public async Task A_taken_port_is_named_and_the_start_may_be_tried_again()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var port = ((IPEndPoint)other.LocalEndPoint!).Port;
        await using var server = new WebServer(Some.Store(), port);

        var error = await Assert.ThrowsAsync<WebServerBindException>(() => server.StartAsync());
        other.Dispose();
        await server.StartAsync();

        Assert.That(error!.Message, Is.EqualTo($"The port {port} on localhost is taken by another program (WebServerOptions.Port)."));
        Assert.That((error.Host, error.Port, error.IsPortTaken), Is.EqualTo(("localhost", port, true)));
        Assert.That(server.Address, Is.EqualTo(new Uri($"http://localhost:{port}/")));
    }

    [Test]
    public async Task A_port_taken_by_a_server_of_the_same_program_is_named()
    {
        await using var first = new WebServer(Some.Store(), Some.Options());
        await first.StartAsync();
        await using var second = new WebServer(Some.Store(), first.Address.Port);

        Assert.That(
            () => second.StartAsync(),
            Throws.TypeOf<WebServerBindException>().With.Message.EqualTo($"The port {first.Address.Port} on localhost is taken by another server of this program (WebServerOptions.Port)."));
        Assert.That((await RawHttpClient.AskAsync(first.Address, "GET /healthz HTTP/1.1")).Status, Is.EqualTo(200));
    }

    [Test]
    public void An_address_that_is_not_ours_is_named()
    {
        var server = new WebServer(Some.Store(), Some.Options(o => o.Host = "192.0.2.1"));

        Assert.That(
            () => server.StartAsync(),
            Throws.TypeOf<WebServerBindException>().With.Message.Contains("192.0.2.1").And.Message.Contains("WebServerOptions.Host"));
    }

    [Test]
    public async Task A_cancelled_start_does_nothing()
    {
        await using var server = new WebServer(Some.Store(), Some.Options());

        Assert.That(() => server.StartAsync(new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => server.StartAsync(), Throws.Nothing);
    }

    [Test]
    public async Task All_callers_of_a_shutdown_wait_for_the_one_and_the_port_is_free_then()
    {
        await using var server = new WebServer(Some.Store(), Some.Options());
        await server.StartAsync();
        var port = server.Address.Port;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.ShutdownAsync()));
        await using var next = new WebServer(Some.Store("next"), port);
        await next.StartAsync();

        Assert.That((await RawHttpClient.AskAsync(next.Address, "GET /api/state HTTP/1.1")).Text, Does.Contain("next"));
        Assert.That(() => server.ShutdownAsync(), Throws.Nothing);
    }

    [Test]
    public async Task A_server_may_take_the_port_of_the_one_before_again_and_again()
    {
        var port = 0;
        for (var i = 0; i < 10; i++)
        {
            await using var server = new WebServer(Some.Store($"run {i}"), Some.Options(o => o.Port = port == 0 ? null : port));
            await server.StartAsync();
            port = server.Address.Port;
            using var viewer = await ConnectAsync(server);

            var answer = await RawHttpClient.AskAsync(server.Address, "GET /api/state HTTP/1.1");

            Assert.That(answer.Text, Does.Contain($"run {i}"));
        }
    }

    [Test]
    public async Task A_shutdown_tells_viewers_and_does_not_wait_for_one_that_says_nothing()
    {
        await using var server = new WebServer(Some.Store(), Some.Options(o => o.ShutdownTimeout = TimeSpan.FromMinutes(10)));
        await server.StartAsync();
        using var viewer = await ConnectAsync(server);
        var snapshot = await ReceiveAsync(viewer);

        using var deadline = new CancellationTokenSource();
        var shutdown = server.ShutdownAsync(deadline.Token);
        var goodbye = await viewer.ReceiveAsync(new byte[1024], CancellationToken.None);
        await deadline.CancelAsync();
        await shutdown;

        Assert.That(snapshot, Does.Contain("state_snapshot"));
        Assert.That(goodbye.CloseStatus, Is.EqualTo((WebSocketCloseStatus)1001));
        Assert.That(server.ClientCount, Is.Zero);
    }

    [Test]
    public async Task A_request_under_way_is_finished_before_the_server_stops()
    {
        var asked = new TaskCompletionSource();
        var allow = new TaskCompletionSource();
        await using var server = new WebServer(Some.Store(), Some.Options(o =>
        {
            o.ShutdownTimeout = TimeSpan.FromMinutes(10);
            o.AuthorizeViewer = async _ =>
            {
                asked.SetResult();
                await allow.Task;
                return true;
            };
        }));
        await server.StartAsync();
        var request = RawHttpClient.AskAsync(server.Address, "GET /api/state HTTP/1.1");
        await asked.Task;

        var shutdown = server.ShutdownAsync();
        var late = await RawHttpClient.AskAsync(server.Address, "GET /healthz HTTP/1.1");
        var refused = await RawHttpClient.AskAsync(server.Address, "GET /api/state HTTP/1.1");
        var finishedEarly = shutdown.IsCompleted;
        allow.SetResult();
        await shutdown;

        Assert.That(late.Status, Is.EqualTo(503));
        Assert.That(late.Text, Is.EqualTo("""{"status":"stopping"}"""));
        Assert.That(refused.Status, Is.EqualTo(503));
        Assert.That(refused.Header("Retry-After"), Is.EqualTo("5"));
        Assert.That(finishedEarly, Is.False);
        Assert.That((await request).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task What_is_not_done_in_time_is_cut_off()
    {
        var clock = new ManualClock();
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource<bool>();
        await using var server = new WebServer(
            Some.Store(),
            Some.Options(o => o.AuthorizeViewer = async _ =>
            {
                asked.SetResult();
                return await never.Task;
            }),
            clock: clock);
        await server.StartAsync();
        using var client = await RawHttpClient.ConnectAsync(server.Address);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {server.Address.Authority}\r\n\r\n");
        await asked.Task;

        var shutdown = server.ShutdownAsync();
        while (!shutdown.IsCompleted)
        {
            clock.Push(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        Assert.That((await client.ReadAnswerAsync()).Status, Is.EqualTo(500));
        never.SetResult(true);
    }

    [Test]
    public async Task The_log_has_the_address_and_never_the_token()
    {
        var logger = new CollectingLogger();
        await using var server = new WebServer(Some.Store(), Some.Options(o => o.ViewerToken = "s3cret"), logger);

        await server.StartAsync();
        await RawHttpClient.AskAsync(server.Address, "GET /?token=s3cret HTTP/1.1");
        await RawHttpClient.AskAsync(server.Address, "GET /?token=s3cret-wrong HTTP/1.1");
        await server.ShutdownAsync();

        Assert.That(logger.Lines, Has.One.Matches<(LogLevel Level, EventId, string Text, Exception?)>(
            line => line.Level == LogLevel.Information && line.Text.Contains($"Listening on {server.Address}", StringComparison.Ordinal)));
        Assert.That(logger.Lines.Select(line => line.Text + line.Error), Has.None.Contains("s3cret"));
        Assert.That(server.ViewerLink, Is.EqualTo(new Uri(server.Address, "?token=s3cret")));
    }

    [Test]
    public async Task A_server_for_everybody_says_so_in_the_log()
    {
        var logger = new CollectingLogger();
        await using var server = new WebServer(Some.Store(), Some.Options(o => o.Host = "*"), logger);

        await server.StartAsync();

        Assert.That(logger.Lines, Has.One.Matches<(LogLevel Level, EventId, string Text, Exception?)>(
            line => line.Level == LogLevel.Warning && line.Text.StartsWith("Whoever can reach this machine", StringComparison.Ordinal)));
    }

    [TestCase("")]
    [TestCase("a b")]
    [TestCase("a/b")]
    [TestCase("ä")]
    [TestCase("state")]
    public void A_state_needs_a_name_of_its_own(string name)
    {
        var server = new WebServer(Some.Store(), Some.Options());

        Assert.That(() => server.AddState(name, Some.Store()), Throws.ArgumentException);
    }

    [Test]
    public async Task Waiting_for_an_acknowledgement_ends_at_once_when_nobody_is_connected()
    {
        await using var server = new WebServer(Some.Store(), Some.Options());
        await server.StartAsync();

        var ack = await server.WaitForCompletionAckAsync(TimeSpan.FromHours(1));

        Assert.That(ack, Is.EqualTo(CompletionAck.NobodyConnected));
    }

    private static async Task<ClientWebSocket> ConnectAsync(WebServer server)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(server.Address) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None);
        return socket;
    }

    private static async Task<string> ReceiveAsync(WebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, received.Count);
    }
}
