namespace StateRelay.Operations;

/// <summary>
/// How fast an amount grew over the last few seconds. The first second counts as a whole one, so that a start is not a peak;
/// after a window without growth the rate is 0. Not safe for use by several threads.
/// </summary>
internal sealed class RateWindow
{
    private const int Slots = 12;

    private readonly TimeProvider _clock;
    private readonly TimeSpan _window;
    private readonly (long At, long Done)[] _samples = new (long, long)[Slots];
    private int _first;
    private int _count;

    public RateWindow(TimeProvider clock, TimeSpan window, long now, long done)
    {
        _clock = clock;
        _window = window;
        Add(now, done);
    }

    private TimeSpan Spacing => _window / (Slots - 2);

    /// <summary>The rate a second at <paramref name="now"/>, a timestamp of the clock, when <paramref name="done"/> is reached.</summary>
    public double At(long now, long done)
    {
        if (done < Sample(_count - 1).Done)
        {
            _count = 0;
            Add(now, done);
            return 0;
        }

        while (_count > 1 && _clock.GetElapsedTime(Sample(1).At, now) >= _window)
            Drop();

        // An oldest sample older than the window means that nothing moved for a while: only the window counts.
        var (since, before) = Sample(0);
        var seconds = Math.Clamp(_clock.GetElapsedTime(since, now).TotalSeconds, 1, (_window + Spacing).TotalSeconds);
        if (_clock.GetElapsedTime(Sample(_count - 1).At, now) >= Spacing)
            Add(now, done);
        return (done - before) / seconds;
    }

    private (long At, long Done) Sample(int index) => _samples[(_first + index) % Slots];

    private void Add(long now, long done)
    {
        if (_count == Slots)
            Drop();
        _samples[(_first + _count++) % Slots] = (now, done);
    }

    private void Drop()
    {
        _first = (_first + 1) % Slots;
        _count--;
    }
}
