namespace StateRelay.GitHub;

/// <summary>
/// Lets those who ask the same thing at the same time share one call. Whoever stops waiting leaves the others alone: the call goes on
/// to its own end, and is cancelled only with all. Safe for use by any thread.
/// </summary>
internal sealed class SharedCalls<TKey, TValue> : IDisposable
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ending = new();

    // Guarded by _gate.
    private readonly Dictionary<TKey, Task<TValue>> _running = [];

    /// <summary>How many calls are under way.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _running.Count;
        }
    }

    /// <summary>What the call under way for <paramref name="key"/> finds, or a new one when there is none.</summary>
    public Task<TValue> GetAsync(TKey key, Func<CancellationToken, Task<TValue>> call, CancellationToken cancellation)
    {
        var promise = new TaskCompletionSource<TValue>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_running.TryGetValue(key, out var running))
                return running.WaitAsync(cancellation);
            _running[key] = promise.Task;
        }

        _ = RunAsync(key, call, promise);
        return promise.Task.WaitAsync(cancellation);
    }

    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
    }

    private async Task RunAsync(TKey key, Func<CancellationToken, Task<TValue>> call, TaskCompletionSource<TValue> promise)
    {
        try
        {
            var value = await call(_ending.Token).ConfigureAwait(false);
            Forget(key);
            promise.SetResult(value);
        }
        catch (Exception error)
        {
            Forget(key);
            promise.SetException(error);
            _ = promise.Task.Exception;     // seen here, should nobody be waiting any more
        }
    }

    private void Forget(TKey key)
    {
        lock (_gate)
            _running.Remove(key);
    }
}
