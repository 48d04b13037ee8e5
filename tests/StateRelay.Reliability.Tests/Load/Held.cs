namespace StateRelay.Tests.Reliability.Load;

/// <summary>What this process holds: descriptors, threads and timers. Linux counts the first two; elsewhere they are 0.</summary>
/// <param name="Descriptors">Open descriptors, but for those of loaded code.</param>
/// <param name="Threads">Threads, but for those that the runtime's pool and compiler start and end as they see fit.</param>
/// <param name="Timers">Timers that are set.</param>
internal sealed record Held(int Descriptors, int Threads, long Timers)
{
    private static readonly string[] OfTheRuntime = [".NET TP ", ".NET Tiered"];

    /// <summary>Counts, after all that is garbage is gone.</summary>
    public static Held Now()
    {
        for (var round = 0; round < 3; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return OperatingSystem.IsLinux()
            ? new(
                Directory.GetFiles("/proc/self/fd").Count(descriptor => Path.GetExtension(new FileInfo(descriptor).LinkTarget) is not (".dll" or ".pdb")),
                Directory.GetDirectories("/proc/self/task").Count(IsLasting),
                Timer.ActiveCount)
            : new(0, 0, Timer.ActiveCount);
    }

    /// <summary>Counts when what ends shortly after the last call has ended; what does not end within <see cref="TestTimeouts.Guard"/> never will.</summary>
    public static async Task<Held> SettledAsync(Held before, IReadOnlyCollection<WeakReference> servers)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var now = Now();
            var isSettled = now.Descriptors <= before.Descriptors && now.Threads <= before.Threads && now.Timers <= before.Timers && !servers.Any(server => server.IsAlive);
            if (isSettled || TimeProvider.System.GetElapsedTime(began) > TestTimeouts.Guard)
                return now;
            await Task.Yield();
        }
    }

    private static bool IsLasting(string task)
    {
        try
        {
            var name = File.ReadAllText(Path.Combine(task, "comm"));
            return !OfTheRuntime.Any(start => name.StartsWith(start, StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;       // it has ended meanwhile
        }
    }
}
