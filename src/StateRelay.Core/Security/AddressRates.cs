using System.Net;

namespace StateRelay.Security;

/// <summary>
/// Counts what addresses do, and says when one has done it too often: so many times a minute each, all at once or spread out. What counts
/// as one address is what the <see cref="ConnectionLimiter"/> counts as one. Remembers a moment for each address that was active in the
/// last minute, and of so many addresses at most; where there are more, those that did least are forgotten. Safe for use by any thread.
/// </summary>
/// <param name="perMinute">How often one address may; at least 1.</param>
/// <param name="clock">What the time is.</param>
/// <param name="maxAddresses">How many addresses are remembered.</param>
internal sealed class AddressRates(int perMinute, TimeProvider clock, int maxAddresses = 10_000)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Rounded down, so that a whole minute's share fits into a minute.
    private readonly TimeSpan _each = TimeSpan.FromTicks(Minute.Ticks / perMinute);
    private readonly long _start = clock.GetTimestamp();
    private readonly Lock _gate = new();

    // Guarded by _gate: when all that an address has done will be worn off, each time at its share of a minute.
    private readonly Dictionary<ConnectionLimiter.AddressKey, TimeSpan> _wornOffAt = [];

    /// <summary>How many addresses are remembered now.</summary>
    public int Addresses
    {
        get
        {
            lock (_gate)
                return _wornOffAt.Count;
        }
    }

    /// <summary>Whether <paramref name="address"/> may once more, which is then counted.</summary>
    /// <param name="address">Whose.</param>
    /// <param name="retryAfter">When it may again; zero when it may now.</param>
    public bool TryTake(IPAddress address, out TimeSpan retryAfter)
    {
        var key = ConnectionLimiter.AddressKey.Of(address);
        var now = clock.GetElapsedTime(_start);
        lock (_gate)
        {
            if (!May_NeedsGate(key, now, out retryAfter))
                return false;
            if (_wornOffAt.Count >= maxAddresses && !_wornOffAt.ContainsKey(key))
                MakeRoom_NeedsGate(now);
            _wornOffAt[key] = Later(now, _wornOffAt.GetValueOrDefault(key)) + _each;
            return true;
        }
    }

    /// <summary>Whether <paramref name="address"/> may once more, which is not counted.</summary>
    /// <param name="address">Whose.</param>
    /// <param name="retryAfter">When it may again; zero when it may now.</param>
    public bool May(IPAddress address, out TimeSpan retryAfter)
    {
        lock (_gate)
            return May_NeedsGate(ConnectionLimiter.AddressKey.Of(address), clock.GetElapsedTime(_start), out retryAfter);
    }

    private bool May_NeedsGate(ConnectionLimiter.AddressKey key, TimeSpan now, out TimeSpan retryAfter)
    {
        var over = Later(now, _wornOffAt.GetValueOrDefault(key)) + _each - now - Minute;
        retryAfter = Later(over, TimeSpan.Zero);
        return retryAfter == TimeSpan.Zero;
    }

    private void MakeRoom_NeedsGate(TimeSpan now)
    {
        foreach (var (key, wornOffAt) in _wornOffAt)
        {
            if (wornOffAt <= now)
                _wornOffAt.Remove(key);
        }

        // A quarter at once, so that this is not done for each of very many.
        if (_wornOffAt.Count >= maxAddresses)
        {
            foreach (var (key, _) in _wornOffAt.OrderBy(pair => pair.Value).Take((maxAddresses + 3) / 4).ToArray())
                _wornOffAt.Remove(key);
        }
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
