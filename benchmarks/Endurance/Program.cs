using System.Globalization;

using StateRelay.Benchmarks.Endurance;

// What a server bears, and what it holds afterwards: on loopback, with the server in a process of its own, bounded in count and time.
// Ends with a table, and with 0 only when all held that must. Linux only: it counts descriptors and threads in /proc.
//
//   Endurance [--quick] [--minutes N] [--transport listener|kestrel] [--out FILE] [SCENARIO...]
//
// Scenarios: load churn soak slow stop embed; by default all. --quick does little of each; --minutes sets how long load and soak run.

Dictionary<string, (Func<Report, Scale, bool, Task> Run, bool OnBoth)> scenarios = new()
{
    ["stop"] = (Stop.RunAsync, true),
    ["embed"] = (Embedding.RunAsync, true),
    ["slow"] = (SlowReaders.RunAsync, true),
    ["churn"] = (Churn.RunAsync, false),
    ["load"] = (LoadHeld.RunAsync, true),
    ["soak"] = (Soak.RunAsync, false),
};

if (args is ["serve", .. var serve])
{
    await Served.RunAsync(Setup.Of(serve));
    return 0;
}

if (args is ["embed-here", var count, .. var setup])
{
    await Embedding.RunHereAsync(int.Parse(count, CultureInfo.InvariantCulture), Setup.Of(setup));
    return 0;
}

var (isQuick, minutes, transport, file) = (false, (int?)null, (string?)null, (string?)null);
List<string> chosen = [];
for (var index = 0; index < args.Length; index++)
{
    var next = index + 1 < args.Length ? args[index + 1] : null;
    switch (args[index])
    {
        case "--quick":
            isQuick = true;
            break;
        case "--minutes" when int.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given is >= 1 and <= 120:
            (minutes, index) = (given, index + 1);
            break;
        case "--transport" when next is "listener" or "kestrel":
            (transport, index) = (next, index + 1);
            break;
        case "--out" when next is not null:
            (file, index) = (next, index + 1);
            break;
        case var name when scenarios.ContainsKey(name):
            chosen.Add(name);
            break;
        default:
            Console.Error.WriteLine("Endurance [--quick] [--minutes 1 to 120] [--transport listener|kestrel] [--out FILE] [load churn soak slow stop embed]");
            return 2;
    }
}

var report = new Report();
foreach (var (name, (run, onBoth)) in scenarios.Where(scenario => chosen.Count == 0 || chosen.Contains(scenario.Key)))
{
    foreach (var isMapped in transport is null ? (bool[])(onBoth ? [false, true] : [false]) : [transport == "kestrel"])
    {
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            await run(report, new Scale(isQuick, minutes), isMapped);
        }
        catch (Exception error) when (error is IOException or InvalidOperationException or TimeoutException or System.Net.Sockets.SocketException)
        {
            report.Must(name, error.Message, "runs to its end", held: false);
        }

        Console.WriteLine($"  ({TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0} s)");
    }
}

Console.WriteLine();
Console.WriteLine(report.Markdown());
if (file is not null)
    await File.WriteAllTextAsync(file, report.Markdown());
Console.WriteLine(report.AllHeld ? "all held" : "NOT ALL HELD");
return report.AllHeld ? 0 : 1;
