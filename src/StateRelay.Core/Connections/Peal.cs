using System.Buffers;

namespace StateRelay.Connections;

/// <summary>
/// Many bells rung together: the tasks that wait are run one after the other by a few threads, <see cref="Ringers"/> or the pool's, instead
/// of each being handed to the pool. Each still runs as itself, until it waits again; one in which the host's code runs is handed to the
/// pool all the same. Filled and rung once, by one thread.
/// </summary>
internal sealed class Peal : IThreadPoolWorkItem
{
    /// <summary>A thread more helps from so many on.</summary>
    private const int TasksAThread = 32;

    private Bell[] _awaited = [];
    private int _count;
    private int _next;
    private int _ringers;

    /// <summary>Rings a bell; a task that waits for it is run by <see cref="Ring"/>.</summary>
    public void Add(Bell bell)
    {
        if (bell.WakesHost)
        {
            bell.Ring();
            return;
        }

        if (bell.RingUnlessAwaited())
            return;
        if (_count == _awaited.Length)
            Grow();
        _awaited[_count++] = bell;
    }

    /// <summary>Runs the tasks that waited. Returns at once.</summary>
    public void Ring()
    {
        if (_count == 0)
            return;
        var ringers = _ringers = Math.Min(Environment.ProcessorCount, 1 + (_count / TasksAThread));
        for (var ringer = 0; ringer < ringers; ringer++)
        {
            if (!Ringers.Shared.TryHand(this))
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Takes part in waking: returns when nobody is left to be woken.</summary>
    public void Run()
    {
        for (var index = Interlocked.Increment(ref _next) - 1; index < _count; index = Interlocked.Increment(ref _next) - 1)
            _awaited[index].Wake();
        if (Interlocked.Decrement(ref _ringers) == 0)
            ArrayPool<Bell>.Shared.Return(_awaited, clearArray: true);
    }

    void IThreadPoolWorkItem.Execute() => Run();

    private void Grow()
    {
        var larger = ArrayPool<Bell>.Shared.Rent(Math.Max(16, _count * 2));
        _awaited.AsSpan(0, _count).CopyTo(larger);
        if (_count > 0)
            ArrayPool<Bell>.Shared.Return(_awaited, clearArray: true);
        _awaited = larger;
    }
}
