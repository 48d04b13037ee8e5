namespace StateRelay.Connections;

/// <summary>
/// A few threads of our own that run peals while they have nothing else to do. One of the pool's looks round for more work for a while
/// before it sleeps, which with a peal every few milliseconds costs more than waking it. One for each processor, begun when they are
/// first needed; they do not keep the program alive.
/// </summary>
internal static class Ringers
{
    private static readonly object Gate = new();

    // Guarded by Gate. What was handed over and not begun: never more than there are idle threads, which count until they begin it.
    private static readonly Queue<Peal> Handed = new();
    private static int _threads;
    private static int _idle;

    /// <summary>
    /// Hands a peal to a thread that has nothing to do. False where there is none: then it is the pool's, so that whoever holds such
    /// a thread, in a socket or a projection of the host's, holds up nobody else's.
    /// </summary>
    public static bool TryHand(Peal peal)
    {
        lock (Gate)
        {
            if (_idle == Handed.Count && !TryBegin_NeedsGate())
                return false;
            Handed.Enqueue(peal);
            Monitor.Pulse(Gate);
            return true;
        }
    }

    private static bool TryBegin_NeedsGate()
    {
        if (_threads == Environment.ProcessorCount)
            return false;

        try
        {
            new Thread(Run) { IsBackground = true, Name = "StateRelay ringer" }.UnsafeStart();
        }
        catch (OutOfMemoryException)
        {
            // The system gives no more threads. The pool does without, too.
            return false;
        }

        _threads++;
        _idle++;
        return true;
    }

    private static void Run()
    {
        while (true)
        {
            Peal? peal;
            lock (Gate)
            {
                while (!Handed.TryDequeue(out peal))
                    Monitor.Wait(Gate);
                _idle--;
            }

            peal.Run();
            lock (Gate)
                _idle++;
        }
    }
}
