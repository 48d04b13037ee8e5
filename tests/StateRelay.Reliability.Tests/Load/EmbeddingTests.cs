using System.Net;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

using StateRelay.Tests.Reliability.Secrets;

namespace StateRelay.Tests.Reliability.Load;

/// <summary>A program that starts and stops servers again and again, with clients that go and clients that stay to the end, is left with nothing of them.</summary>
[NonParallelizable]
public sealed class EmbeddingTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task Servers_that_were_stopped_leave_no_socket_no_thread_no_timer_and_no_handle(bool isMapped)
    {
        var unobserved = new List<Exception>();
        EventHandler<UnobservedTaskExceptionEventArgs> told = (_, error) => unobserved.Add(error.Exception);
        TaskScheduler.UnobservedTaskException += told;
        try
        {
            // The first ones load code, and start what the runtime keeps.
            for (var index = 0; index < 3; index++)
                await StartAndStopAsync(isMapped);
            var before = Held.Now();

            var servers = new List<WeakReference>();
            for (var index = 0; index < Scale.Of(30, 300); index++)
                servers.Add(await StartAndStopAsync(isMapped));
            var after = await Held.SettledAsync(before, servers);

            Assert.Multiple(() =>
            {
                Assert.That(after.Descriptors, Is.LessThanOrEqualTo(before.Descriptors));
                Assert.That(after.Threads, Is.LessThanOrEqualTo(before.Threads));
                Assert.That(after.Timers, Is.LessThanOrEqualTo(before.Timers));
                Assert.That(servers.Count(server => server.IsAlive), Is.Zero);
                Assert.That(unobserved, Is.Empty);
            });
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= told;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> StartAndStopAsync(bool isMapped)
    {
        var state = new StateStore<JsonNode>(JsonNode.Parse("""{"n":0}""")!, AnyJson.Default.JsonNode);
        var (server, app) = await ServeAsync(state, isMapped);
        using var stays = await FollowAsync(server.Address);
        using (var goes = await FollowAsync(server.Address))
        {
            state.Mutate(json => json["n"] = 1);
            Assert.That(await goes.ReceiveTextAsync(), Does.Contain("state_"));
        }

        var toTheEnd = ReadToTheEndAsync(stays);
        await server.DisposeAsync();
        if (app is not null)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        await toTheEnd;
        return new WeakReference(server);
    }

    // A client that did not answer the close frame would be waited for.
    private static async Task ReadToTheEndAsync(ClientWebSocket client)
    {
        while (await client.ReceiveTextAsync() is not null)
        {
        }

        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, guard.Token);
    }

    private static async Task<(WebServer Server, WebApplication? App)> ServeAsync(StateStore state, bool isMapped)
    {
        if (!isMapped)
        {
            var server = new WebServer(state, new WebServerOptions { Port = null });
            await server.StartAsync();
            return (server, null);
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Depot" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddStateRelay().AddState(state);
        var app = builder.Build();
        app.MapStateRelay("/relay");
        await app.StartAsync();
        return (app.Services.GetRequiredService<WebServer>(), app);
    }

    private static async Task<ClientWebSocket> FollowAsync(Uri server)
    {
        var socket = new ClientWebSocket();
        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        await socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = server.AbsolutePath + "ws" }.Uri, guard.Token);
        Assert.That(await socket.ReceiveTextAsync(), Does.Contain("state_snapshot"));
        return socket;
    }
}
