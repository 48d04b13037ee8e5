namespace StateRelay.State;

/// <summary>
/// Decides when a change may become a version: the first at once, then at most one an interval, so that no change ever waits
/// longer than the interval. Turning points need not wait for it, only for a tenth of it. Holds no timer and starts nothing;
/// guarded by whoever owns it.
/// </summary>
internal sealed class CoalescingWindow(TimeSpan interval, TimeProvider clock)
{
    private readonly TimeSpan _urgentInterval = interval / 10;

    private long? _made;

    /// <summary>How long the newest change must wait; zero means make the version now.</summary>
    public TimeSpan DueIn(bool urgent)
    {
        if (_made is not { } made)
            return TimeSpan.Zero;
        var left = (urgent ? _urgentInterval : interval) - clock.GetElapsedTime(made);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    public void MarkMade() => _made = clock.GetTimestamp();
}
