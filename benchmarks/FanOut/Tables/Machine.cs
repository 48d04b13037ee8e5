using System.Globalization;
using System.Runtime.InteropServices;

namespace StateRelay.Benchmarks.FanOut.Tables;

/// <summary>Where and when figures were taken.</summary>
internal static class Machine
{
    public static string Describe(string command) => string.Create(CultureInfo.InvariantCulture, $"""
        Taken on {DateTime.UtcNow:yyyy-MM-dd} with `{command}`, on {Environment.ProcessorCount} cores ({Processor()}), {MemoryInGiB():F0} GiB of memory,
        Linux {Kernel()}, {RuntimeInformation.FrameworkDescription}; every server with the garbage collector of a workstation, concurrent, and
        what else the runtime has by default. Medians of rounds in turn; in brackets their range.

        """);

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
        ?? $"{RuntimeInformation.ProcessArchitecture}";

    private static double MemoryInGiB() => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);

    private static string Kernel() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
}
