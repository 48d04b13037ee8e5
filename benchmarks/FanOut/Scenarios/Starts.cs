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
        Start(PeerCatalog.ListenerLoop);
        Start(PeerCatalog.RelayJob);
        var (bare, relay) = (new List<Started>(), new List<Started>());
        for (var start = 0; start < scale.Starts; start++)
        {
            bare.Add(Start(PeerCatalog.ListenerLoop));
            relay.Add(Start(PeerCatalog.RelayJob));
        }

        var ratio = new Spread(relay.Zip(bare, (one, other) => one.Milliseconds / other.Milliseconds));
        return new Section("M: start to listening", "program", "milliseconds", "× HttpListener", "methods compiled by then")
            .Row("HttpListener, listening", $"{new Spread(bare.Select(one => one.Milliseconds))}", "1.00", $"{new Spread(bare.Select(one => one.Methods))}")
            .Row("StateRelay with the page of a job", $"{new Spread(relay.Select(one => one.Milliseconds))}", $"{ratio}", $"{new Spread(relay.Select(one => one.Methods))}")
            .Note($"{scale.Starts} starts of each in turn, from the start of the process until it says that it listens.")
            .AtMost("at most 1.3 × a bare HttpListener program", 1.3, ratio.Median);
    }

    private static Started Start(string peer)
    {
        var began = Stopwatch.GetTimestamp();
        using var server = ServerProcess.Start(peer);
        var milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return new Started(milliseconds, server.Ask("compiled"));
    }

    /// <summary>How long a start took, and what was compiled for it.</summary>
    private readonly record struct Started(double Milliseconds, double Methods);
}
