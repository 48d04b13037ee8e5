namespace StateRelay.Operations;

/// <summary>Numbers as a page wants them: clamped, finite, and no longer than is read.</summary>
internal static class Figures
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(3650);

    /// <summary>Two amounts, together; stops at the largest number there is.</summary>
    public static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    /// <summary>0 to 100, rounded down, so that 100 means all of it.</summary>
    public static double Percent(long done, long total) => done >= total ? 100 : Percent((double)done / total);

    /// <inheritdoc cref="Percent(long, long)"/>
    public static double Percent(double fraction) => Math.Clamp(Math.Floor((fraction * 1000) + 1e-9) / 10, 0, 100);

    /// <summary>Rounded to one decimal, or to three where that would say too little.</summary>
    public static double Rounded(double value) => Math.Round(value, value < 10 ? 3 : 1);

    /// <summary>How long <paramref name="left"/> takes at <paramref name="speed"/>; null when nothing is left, nothing moves, or nobody will wait for it.</summary>
    public static double? SecondsLeft(long left, double speed) =>
        left <= 0 || speed <= 0 || left / speed > LongestWait.TotalSeconds ? null : Math.Round(left / speed, 1);

    /// <summary>The time as it is shown: UTC, cut to milliseconds.</summary>
    public static DateTimeOffset Shown(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
