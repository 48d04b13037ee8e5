using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;

using StateRelay.Benchmarks;

// What the parts of the library cost by themselves: time and bytes allocated, in this process.
//
//   StateRelay.Benchmarks [--filter PATTERN...] [--markdown FILE]      patterns as in *VersionBenchmarks*, by default all
//   StateRelay.Benchmarks --quick                                      each once, only to see that it runs
var quick = args.Contains("--quick");
var markdown = Array.IndexOf(args, "--markdown") is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
var rest = args.Where((arg, index) => arg is not ("--quick" or "--markdown") && (index == 0 || args[index - 1] != "--markdown")).ToArray();
if (!rest.Contains("--filter"))
    rest = [.. rest, "--filter", "*"];

var summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(rest, quick ? Settings.Quick : Settings.Full).ToList();

if (markdown is not null)
{
    using var file = new StreamLogger(markdown);
    foreach (var summary in summaries)
        MarkdownExporter.GitHub.ExportToLog(summary, file);
}

// A benchmark that throws has no measurements, which by itself would pass for success.
var failed = summaries.SelectMany(summary => summary.Reports.Where(report => !report.Success).Select(report => report.BenchmarkCase.DisplayInfo)).ToList();
foreach (var name in failed)
    Console.Error.WriteLine($"failed: {name}");
if (summaries.Count == 0 || summaries.Any(summary => summary.HasCriticalValidationErrors))
    Console.Error.WriteLine("failed: nothing was run");
Console.WriteLine($"{summaries.Sum(summary => summary.Reports.Length)} benchmarks ran, {failed.Count} failed");
return summaries.Count > 0 && failed.Count == 0 && !summaries.Any(summary => summary.HasCriticalValidationErrors) ? 0 : 1;
