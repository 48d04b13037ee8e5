using BenchmarkDotNet.Attributes;

using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Benchmarks.Support;
using StateRelay.Connections;
using StateRelay.Diagnostics;

namespace StateRelay.Benchmarks.State;

/// <summary>One change of a state while so many viewers follow it, who are rung ten times a second.</summary>
public class UpdateBenchmarks
{
    private readonly StateStore<Harbour> _store = new(Harbour.Of(20), HarbourJson.Default.Harbour);
    private readonly Instruments _instruments = new();
    private StateTopic _topic = null!;
    private Viewers _viewers = null!;
    private Harbour _one = null!, _other = null!;

    [Params(0, 1000)]
    public int Watching { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _one = _store.Current;
        _other = _one.WithMoved(20);
        _topic = new StateTopic("state", _store, new WebServerOptions(), TimeProvider.System, _instruments, NullLogger.Instance);
        _viewers = new Viewers(_topic, Watching, _instruments);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _viewers.Dispose();
        _topic.Dispose();
    }

    [Benchmark]
    public long Update()
    {
        _store.Update(value => ReferenceEquals(value, _one) ? _other : _one);
        return _store.Version;
    }
}
