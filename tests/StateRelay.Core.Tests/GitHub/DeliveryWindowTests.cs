using StateRelay.GitHub;

namespace StateRelay.Tests.GitHub;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DeliveryWindowTests
{
    private readonly ManualClock _clock = new();

    [Test]
    public void A_delivery_that_comes_again_is_not_new()
    {
        var window = Window();

        Assert.That(window.IsNew("a"), Is.True);
        Assert.That(window.IsNew("a"), Is.False);
        Assert.That(window.IsNew("A"), Is.True);
    }

    [Test]
    public void A_delivery_without_an_id_is_always_new()
    {
        var window = Window();

        Assert.That(window.IsNew(null), Is.True);
        Assert.That(window.IsNew(null), Is.True);
        Assert.That(window.IsNew(""), Is.True);
        Assert.That(window.Count, Is.Zero);
    }

    [Test]
    public void An_id_longer_than_any_of_GitHubs_takes_no_memory()
    {
        var window = Window();

        Assert.That(window.IsNew(new string('x', DeliveryWindow.MaxIdLength + 1)), Is.True);
        Assert.That(window.Count, Is.Zero);
    }

    [Test]
    public void The_oldest_id_makes_room_for_the_newest()
    {
        var window = Window(maxCount: 2);
        window.IsNew("a");
        window.IsNew("b");

        Assert.That(window.IsNew("c"), Is.True);

        Assert.That(window.Count, Is.EqualTo(2));
        Assert.That(window.IsNew("b"), Is.False);
        Assert.That(window.IsNew("a"), Is.True);
    }

    [Test]
    public void An_id_is_forgotten_when_it_is_old_enough_however_often_it_came_meanwhile()
    {
        var window = Window();
        window.IsNew("a");

        _clock.Push(TimeSpan.FromMinutes(59));
        Assert.That(window.IsNew("a"), Is.False);
        _clock.Push(TimeSpan.FromMinutes(1));

        Assert.That(window.Count, Is.Zero);
        Assert.That(window.IsNew("a"), Is.True);
    }

    [Test]
    public void A_delivery_that_could_not_be_relayed_may_come_again()
    {
        var window = Window();
        window.IsNew("a");

        window.Forget("a");
        window.Forget("never seen");
        window.Forget(null);

        Assert.That(window.IsNew("a"), Is.True);
    }

    [Test]
    public void Of_many_that_bring_one_id_at_once_exactly_one_is_new()
    {
        var window = Window();
        var news = 0;

        Parallel.For(0, 1000, i =>
        {
            if (window.IsNew($"{i / 10}"))
                Interlocked.Increment(ref news);
        });

        Assert.That(news, Is.EqualTo(100));
    }

    [Test]
    public void A_million_deliveries_leave_no_more_than_may_be()
    {
        var window = Window(maxCount: 1000);

        for (var i = 0; i < 1_000_000; i++)
            window.IsNew($"{i}");

        Assert.That(window.Count, Is.EqualTo(1000));
    }

    private DeliveryWindow Window(int maxCount = 100) => new(maxCount, TimeSpan.FromHours(1), _clock);
}
