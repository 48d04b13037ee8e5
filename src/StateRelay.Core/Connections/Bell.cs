using System.Threading.Tasks.Sources;

namespace StateRelay.Connections;

/// <summary>
/// Wakes one waiting task. It stays rung until the task takes that; ringing it often before is the same as once. Waiting and ringing
/// allocate nothing. Any thread may ring, one task waits.
/// </summary>
/// <param name="wakesHost">Whether the host's own code runs in that task: it may take its time, so it is never run among others.</param>
internal sealed class Bell(bool wakesHost = false) : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Quiet = 0, Rung = 1, Awaited = 2;

    private ManualResetValueTaskSourceCore<bool> _core;
    private int _state;

    /// <summary>Rings, and has the pool run the task that waits.</summary>
    public void Ring()
    {
        if (!RingUnlessAwaited())
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Whether the host's own code runs in the task that waits.</summary>
    public bool WakesHost => wakesHost;

    /// <summary>Rings. False where a task waits: it is then the caller's to <see cref="Wake"/> it.</summary>
    public bool RingUnlessAwaited() => Interlocked.Exchange(ref _state, Rung) != Awaited;

    /// <summary>Runs the task that waited, here, until it waits again.</summary>
    public void Wake() => _core.SetResult(true);

    /// <summary>
    /// Whether it was rung since this was last asked. For the task, before it looks for what is new: what comes later rings again.
    /// </summary>
    public bool Take() => Interlocked.Exchange(ref _state, Quiet) == Rung;

    /// <summary>Completes when it is rung, at once if it is. For the task.</summary>
    public ValueTask WaitAsync()
    {
        if (Volatile.Read(ref _state) == Rung)
            return ValueTask.CompletedTask;

        _core.Reset();
        return Interlocked.CompareExchange(ref _state, Awaited, Quiet) == Quiet ? new ValueTask(this, _core.Version) : ValueTask.CompletedTask;
    }

    void IThreadPoolWorkItem.Execute() => Wake();

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
