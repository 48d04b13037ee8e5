using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace StateRelay.Benchmarks.Endurance;

/// <summary>A program that starts and stops servers again and again holds at its end what it held at first.</summary>
internal static class Embedding
{
    private const long HeapAllowance = 1 << 20;
    private const long ResidentAllowance = 20 << 20;

    public static async Task RunAsync(Report report, Scale scale, bool isMapped)
    {
        var count = scale.Of(500, 30);
        var setup = new Setup(isMapped, Cells: 4);
        var name = $"embed, {setup.Transport}";
        using var process = ServerProcess.Start(["embed-here", $"{count}", .. setup.Arguments]);
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(10)) ?? throw new InvalidOperationException("The process has ended.");
        await process.WaitForExitAsync();
        var (first, end, alive, unobserved) = JsonSerializer.Deserialize(line, Json.Default.Result)!;

        report.Tell(name, $"{count} starts and stops in one process, each with a client: memory {Written.MiB(first.Resident)} to {Written.MiB(end.Resident)}, managed {Written.MiB(first.Heap)} to {Written.MiB(end.Heap)}");
        report.Must(name, $"descriptors {first.Descriptors} to {end.Descriptors}, threads {first.Threads} to {end.Threads}, timers {first.Timers} to {end.Timers}", "no more than at first", end.Descriptors <= first.Descriptors && end.Threads <= first.Threads && end.Timers <= first.Timers);
        report.Must(name, $"{alive} servers still held, {unobserved} exceptions nobody saw", "0", alive + unobserved == 0);
        report.Must(name, $"managed memory grew by {Written.MiB(end.Heap - first.Heap)}", $"at most {Written.MiB(HeapAllowance)}", end.Heap - first.Heap <= HeapAllowance);
        if (!scale.IsQuick)
            report.Must(name, $"memory grew by {Written.MiB(end.Resident - first.Resident)}", $"at most {Written.MiB(ResidentAllowance)}", end.Resident - first.Resident <= ResidentAllowance);
    }

    /// <summary>The process that it is measured in.</summary>
    public static async Task RunHereAsync(int count, Setup setup)
    {
        var unobserved = 0;
        TaskScheduler.UnobservedTaskException += (_, _) => Interlocked.Increment(ref unobserved);
        // Until all code is compiled for good.
        for (var index = 0; index < count / 5; index++)
            await StartAndStopAsync(setup);
        var first = await SettledAsync(null);

        var servers = new List<WeakReference>();
        for (var index = 0; index < count; index++)
            servers.Add(await StartAndStopAsync(setup));
        var end = await SettledAsync(first);
        Console.WriteLine(JsonSerializer.Serialize(new Result(first, end, servers.Count(server => server.IsAlive), unobserved), Json.Default.Result));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> StartAndStopAsync(Setup setup)
    {
        var store = Served.Store(setup);
        await using var served = await Served.StartAsync(store, setup);
        var tally = new Tally();
        await using var crowd = new Crowd(new IPEndPoint(IPAddress.Loopback, served.Port), tally, setup.Cells);
        await crowd.JoinAsync(2, everyPlain: 2);
        store.Mutate(board => board.Beat());
        await crowd.CatchUpAsync(1);
        crowd.ExpectEnd();
        await served.DisposeAsync();
        await crowd.EndedAsync();
        return tally.Disordered + tally.Unreadable + tally.Lost + tally.Failed == 0 && crowd.Followers.All(follower => follower.N == 1)
            ? new WeakReference(served.Server)
            : throw new InvalidOperationException("The clients did not see what was served.");
    }

    // What ends by itself, shortly after the last thing was done, may end.
    private static async Task<Figures> SettledAsync(Figures? first)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            await Task.Delay(500);
            var figures = Figures.Collected();
            if (first is null || (figures.Descriptors <= first.Descriptors && figures.Threads <= first.Threads && figures.Timers <= first.Timers) || Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(30))
                return figures;
        }
    }

    /// <summary>What came of it.</summary>
    internal sealed record Result(Figures First, Figures End, int Alive, int Unobserved);
}
