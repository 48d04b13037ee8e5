namespace StateRelay.Connect;

/// <summary>
/// How long to wait before the next attempt: at random up to a ceiling that doubles with each failure in a row. Used by one task.
/// </summary>
/// <param name="least">The first ceiling.</param>
/// <param name="most">The last one.</param>
/// <param name="random">Gives numbers from 0 up to, and without, 1.</param>
internal sealed class Backoff(TimeSpan least, TimeSpan most, Func<double> random)
{
    /// <summary>The longest that a server's wish is followed.</summary>
    private static readonly TimeSpan LongestWish = TimeSpan.FromHours(1);

    /// <summary>How many attempts in a row have failed.</summary>
    public int Failures { get; private set; }

    /// <summary>A connection has held: what failed before it counts no more.</summary>
    public void Reset() => Failures = 0;

    /// <summary>Counts a failure, and gives the wait after it.</summary>
    public TimeSpan Next(Ending ending)
    {
        var ceiling = Math.Min(most.TotalMilliseconds, least.TotalMilliseconds * Math.Pow(2, Math.Min(Failures++, 30)));
        if (ending.After is { } after)
        {
            // The server's own spread will do for the first time; whoever keeps failing spreads further.
            var spread = ending.Jitter is { } jitter ? Math.Max(Bounded(jitter), Failures > 1 ? ceiling : 0) : ceiling;
            return TimeSpan.FromMilliseconds(Bounded(after) + (random() * spread));
        }

        return TimeSpan.FromMilliseconds(random() * ceiling);
    }

    private static double Bounded(TimeSpan wish) => Math.Clamp(wish.TotalMilliseconds, 0, LongestWish.TotalMilliseconds);
}
