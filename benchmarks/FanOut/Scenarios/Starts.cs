using System.Diagnostics;

using StateRelay.Benchmarks.FanOut.Load;
using StateRelay.Benchmarks.FanOut.Peers;
using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>Goal M: from the start of the program until it listens.</summary>
internal static class Starts
{
    public static Section Run(Scale scale)
    {
        Time(PeerCatalog.ListenerLoop);
        Time(PeerCatalog.RelayJob);
        var (bare, relay) = (new List<double>(), new List<double>());
        for (var start = 0; start < scale.Starts; start++)
        {
            bare.Add(Time(PeerCatalog.ListenerLoop));
            relay.Add(Time(PeerCatalog.RelayJob));
        }

        var ratio = new Spread(relay.Zip(bare, (one, other) => one / other));
        return new Section("M: start to listening", "program", "milliseconds", "× HttpListener")
            .Row("HttpListener, listening", $"{new Spread(bare)}", "1.00")
            .Row("StateRelay with the page of a job", $"{new Spread(relay)}", $"{ratio}")
            .Note($"{scale.Starts} starts of each in turn, from the start of the process until it says that it listens.")
            .AtMost("at most 1.3 × a bare HttpListener program", 1.3, ratio.Median);
    }

    private static double Time(string peer)
    {
        var began = Stopwatch.GetTimestamp();
        using var server = ServerProcess.Start(peer);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
