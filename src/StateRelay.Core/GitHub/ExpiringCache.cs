using System.Diagnostics.CodeAnalysis;

namespace StateRelay.GitHub;

/// <summary>
/// Remembers answers for a while: each for the time it was given, the newest ones when there are too many. Safe for use by any thread.
/// </summary>
internal sealed class ExpiringCache<TValue>(int maxCount, TimeProvider clock)
    where TValue : class
{
    private readonly Lock _gate = new();

    // Guarded by _gate. The list is in the order in which answers came.
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byAge = new();

    /// <summary>How many answers are held now, also those that are too old.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>The answer for <paramref name="key"/>, while it is young enough.</summary>
    public bool TryFind(string key, [NotNullWhen(true)] out TValue? value)
    {
        lock (_gate)
        {
            value = null;
            if (!_entries.TryGetValue(key, out var node))
                return false;
            if (clock.GetElapsedTime(node.Value.Since) < node.Value.Lifetime)
            {
                value = node.Value.Value;
                return true;
            }

            Forget_NeedsGate(node);
            return false;
        }
    }

    /// <summary>Remembers an answer for <paramref name="lifetime"/>, instead of an earlier one.</summary>
    public void Keep(string key, TValue value, TimeSpan lifetime)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var node))
                Forget_NeedsGate(node);
            while (_entries.Count >= maxCount)
                Forget_NeedsGate(_byAge.First!);
            _entries[key] = _byAge.AddLast(new Entry(key, value, clock.GetTimestamp(), lifetime));
        }
    }

    /// <summary>Forgets the answer for <paramref name="key"/>.</summary>
    public void Forget(string key)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var node))
                Forget_NeedsGate(node);
        }
    }

    private void Forget_NeedsGate(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Key);
        _byAge.Remove(node);
    }

    private sealed record Entry(string Key, TValue Value, long Since, TimeSpan Lifetime);
}
