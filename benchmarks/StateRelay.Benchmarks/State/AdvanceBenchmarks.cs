using BenchmarkDotNet.Attributes;

namespace StateRelay.Benchmarks.State;

/// <summary>Progress told by several threads of one item, published meanwhile as always, beside an interlocked addition to one number.</summary>
public class AdvanceBenchmarks
{
    private const int Calls = 100_000;

    private readonly OperationTracker _tracker = new("Nightly import");
    private OperationItem _item = null!;
    private long _number;

    [Params(1, 8)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _item = _tracker.AddItem("orders", total: long.MaxValue);
        _item.Start();
    }

    [GlobalCleanup]
    public void Cleanup() => _tracker.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public void InterlockedAdd() => OnThreads(() =>
    {
        for (var call = 0; call < Calls / Threads; call++)
            Interlocked.Add(ref _number, 1);
    });

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Advance() => OnThreads(() =>
    {
        for (var call = 0; call < Calls / Threads; call++)
            _item.Advance(1);
    });

    private void OnThreads(Action work)
    {
        if (Threads == 1)
        {
            work();
            return;
        }

        var threads = new Thread[Threads];
        for (var index = 0; index < threads.Length; index++)
            (threads[index] = new Thread(() => work())).Start();
        foreach (var thread in threads)
            thread.Join();
    }
}
