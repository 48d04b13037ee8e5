using System.Collections.Immutable;

namespace StateRelay.Operations;

/// <summary>The newest of what was added, and how many were added in all. Not safe for use by several threads.</summary>
internal sealed class NewestList<T>(int capacity)
{
    private readonly Queue<T> _newest = new();
    private ImmutableArray<T> _shown = [];

    /// <summary>How many were ever added since it was last cleared.</summary>
    public long Added { get; private set; }

    /// <summary>How many were ever added.</summary>
    public long LastId { get; private set; }

    /// <summary>What is kept, oldest first; the same array until something is added.</summary>
    public ImmutableArray<T> Shown
    {
        get
        {
            if (_shown.IsDefault)
                _shown = [.. _newest];
            return _shown;
        }
    }

    /// <summary>Adds what <paramref name="make"/> makes of the next id, from 1.</summary>
    public void Add(Func<long, T> make)
    {
        if (_newest.Count == capacity)
            _newest.Dequeue();
        _newest.Enqueue(make(++LastId));
        Added++;
        _shown = default;
    }

    public void Clear()
    {
        _newest.Clear();
        Added = 0;
        _shown = [];
    }
}
