using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace StateRelay.Benchmarks.Endurance;

/// <summary>A server in a process of its own, which ends with this one: it lives as long as its input is open.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;

    private ServerProcess(Process process) => _process = process;

    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    public static async Task<ServerProcess> StartAsync(Setup setup)
    {
        var server = new ServerProcess(Start(["serve", .. setup.Arguments]));
        server.Address = new IPEndPoint(IPAddress.Loopback, int.Parse(await server.ReadAsync(Patience)));
        return server;
    }

    /// <summary>Starts this program once more, with these arguments.</summary>
    public static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Environment.GetCommandLineArgs()[0], .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };

        // Run by itself, not by the "dotnet" command, the program's first argument is not its own file.
        if (!Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.Ordinal))
            start.ArgumentList.RemoveAt(0);

        // Every method is compiled once, for good: compiled again whenever it was called often, code takes memory that is nobody's leak.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        return Process.Start(start) ?? throw new InvalidOperationException("The program could not be started once more.");
    }

    /// <summary>What it holds, when all that is garbage is gone.</summary>
    public async Task<Figures> FiguresAsync() =>
        JsonSerializer.Deserialize(await AskAsync("figures"), Json.Default.Figures)!;

    /// <summary>Its figures when nobody is connected any more, and no more descriptors and threads are there than before; or what they are after a minute.</summary>
    public async Task<Figures> SettledAsync(Figures? before = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var figures = await FiguresAsync();
            var isSettled = figures.Clients == 0
                && (before is null || (figures.Descriptors <= before.Descriptors && figures.Threads <= before.Threads && figures.Timers <= before.Timers));
            if (isSettled || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromMinutes(1))
                return figures;
            await Task.Delay(200);
        }
    }

    /// <summary>Begins to change the state.</summary>
    public Task BeatAsync(int perSecond, int count) => AskAsync($"beat {perSecond} {count}");

    /// <summary>Waits until it is changed no more; gives the number of the last beat.</summary>
    public async Task<long> BeatenAsync(TimeSpan atMost) => long.Parse(await AskAsync("beaten", atMost + Patience));

    /// <summary>Stops the server, and starts another one on its port.</summary>
    public async Task<Served.Stopped> StopAsync() => JsonSerializer.Deserialize(await AskAsync("stop"), Json.Default.Stopped)!;

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            throw;
        }
        finally
        {
            _process.Dispose();
        }
    }

    private async Task<string> AskAsync(string line, TimeSpan? patience = null)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await ReadAsync(patience ?? Patience);
    }

    private async Task<string> ReadAsync(TimeSpan patience) =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(patience) ?? throw new InvalidOperationException("The server's process has ended.");
}
