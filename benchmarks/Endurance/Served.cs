using System.Net;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace StateRelay.Benchmarks.Endurance;

/// <summary>A server of a board, on a listener of its own or in an ASP.NET Core application.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly WebServer _server;
    private readonly WebApplication? _app;

    private Served(WebServer server, WebApplication? app) => (_server, _app) = (server, app);

    public WebServer Server => _server;

    public int Port => _server.Address.Port;

    /// <summary>Starts one.</summary>
    /// <param name="state">What it shows.</param>
    /// <param name="setup">How.</param>
    /// <param name="port">Where; null for any free port.</param>
    public static async Task<Served> StartAsync(StateStore state, Setup setup, int? port = null)
    {
        if (!setup.IsMapped)
        {
            var options = new WebServerOptions { Host = "127.0.0.1", Port = port };
            Configure(options, setup);
            var server = new WebServer(state, options);
            await server.StartAsync();
            return new Served(server, null);
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Endurance" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port ?? 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddStateRelay(options => Configure(options, setup)).AddState(state);
        var app = builder.Build();
        app.MapStateRelay("/");
        await app.StartAsync();
        return new Served(app.Services.GetRequiredService<WebServer>(), app);
    }

    public static StateStore<Board> Store(Setup setup) =>
        new(new Board(setup.Cells, setup.Size), Json.Default.Board, new StateOptions { ProgressProjection = Board.WriteNewest });

    /// <summary>Serves in this process until its input ends, doing what the lines of that say, and answers each with a line of JSON.</summary>
    public static async Task RunAsync(Setup setup)
    {
        var store = Store(setup);
        var served = await StartAsync(store, setup);
        var (port, beating) = (served.Port, Task.CompletedTask);
        Answer($"{port}");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["figures"]:
                    Answer(JsonSerializer.Serialize(Figures.Collected(served.Server.ClientCount, store.Version - 1), Json.Default.Figures));
                    break;

                case ["beat", var perSecond, var count]:
                    beating = BeatAsync(store, int.Parse(perSecond), int.Parse(count));
                    Answer("true");
                    break;

                case ["beaten"]:
                    await beating;
                    Answer($"{store.Version - 1}");
                    break;

                case ["stop"]:
                    await beating;
                    var began = TimeProvider.System.GetTimestamp();
                    await served.DisposeAsync();
                    var stopped = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
                    served = await StartAsync(store, setup, port);
                    var again = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
                    Answer(JsonSerializer.Serialize(new Stopped(stopped, again), Json.Default.Stopped));
                    break;

                default:
                    throw new ArgumentException($"'{line}' is nothing that can be asked for.");
            }
        }

        await served.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        if (_app is null)
            return;
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void Configure(WebServerOptions options, Setup setup)
    {
        options.MaxConnections = options.MaxConnectionsPerAddress = 20_000;
        options.MaxConnectsPerMinute = 1_000_000;
        options.MaxConcurrentRequests = 1000;
        options.CoalescingInterval = TimeSpan.FromMilliseconds(20);
        options.WriteTimeout = TimeSpan.FromSeconds(setup.WriteSeconds);
    }

    private static async Task BeatAsync(StateStore<Board> store, int perSecond, int count)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var index = 0; index < count; index++)
        {
            var early = TimeSpan.FromSeconds((double)index / perSecond) - TimeProvider.System.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
                await Task.Delay(early);
            store.Mutate(board => board.Beat());
        }
    }

    private static void Answer(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    /// <summary>How long a stop took, and how long it was until another server listened on the same port; in milliseconds.</summary>
    internal sealed record Stopped(double Took, double PortFree);
}

/// <summary>How a board is served.</summary>
/// <param name="IsMapped">Whether in an ASP.NET Core application.</param>
/// <param name="Cells">The cells of the board.</param>
/// <param name="Size">The bytes of a beat.</param>
/// <param name="WriteSeconds">How long one write may take.</param>
internal sealed record Setup(bool IsMapped, int Cells = 64, int Size = 1000, int WriteSeconds = 10)
{
    public string Transport => IsMapped ? "Kestrel" : "HttpListener";

    /// <summary>As the arguments of a process.</summary>
    public string[] Arguments => [$"{IsMapped}", $"{Cells}", $"{Size}", $"{WriteSeconds}"];

    public static Setup Of(string[] arguments) =>
        new(bool.Parse(arguments[0]), int.Parse(arguments[1]), int.Parse(arguments[2]), int.Parse(arguments[3]));
}
