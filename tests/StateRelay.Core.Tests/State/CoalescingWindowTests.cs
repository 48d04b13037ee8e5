using StateRelay.State;

namespace StateRelay.Tests.State;

public sealed class CoalescingWindowTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ManualClock _clock = new();

    [Test]
    public void The_first_change_goes_out_at_once()
    {
        var window = new CoalescingWindow(Interval, _clock);

        Assert.That(window.DueIn(urgent: false), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void The_next_waits_for_what_is_left_of_the_interval()
    {
        var window = new CoalescingWindow(Interval, _clock);
        window.MarkMade();

        _clock.Push(30);

        Assert.That(window.DueIn(urgent: false), Is.EqualTo(TimeSpan.FromMilliseconds(70)));
    }

    [Test]
    public void Asking_again_and_again_never_puts_it_off()
    {
        var window = new CoalescingWindow(Interval, _clock);
        window.MarkMade();

        for (var asked = 0; asked < 100; asked++)
        {
            window.DueIn(urgent: false);
            _clock.Push(1);
        }

        Assert.That(window.DueIn(urgent: false), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void A_turning_point_waits_for_a_tenth_of_the_interval()
    {
        var window = new CoalescingWindow(Interval, _clock);
        window.MarkMade();

        Assert.That(window.DueIn(urgent: true), Is.EqualTo(TimeSpan.FromMilliseconds(10)));
    }

    [Test]
    public void Turning_points_go_ahead_of_the_interval_only_once()
    {
        var window = new CoalescingWindow(Interval, _clock);
        window.MarkMade();
        _clock.Push(10);
        window.MarkMade();

        var next = window.DueIn(urgent: true);
        _clock.Push(100);
        window.MarkMade();

        Assert.That(next, Is.EqualTo(Interval));
        Assert.That(window.DueIn(urgent: true), Is.EqualTo(TimeSpan.FromMilliseconds(10)));
    }
}
