namespace StateRelay.Connections;

/// <summary>
/// A few threads of our own that run peals while they have nothing else to do. One of the pool's looks round for more work for a while
/// before it sleeps, which with a peal every few milliseconds costs more than waking it. They are begun when they are needed, do not keep
/// the program alive, and end when nothing was handed to them for a while. Safe for use by any thread.
/// </summary>
/// <param name="most">How many threads at most.</param>
/// <param name="patience">How long one waits for a peal before it ends; by the system's clock, which is the only one threads wait by.</param>
internal sealed class Ringers(int most, TimeSpan patience)
{
    private readonly object _gate = new();

    // Guarded by _gate. What was handed over and not begun: never more than there are idle threads, which count until they begin it.
    private readonly Queue<Peal> _handed = new();
    private int _threads;
    private int _idle;

    /// <summary>Those of the process: one for each processor.</summary>
    public static Ringers Shared { get; } = new(Environment.ProcessorCount, TimeSpan.FromMinutes(1));

    /// <summary>How many there are now.</summary>
    public int Threads
    {
        get
        {
            lock (_gate)
                return _threads;
        }
    }

    /// <summary>
    /// Hands a peal to a thread that has nothing to do. False where there is none: then it is the pool's, so that whoever holds such
    /// a thread, in a socket or a projection of the host's, holds up nobody else's.
    /// </summary>
    public bool TryHand(Peal peal)
    {
        lock (_gate)
        {
            if (_idle == _handed.Count && !TryBegin_NeedsGate())
                return false;
            _handed.Enqueue(peal);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    private bool TryBegin_NeedsGate()
    {
        if (_threads == most)
            return false;

        try
        {
            new Thread(Run) { IsBackground = true, Name = "StateRelay ringer" }.UnsafeStart();
        }
        catch (OutOfMemoryException)
        {
            // The system gives no more threads; the pool does without, too.
            return false;
        }

        _threads++;
        _idle++;
        return true;
    }

    private void Run()
    {
        while (Await() is { } peal)
        {
            peal.Run();
            lock (_gate)
                _idle++;
        }
    }

    /// <summary>The next peal; null when the thread is to end.</summary>
    private Peal? Await()
    {
        lock (_gate)
        {
            while (_handed.Count == 0)
            {
                if (Monitor.Wait(_gate, patience) || _handed.Count > 0)
                    continue;
                _threads--;
                _idle--;
                return null;
            }

            _idle--;
            return _handed.Dequeue();
        }
    }
}
