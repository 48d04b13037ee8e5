using System.Collections.Concurrent;

namespace StateRelay.State;

/// <summary>One version of a state: its number and its JSON. Immutable but for the deltas towards it, which it remembers.</summary>
internal sealed class StateVersion(long seq, DateTimeOffset time, byte[] utf8) : Deliverable
{
    private readonly ConcurrentDictionary<long, Lazy<ReadOnlyMemory<byte>?>> _deltas = new();

    /// <summary>The store's version when this was written, and so its position in the topic's history.</summary>
    public long Seq { get; } = seq;

    /// <summary>When it was written.</summary>
    public DateTimeOffset Time { get; } = time;

    /// <summary>The whole state as JSON.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; } = utf8;

    /// <summary>
    /// The delta from an older version, made by <paramref name="make"/> once, however many ask and whenever; the others of the
    /// same moment wait for it. Null when there is none worth sending.
    /// </summary>
    public ReadOnlyMemory<byte>? DeltaFrom(StateVersion older, Func<StateVersion, StateVersion, ReadOnlyMemory<byte>?> make)
    {
        if (!_deltas.TryGetValue(older.Seq, out var delta))
            delta = _deltas.GetOrAdd(older.Seq, new Lazy<ReadOnlyMemory<byte>?>(() => make(older, this)));
        return delta.Value;
    }
}
