using StateRelay.Events;

namespace StateRelay.Tests.Events;

public sealed class EventPaceTests
{
    private ManualClock _clock = null!;
    private EventPace _pace = null!;

    [SetUp]
    public void Begin()
    {
        _clock = new ManualClock();
        _pace = new EventPace();
    }

    private double Rate => _pace.RateAt(_clock.GetUtcNow());

    private IReadOnlyList<PaceStep> History => _pace.HistoryAt(_clock.GetUtcNow());

    [Test]
    public void Before_anything_happened_there_are_only_zeros_up_to_now()
    {
        Assert.That(Rate, Is.Zero);
        Assert.That(History, Has.Count.EqualTo(EventPace.Steps));
        Assert.That(History.Select(step => step.Rate), Has.All.Zero);
        Assert.That(History[^1].End, Is.EqualTo(_clock.GetUtcNow()));
    }

    [Test]
    public void A_steady_stream_has_its_rate_now_and_in_every_step()
    {
        Happen(perSecond: 20, seconds: 600);

        Assert.That(Rate, Is.EqualTo(20).Within(5));
        Assert.That(History.Select(step => step.Rate), Has.All.EqualTo(20));
    }

    [Test]
    public void What_stopped_is_forgotten_after_five_seconds_and_leaves_the_history_after_five_minutes()
    {
        Happen(perSecond: 20, seconds: 5);

        _clock.Push(TimeSpan.FromSeconds(4));
        Assert.That(Rate, Is.Zero);
        Assert.That(History.Count(step => step.Rate == 20), Is.EqualTo(1));

        _clock.Push(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(5));
        Assert.That(History[0].Rate, Is.EqualTo(20));

        _clock.Push(TimeSpan.FromSeconds(1));
        Assert.That(History.Select(step => step.Rate), Has.All.Zero);
    }

    [Test]
    public void A_step_is_the_same_one_for_as_long_as_it_is_listed()
    {
        Happen(perSecond: 3, seconds: 10);
        var before = History;

        _clock.Push(TimeSpan.FromSeconds(EventPace.StepSeconds));
        var after = History;

        Assert.That(after.Take(EventPace.Steps - 1), Is.EqualTo(before.Skip(1)));
        Assert.That(after[^1].Number, Is.EqualTo(before[^1].Number + 1));
    }

    [Test]
    public void A_clock_that_is_set_back_or_far_ahead_begins_a_new_history()
    {
        var now = _clock.GetUtcNow();
        _pace.Add(now);

        _pace.Add(now - TimeSpan.FromDays(1));
        Assert.That(_pace.RateAt(now - TimeSpan.FromDays(1)), Is.EqualTo(1.0 / 4));

        _pace.Add(now + TimeSpan.FromDays(365));
        Assert.That(_pace.RateAt(now + TimeSpan.FromDays(365)), Is.EqualTo(1.0 / 4));
        Assert.That(_pace.HistoryAt(now + TimeSpan.FromDays(365)).Select(step => step.Rate), Has.All.Zero);
    }

    [Test]
    public void A_thread_that_looked_at_the_clock_a_little_earlier_is_counted_all_the_same()
    {
        var now = _clock.GetUtcNow();
        _pace.Add(now);

        _pace.Add(now - TimeSpan.FromMilliseconds(1));

        Assert.That(_pace.RateAt(now), Is.EqualTo(2.0 / 4));
    }

    private void Happen(int perSecond, int seconds)
    {
        for (var at = 0; at < perSecond * seconds; at++)
        {
            _pace.Add(_clock.GetUtcNow());
            _clock.Push(TimeSpan.FromSeconds(1) / perSecond);
        }
    }
}
