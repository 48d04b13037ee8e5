using BenchmarkDotNet.Attributes;

using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Benchmarks.Support;
using StateRelay.Connections;
using StateRelay.Diagnostics;

namespace StateRelay.Benchmarks.State;

/// <summary>
/// One new version of a state that was replaced whole: serialised, compared with the one before, and the frame that leads from there
/// to here encoded; beside the serialisation alone and a comparison of parsed trees.
/// </summary>
public class VersionBenchmarks
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly SteppingClock _clock = new();
    private readonly Serialiser<Harbour> _serialiser = new(HarbourJson.Default.Harbour);
    private Harbour _one = null!, _other = null!;
    private byte[] _last = [];
    private StateStore<Harbour> _store = null!;
    private StateTopic _topic = null!;
    private bool _turn;

    [Params(20, 100, 1000, 10_000)]
    public int Items { get; set; }

    [Params(1, 20)]
    public int PercentChanging { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _one = Harbour.Of(Items);
        _other = _one.WithMoved(PercentChanging);
        _last = _serialiser.Write(_one).ToArray();
        _store = new StateStore<Harbour>(_one, HarbourJson.Default.Harbour, clock: _clock);
        _topic = new StateTopic("state", _store, new WebServerOptions { CoalescingInterval = Interval }, _clock, new Instruments(), NullLogger.Instance);
        _topic.Timeline.Watch();
    }

    [GlobalCleanup]
    public void Cleanup() => _topic.Dispose();

    [Benchmark(Baseline = true)]
    public int Serialised() => _serialiser.Write(Next()).Length;

    [Benchmark]
    public int VersionAndFrame()
    {
        var before = _topic.Timeline.Head!;
        var next = Next();
        _store.Update(_ => next);
        _clock.Step(Interval);
        var after = _topic.Timeline.Latest()!;
        return _topic.FramesOf(after).From(sub: 1, before.Seq).Length;
    }

    [Benchmark]
    public int ParsedAndCompared()
    {
        var before = _last;
        _last = _serialiser.Write(Next()).ToArray();
        return NaiveDelta.Write(before, _last).Length;
    }

    private Harbour Next() => (_turn = !_turn) ? _other : _one;
}
