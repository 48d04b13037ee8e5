namespace StateRelay.Benchmarks.Endurance;

/// <summary>What this process holds now. Linux only.</summary>
/// <param name="Resident">Bytes of memory that the system has given it.</param>
/// <param name="Committed">Those of them that the collector has for managed memory.</param>
/// <param name="Heap">Bytes of managed memory.</param>
/// <param name="Descriptors">Open descriptors: sockets, files and the like, but for the code that is loaded when it is first needed.</param>
/// <param name="Threads">Threads, but for those that come and go as there is work: the runtime's pool's, its compiler's, and those that wake clients.</param>
/// <param name="Timers">Timers that are set.</param>
/// <param name="Clients">Clients of the server.</param>
/// <param name="Beats">Beats of its state.</param>
internal sealed record Figures(long Resident, long Committed, long Heap, int Descriptors, int Threads, long Timers, int Clients, long Beats)
{
    private static readonly string[] Passing = [".NET TP ", ".NET Tiered", "StateRelay ring"];

    /// <summary>Takes them, after all that is garbage is gone.</summary>
    public static Figures Collected(int clients = 0, long beats = 0)
    {
        for (var round = 0; round < 3; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return new(
            long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1]) * Environment.SystemPageSize,
            GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes,
            GC.GetTotalMemory(forceFullCollection: false),
            Directory.GetFiles("/proc/self/fd").Count(descriptor => !IsCode(descriptor)),
            Directory.GetDirectories("/proc/self/task").Count(IsLasting),
            Timer.ActiveCount,
            clients,
            beats);
    }

    // Symbols are read when the first exception tells where it comes from.
    private static bool IsCode(string descriptor) => Path.GetExtension(new FileInfo(descriptor).LinkTarget) is ".dll" or ".pdb";

    private static bool IsLasting(string task)
    {
        try
        {
            var name = File.ReadAllText(Path.Combine(task, "comm"));
            return !Passing.Any(start => name.StartsWith(start, StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;       // it has ended meanwhile
        }
    }
}
