using System.Diagnostics;

using StateRelay.Benchmarks.FanOut;
using StateRelay.Benchmarks.FanOut.Load;
using StateRelay.Benchmarks.FanOut.Peers;
using StateRelay.Benchmarks.FanOut.Scenarios;
using StateRelay.Benchmarks.FanOut.Tables;

// Runs StateRelay and what one would take or write instead side by side: every server in a process of its own, over real sockets on this
// machine, in turn; prints what they cost in proportion to each other, against the project's goals, as Markdown.
//
//   FanOut [--quick] [--only A,C,...] [--out FILE]
//   FanOut --million                                  instead, how much a hub keeps of a million events that nothing slows down
//   FanOut serve PEER                                 one server, for the program itself
if (args is ["serve", var peer])
    return await ServerLoop.RunAsync(peer);
if (args is ["--million"])
{
    await Million.RunAsync();
    return 0;
}

if (!OperatingSystem.IsLinux())
{
    Console.Error.WriteLine("The load client speaks to Linux itself and runs nowhere else.");
    return 2;
}

if (Arguments.Read(args) is not { } arguments)
{
    Console.Error.WriteLine(Arguments.Usage);
    return 2;
}

var scale = arguments.Scale;
if (Libc.RaiseOpenFiles(scale.IdleConnections + 1000) < scale.IdleConnections + 1000)
{
    Console.Error.WriteLine($"{scale.IdleConnections + 1000} files must be allowed to be open: raise the limit with ulimit -n.");
    return 2;
}

const string Command = "dotnet run -c Release --project benchmarks/FanOut";
var written = new List<string> { Machine.Describe(args.Length == 0 ? Command : $"{Command} -- {string.Join(' ', args)}") };
if (scale.IsQuick)
    written.Add("This was the quick form: the figures mean nothing, only that everything runs and the counts are right.\n");
Console.WriteLine(string.Join('\n', written));

var faults = 0;
foreach (var (letters, run) in ScenarioList.All)
{
    if (arguments.Only.Count > 0 && !letters.Any(arguments.Only.Contains))
        continue;
    var began = Stopwatch.GetTimestamp();
    var section = run(scale);
    faults += section.Faults.Count;
    written.Add(section.ToMarkdown());
    Console.WriteLine(written[^1]);
    Console.Error.WriteLine($"({letters} took {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s)");
}

if (arguments.Out is { } file)
    await File.WriteAllTextAsync(file, string.Join('\n', written));
if (faults > 0)
    Console.Error.WriteLine($"{faults} rounds did not count.");
return faults > 0 ? 1 : 0;
