using BenchmarkDotNet.Attributes;

using StateRelay.Benchmarks.Support;

namespace StateRelay.Benchmarks.Events;

/// <summary>What the caller of a broadcast waits for, with so many clients whom the event concerns.</summary>
public class BroadcastBenchmarks
{
    private Hub _hub = null!;

    [Params(0, 1000)]
    public int Clients { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _hub = new Hub(clock: new SteppingClock());
        foreach (var reader in Followers.Concerned(_hub, Clients))
            _hub.Join(reader, since: null);
    }

    [GlobalCleanup]
    public void Cleanup() => _hub.Dispose();

    [Benchmark]
    public long Broadcast() => _hub.Broadcast(Followers.Happened, Followers.Audience);
}
