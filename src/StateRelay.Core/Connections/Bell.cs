using System.Threading.Tasks.Sources;

namespace StateRelay.Connections;

/// <summary>
/// Wakes one waiting task. Ringing it once or many times before the task looks is the same; a ring is never lost. Waiting
/// allocates nothing. Any thread may ring, one task waits.
/// </summary>
internal sealed class Bell : IValueTaskSource
{
    private const int Quiet = 0, Rung = 1, Awaited = 2;

    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _state;

    public void Ring()
    {
        // The exchange is also the fence that puts what was written before the ring in front of it.
        while (Interlocked.CompareExchange(ref _state, Rung, Quiet) == Awaited)
        {
            if (Interlocked.CompareExchange(ref _state, Quiet, Awaited) != Awaited)
                continue;
            _core.SetResult(true);
            return;
        }
    }

    /// <summary>Completes at the next ring, at once if there was one since the last wait.</summary>
    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Quiet, Rung) == Rung)
            return ValueTask.CompletedTask;

        _core.Reset();
        if (Interlocked.CompareExchange(ref _state, Awaited, Quiet) == Quiet)
            return new ValueTask(this, _core.Version);

        Interlocked.CompareExchange(ref _state, Quiet, Rung);
        return ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
