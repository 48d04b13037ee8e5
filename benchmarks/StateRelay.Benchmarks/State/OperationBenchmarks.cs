using System.Text.Json.Serialization;

using BenchmarkDotNet.Attributes;

using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Benchmarks.Support;
using StateRelay.Connections;
using StateRelay.Diagnostics;

namespace StateRelay.Benchmarks.State;

/// <summary>A version of an operation of which 20 of 1,000 items moved, with the frame that leads to it, beside writing all its items.</summary>
public class OperationBenchmarks
{
    private const int Items = 1000, Moving = 20;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly SteppingClock _clock = new();
    private readonly Serialiser<WholeOperation> _serialiser = new(OperationBenchmarkJson.Default.WholeOperation);
    private readonly List<OperationItem> _moving = [];
    private OperationTracker _tracker = null!;
    private StateTopic _topic = null!;
    private WholeOperation _whole = null!;

    [GlobalSetup]
    public void Setup()
    {
        _tracker = new OperationTracker("Nightly import", clock: _clock);
        _tracker.Run();
        for (var index = 0; index < Items; index++)
        {
            var item = _tracker.AddItem($"table_{index:D4}", total: 1_000_000_000_000);
            item.Start(worker: index % 8);
            item.Advance(1000 * index);
            if (index % (Items / Moving) == 0)
                _moving.Add(item);
            else
                item.Complete();
        }

        _tracker.Publish();
        _topic = new StateTopic("state", _tracker.State, new WebServerOptions { CoalescingInterval = Interval }, _clock, new Instruments(), NullLogger.Instance);
        _topic.Timeline.Watch();
        var state = _tracker.State.Current;
        _whole = new WholeOperation(state.Title, state.Status, state.StartTime, state.Summary, [.. state.Items]);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _topic.Dispose();
        _tracker.Dispose();
    }

    [Benchmark(Baseline = true)]
    public int Serialised() => _serialiser.Write(_whole).Length;

    [Benchmark]
    public int VersionAndFrame()
    {
        var before = _topic.Timeline.Head!;
        foreach (var item in _moving)
            item.Advance(17);
        _clock.Step(Interval);
        _tracker.Publish();
        var after = _topic.Timeline.Latest()!;
        return _topic.FramesOf(after).From(sub: 1, before.Seq).Length;
    }
}

/// <summary>What makes up nearly all of an operation's JSON, without anything kept from the last time.</summary>
internal sealed record WholeOperation(string Title, OperationStatus Status, DateTimeOffset StartTime, OperationSummary Summary, OperationItemState[] Items);

[JsonSerializable(typeof(WholeOperation))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class OperationBenchmarkJson : JsonSerializerContext;
