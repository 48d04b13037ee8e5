namespace StateRelay.GitHub;

/// <summary>
/// Remembers the ids of the latest deliveries, so that one that is sent again is relayed once. Bounded by count and by age: what
/// falls out counts as new. Safe for use by any thread; of several that bring the same id at once, exactly one is told that it is new.
/// </summary>
/// <param name="maxCount">How many ids are remembered, the newest ones; at least 1.</param>
/// <param name="maxAge">How long an id is remembered after it was first seen.</param>
/// <param name="clock">What the time is.</param>
internal sealed class DeliveryWindow(int maxCount, TimeSpan maxAge, TimeProvider clock)
{
    /// <summary>Longer ids than GitHub ever sends are not kept, so that memory is bounded by the count; they always count as new.</summary>
    public const int MaxIdLength = 128;

    private readonly Lock _gate = new();

    // Guarded by _gate. The list is in the order of arrival, which is also the order of age.
    private readonly Dictionary<string, LinkedListNode<(string Id, long SeenAt)>> _known = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Id, long SeenAt)> _byAge = new();

    /// <summary>How many ids are remembered now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                ForgetOld_NeedsGate();
                return _known.Count;
            }
        }
    }

    /// <summary>Whether this is the first time that <paramref name="id"/> is seen; a delivery without an id is always new.</summary>
    public bool IsNew(string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > MaxIdLength)
            return true;

        lock (_gate)
        {
            ForgetOld_NeedsGate();
            if (_known.ContainsKey(id))
                return false;

            if (_known.Count >= maxCount)
                Forget_NeedsGate(_byAge.First!);
            _known[id] = _byAge.AddLast((id, clock.GetTimestamp()));
            return true;
        }
    }

    /// <summary>Takes back that <paramref name="id"/> was seen: for a delivery that could not be relayed and may come again.</summary>
    public void Forget(string? id)
    {
        lock (_gate)
        {
            if (id is not null && _known.TryGetValue(id, out var node))
                Forget_NeedsGate(node);
        }
    }

    private void ForgetOld_NeedsGate()
    {
        while (_byAge.First is { } oldest && clock.GetElapsedTime(oldest.Value.SeenAt) >= maxAge)
            Forget_NeedsGate(oldest);
    }

    private void Forget_NeedsGate(LinkedListNode<(string Id, long SeenAt)> node)
    {
        _known.Remove(node.Value.Id);
        _byAge.Remove(node);
    }
}
