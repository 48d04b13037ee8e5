using StateRelay.Operations;

namespace StateRelay.Tests.Operations;

public sealed class RateWindowTests
{
    private readonly ManualClock _clock = new();

    [Test]
    public void A_steady_pace_is_its_own_rate_however_long_it_goes_on()
    {
        var rate = New();
        long done = 0;

        for (var step = 0; step < 600; step++)
        {
            _clock.Push(100);
            done += 10;
            var at = rate.At(_clock.GetTimestamp(), done);
            if (step >= 10)
                Assert.That(at, Is.EqualTo(100).Within(0.001), $"step {step}");
        }
    }

    [Test]
    public void A_start_is_not_a_peak()
    {
        var rate = New();
        _clock.Push(1);

        Assert.That(rate.At(_clock.GetTimestamp(), 500), Is.EqualTo(500));
    }

    [Test]
    public void A_new_pace_is_the_rate_one_window_later()
    {
        var rate = New();
        long done = 0;
        for (var step = 0; step < 200; step++)
        {
            _clock.Push(100);
            rate.At(_clock.GetTimestamp(), done += 100);
        }

        var at = 0.0;
        for (var step = 0; step < 60; step++)
        {
            _clock.Push(100);
            at = rate.At(_clock.GetTimestamp(), done += 1);
        }

        Assert.That(at, Is.EqualTo(10).Within(0.001));
    }

    [Test]
    public void After_a_long_silence_only_the_window_counts()
    {
        var rate = New();
        _clock.Push(TimeSpan.FromHours(1));

        Assert.That(rate.At(_clock.GetTimestamp(), 110), Is.EqualTo(20));
    }

    [Test]
    public void An_amount_that_falls_begins_a_new_measurement()
    {
        var rate = New();
        _clock.Push(1000);
        rate.At(_clock.GetTimestamp(), 1000);
        _clock.Push(1000);

        Assert.That(rate.At(_clock.GetTimestamp(), 0), Is.Zero);
        _clock.Push(2000);
        Assert.That(rate.At(_clock.GetTimestamp(), 10), Is.EqualTo(5));
    }

    private RateWindow New() => new(_clock, TimeSpan.FromSeconds(5), _clock.GetTimestamp(), 0);
}
