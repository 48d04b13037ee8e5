namespace StateRelay.Connections;

/// <summary>
/// Remembers how far viewers have acknowledged a state, and lets the host wait for it. An acknowledgement counts for the version
/// it was given for and all before, so one given too early counts for nothing. Safe for use by any thread.
/// </summary>
internal sealed class CompletionBoard(TimeProvider clock)
{
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private long _acknowledged;
    private int _viewers;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A viewer has seen version <paramref name="seq"/>.</summary>
    public void Acknowledge(long seq)
    {
        lock (_gate)
        {
            if (seq <= _acknowledged)
                return;
            _acknowledged = seq;
            Tell_NeedsGate();
        }
    }

    /// <summary>So many viewers are connected now.</summary>
    public void SetViewers(int count)
    {
        lock (_gate)
        {
            _viewers = count;
            if (count == 0)
                Tell_NeedsGate();
        }
    }

    /// <summary>Waits until a viewer has acknowledged version <paramref name="seq"/>, nobody is left who could, or time is up.</summary>
    public async Task<CompletionAck> WaitAsync(long seq, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var timeLimit = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeLimit.Token, cancellationToken);
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (_acknowledged >= seq)
                    return CompletionAck.Acknowledged;
                if (_viewers == 0)
                    return CompletionAck.NobodyConnected;
                news = _news.Task;
            }

            try
            {
                await news.WaitAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return CompletionAck.TimedOut;
            }
        }
    }

    private void Tell_NeedsGate()
    {
        _news.SetResult();
        _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
