using BenchmarkDotNet.Attributes;

using StateRelay.Benchmarks.Support;
using StateRelay.Protocol;
using StateRelay.State;

namespace StateRelay.Benchmarks.Connections;

/// <summary>The frames that carry nearly all of the traffic, encoded; of a state of 1,000 items of which 20 changed.</summary>
public class FrameBenchmarks
{
    private readonly Event _happened = new("pull_request")
    {
        Url = "https://github.com/acme/rocket/pull/7",
        Timestamp = DateTimeOffset.UnixEpoch,
        DeliveryId = "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    };

    private StateVersion _version = null!;
    private byte[] _patch = [], _event = [];

    [GlobalSetup]
    public void Setup()
    {
        var serialiser = new Serialiser<Harbour>(HarbourJson.Default.Harbour);
        var harbour = Harbour.Of(1000);
        var before = serialiser.Write(harbour).ToArray();
        _version = new StateVersion(2, DateTimeOffset.UnixEpoch, serialiser.Write(harbour.WithMoved(2)).ToArray());
        _patch = NaiveDelta.Write(before, _version.Utf8);
        _event = PlainEventFrames.Event(_happened);
    }

    [Benchmark]
    public int V1Snapshot() => V1Frames.StateSnapshot(1, "0123456789ab", _version).Length;

    [Benchmark]
    public int V1Delta() => V1Frames.StateDelta(1, 1, 2, _patch).Length;

    [Benchmark]
    public int V1Event() => V1Frames.Event(1, 1, 2, _event).Length;

    [Benchmark]
    public int PlainStateSnapshot() => PlainStateFrames.Snapshot(_version).Length;

    [Benchmark]
    public int PlainEvent() => PlainEventFrames.Event(_happened).Length;
}
