namespace StateRelay.Http;

/// <summary>Counts the requests being answered and lets no more begin than may be at once. Safe for use by any thread.</summary>
internal sealed class RequestSlots(int max)
{
    private int _taken;

    /// <summary>Takes a slot; null when all are taken. Dispose it to give it back.</summary>
    public Slot? TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= max)
            return new Slot(this);
        Interlocked.Decrement(ref _taken);
        return null;
    }

    /// <summary>One request's place; given back once, however often it is disposed.</summary>
    internal sealed class Slot(RequestSlots owner) : IDisposable
    {
        private RequestSlots? _owner = owner;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _owner, null) is { } slots)
                Interlocked.Decrement(ref slots._taken);
        }
    }
}
