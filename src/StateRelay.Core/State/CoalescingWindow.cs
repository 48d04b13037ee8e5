namespace StateRelay.State;

/// <summary>
/// Decides when a change may go out: the first at once, then at most one an interval, so that no change ever waits longer than
/// the interval. Something worth telling need wait only a tenth of it, but goes ahead like that no more than once an interval: a
/// storm of them costs at most twice what any other costs. Holds no timer and starts nothing; guarded by whoever owns it.
/// </summary>
internal sealed class CoalescingWindow(TimeSpan interval, TimeProvider clock)
{
    private readonly TimeSpan _urgentInterval = interval / 10;

    private long? _made;
    private bool _wentAhead;

    /// <summary>How long the newest change must wait; zero means now.</summary>
    public TimeSpan DueIn(bool urgent)
    {
        if (_made is not { } made)
            return TimeSpan.Zero;
        var left = (urgent && !_wentAhead ? _urgentInterval : interval) - clock.GetElapsedTime(made);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>What was waiting has gone out.</summary>
    public void MarkMade()
    {
        _wentAhead = _made is { } made && clock.GetElapsedTime(made) < interval;
        _made = clock.GetTimestamp();
    }
}
