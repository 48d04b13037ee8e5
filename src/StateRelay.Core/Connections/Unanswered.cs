using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>
/// What a client said and was not answered yet, on its way from the task that reads to the one that answers: a few messages, and whoever
/// has more waits until those are taken. Holds nothing while there is none. One task adds, one takes, any thread may close it.
/// </summary>
internal sealed class Unanswered(int max)
{
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private List<ClientMessage>? _messages;
    private TaskCompletionSource? _room;
    private bool _isClosed;

    /// <summary>Adds a message; waits while there are as many as may be. False when it is closed.</summary>
    public async ValueTask<bool> AddAsync(ClientMessage message)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_isClosed)
                    return false;
                if (_messages is null || _messages.Count < max)
                {
                    (_messages ??= new(1)).Add(message);
                    return true;
                }

                _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }

            await room.ConfigureAwait(false);
        }
    }

    /// <summary>Takes all there are, in order; null when there is none.</summary>
    public List<ClientMessage>? TakeAll()
    {
        lock (_gate)
        {
            var taken = _messages;
            _messages = null;
            _room?.TrySetResult();
            _room = null;
            return taken;
        }
    }

    /// <summary>Nothing more is added; what is there may still be taken. May be called more than once.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _room?.TrySetResult();
        }
    }
}
