using System.Buffers;

using BenchmarkDotNet.Attributes;

using StateRelay.Benchmarks.Support;
using StateRelay.State;

namespace StateRelay.Benchmarks.State;

/// <summary>How one percent of a list, at least one item, changes its place.</summary>
public enum ListChange
{
    /// <summary>New items come at the end.</summary>
    Grows,

    /// <summary>A window: as many come at the end as leave at the front.</summary>
    Slides,

    /// <summary>Items move, each to somewhere far away.</summary>
    Reorders,

    /// <summary>All items stand in another order.</summary>
    IsShuffled,
}

/// <summary>The comparison of two versions whose lists changed in shape, beside the serialisation of one of them.</summary>
public class ListBenchmarks
{
    private readonly Serialiser<Harbour> _serialiser = new(HarbourJson.Default.Harbour);
    private readonly StateOptions _options = new();
    private readonly ArrayBufferWriter<byte> _patch = new();
    private Harbour _after = null!;
    private byte[] _from = [], _to = [];

    [Params(20, 100, 1000, 10_000)]
    public int Items { get; set; }

    [Params(ListChange.Grows, ListChange.Slides, ListChange.Reorders, ListChange.IsShuffled)]
    public ListChange Change { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var some = Math.Max(1, Items / 100);
        var before = Harbour.Of(Items);
        var ships = Harbour.Of(Items + some).Ships;
        _after = before with
        {
            Ships = Change switch
            {
                ListChange.Grows => ships,
                ListChange.Slides => ships[some..],
                ListChange.Reorders => Moved(ships[..Items].ToList(), some),
                _ => [.. before.Ships.OrderBy(ship => ship.Distance * 7919 % 10_007)],
            },
        };
        _from = _serialiser.Write(before).ToArray();
        _to = _serialiser.Write(_after).ToArray();
    }

    [Benchmark(Baseline = true)]
    public int Serialised() => _serialiser.Write(_after).Length;

    [Benchmark]
    public int Compared()
    {
        _patch.ResetWrittenCount();
        JsonDiff.TryWrite(_from, _to, _options.ListKeys, _to.Length, _patch);
        return _patch.WrittenCount;
    }

    [Benchmark]
    public int ParsedAndCompared() => NaiveDelta.Write(_from, _to).Length;

    private static System.Collections.Immutable.ImmutableArray<Ship> Moved(List<Ship> ships, int some)
    {
        for (var move = 0; move < some; move++)
        {
            var from = move * 97 % ships.Count;
            var ship = ships[from];
            ships.RemoveAt(from);
            ships.Insert((from + (ships.Count / 2)) % ships.Count, ship);
        }

        return [.. ships];
    }
}
