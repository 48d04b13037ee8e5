using System.Diagnostics.Metrics;
using System.Globalization;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>
/// What a server's process does: runs one peer and obeys what comes in on standard input, a line at a time, each answered by a line of
/// numbers. Ends with its input.
/// </summary>
internal static class ServerLoop
{
    public const string Listening = "listening";

    private static long _deltas;

    public static async Task<int> RunAsync(string name)
    {
        if (PeerCatalog.Make(name) is not { } peer)
        {
            Console.Error.WriteLine($"There is no peer named \"{name}\".");
            return 2;
        }

        using var meters = CountDeltas();
        await using var _ = peer;
        using var publisher = new Publisher(peer);
        Console.WriteLine($"{Listening} {await peer.StartAsync()}");
        while (Console.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            if (words is ["ack", var acknowledged])
                publisher.Acknowledge(long.Parse(acknowledged, CultureInfo.InvariantCulture));
            else
                Console.WriteLine(Answer(words, peer, publisher).ToString(CultureInfo.InvariantCulture));
        }

        // Whoever still holds connections has gone: nothing is to be finished for them.
        Environment.Exit(0);
        return 0;
    }

    private static long Answer(string[] words, IPeer peer, Publisher publisher)
    {
        switch (words)
        {
            case ["clients"]:
                return peer.Clients;
            case ["start", var perSecond, var burst, var length]:
                return publisher.Start(
                    double.Parse(perSecond, CultureInfo.InvariantCulture),
                    int.Parse(burst, CultureInfo.InvariantCulture),
                    int.Parse(length, CultureInfo.InvariantCulture));
            case ["stop"]:
                return publisher.Stop();
            case ["published"]:
                return publisher.Last;
            case ["publish", var count]:
                return publisher.Publish(int.Parse(count, CultureInfo.InvariantCulture));
            case ["allocated"]:
                return GC.GetTotalAllocatedBytes(precise: true);
            case ["compiled"]:
                return System.Runtime.JitInfo.GetCompiledMethodCount();
            case ["deltas"]:
                return Interlocked.Read(ref _deltas);
            case ["collect"]:
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                return GC.GetTotalMemory(forceFullCollection: true);
            default:
                throw new ArgumentException($"Not something to say to a server: {string.Join(' ', words)}");
        }
    }

    // StateRelay's own count of the deltas that it computed.
    private static MeterListener CountDeltas()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "staterelay.deltas")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, count, _, _) => Interlocked.Add(ref _deltas, count));
        listener.Start();
        return listener;
    }
}
