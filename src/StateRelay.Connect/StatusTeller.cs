using Microsoft.Extensions.Logging;

namespace StateRelay.Connect;

/// <summary>
/// Keeps the newest status, and tells the host's callback each in order, on a task of its own: nobody waits for it, and what it throws
/// reaches nobody. Of those it has not taken the newest are kept.
/// </summary>
internal sealed class StatusTeller(Action<RelayStatus>? callback, ILogger logger)
{
    private const int MaxUntold = 64;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Queue<RelayStatus> _untold = new();
    private bool _isTelling;

    public RelayStatus Newest
    {
        get
        {
            lock (_gate)
                return field;
        }
        private set;
    } = new(RelayPhase.Idle);

    public void Tell(RelayStatus status)
    {
        lock (_gate)
        {
            if (status == Newest)
                return;
            Newest = status;
            if (callback is null)
                return;
            if (_untold.Count == MaxUntold)
                _untold.Dequeue();
            _untold.Enqueue(status);
            if (_isTelling)
                return;
            _isTelling = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static self => self.TellAll(), this, preferLocal: false);
    }

    private void TellAll()
    {
        while (true)
        {
            RelayStatus? status;
            lock (_gate)
            {
                if (!_untold.TryDequeue(out status))
                {
                    _isTelling = false;
                    return;
                }
            }

            try
            {
                callback!(status);
            }
            catch (Exception error)
            {
                Log.StatusChangedFailed(logger, error);
            }
        }
    }
}
