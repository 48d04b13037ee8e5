namespace StateRelay.Http;

/// <summary>How much of a body is taken in and how long that may take. Immutable.</summary>
/// <param name="MaxBytes">The largest body.</param>
/// <param name="Timeout">How long the whole of it may take, from the moment it is asked for.</param>
/// <param name="Budget">The memory that it shares with the others being read.</param>
internal sealed record BodyLimits(int MaxBytes, TimeSpan Timeout, BodyBudget Budget);

/// <summary>Counts the memory of all bodies that are held at once, and gives no more than there is. Safe for use by any thread.</summary>
internal sealed class BodyBudget(long maxBytes)
{
    private long _taken;

    /// <summary>How many bytes are taken now.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes so many bytes; false when there are not so many left.</summary>
    public bool TryTake(int bytes)
    {
        while (true)
        {
            var taken = Taken;
            if (taken + bytes > maxBytes)
                return false;
            if (Interlocked.CompareExchange(ref _taken, taken + bytes, taken) == taken)
                return true;
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void Return(int bytes) => Interlocked.Add(ref _taken, -bytes);
}
