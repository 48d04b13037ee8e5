using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

using Perfolizer.Horology;

namespace StateRelay.Benchmarks;

/// <summary>How benchmarks are run: in this process, because the runner knows no project file of this framework.</summary>
internal static class Settings
{
    /// <summary>For figures: ratios within one table, not the absolute times, are what to go by.</summary>
    public static IConfig Full { get; } = Of(Job.Default
        .WithWarmupCount(8)
        .WithIterationCount(12)
        .WithIterationTime(TimeInterval.FromMilliseconds(80)));

    /// <summary>To see that each runs.</summary>
    public static IConfig Quick { get; } = Of(Job.Dry);

    private static ManualConfig Of(Job job) => ManualConfig.CreateEmpty()
        .AddJob(job.WithToolchain(InProcessEmitToolchain.Instance))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .HideColumns(Column.Gen0, Column.Gen1, Column.Gen2, Column.Error, Column.RatioSD)
        .AddExporter(MarkdownExporter.GitHub)
        .AddLogger(ConsoleLogger.Default)
        .WithArtifactsPath(Path.Combine("artifacts", "benchmarks"))
        .WithOptions(ConfigOptions.DisableLogFile);
}
