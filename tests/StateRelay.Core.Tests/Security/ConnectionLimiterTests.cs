using System.Net;

using StateRelay.Security;

namespace StateRelay.Tests.Security;

public sealed class ConnectionLimiterTests
{
    [Test]
    public void The_last_place_is_given_the_next_is_refused_and_one_that_leaves_makes_room()
    {
        var limiter = new ConnectionLimiter(maxInAll: 2, maxPerAddress: 2);
        Take(limiter, "10.0.0.1");
        var second = Take(limiter, "10.0.0.2");

        var refused = limiter.TryAcquire(IPAddress.Parse("10.0.0.3"), out var none);
        second.Dispose();
        var granted = limiter.TryAcquire(IPAddress.Parse("10.0.0.3"), out var third);

        Assert.That(refused, Is.EqualTo(LeaseOutcome.TooManyInAll));
        Assert.That(none, Is.Null);
        Assert.That(granted, Is.EqualTo(LeaseOutcome.Granted));
        Assert.That(third, Is.Not.Null);
    }

    [Test]
    public void One_address_cannot_take_the_places_of_others()
    {
        var limiter = new ConnectionLimiter(maxInAll: 10, maxPerAddress: 1);
        var first = Take(limiter, "10.0.0.1");

        Assert.That(limiter.TryAcquire(IPAddress.Parse("10.0.0.1"), out _), Is.EqualTo(LeaseOutcome.TooManyFromAddress));
        Assert.That(limiter.TryAcquire(IPAddress.Parse("10.0.0.2"), out _), Is.EqualTo(LeaseOutcome.Granted));

        first.Dispose();
        Assert.That(limiter.TryAcquire(IPAddress.Parse("10.0.0.1"), out _), Is.EqualTo(LeaseOutcome.Granted));
    }

    [TestCase("10.0.0.1", "::ffff:10.0.0.1", true)]
    [TestCase("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [TestCase("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [TestCase("10.0.0.1", "10.0.0.2", false)]
    [TestCase("0.0.0.1", "::1", false)]
    public void Addresses_that_belong_together_count_as_one(string one, string other, bool together)
    {
        var limiter = new ConnectionLimiter(maxInAll: 10, maxPerAddress: 1);
        Take(limiter, one);

        var outcome = limiter.TryAcquire(IPAddress.Parse(other), out _);

        Assert.That(outcome, Is.EqualTo(together ? LeaseOutcome.TooManyFromAddress : LeaseOutcome.Granted));
    }

    [Test]
    public void A_lease_is_returned_once_however_often_it_is_disposed()
    {
        var limiter = new ConnectionLimiter(maxInAll: 10, maxPerAddress: 10);
        var first = Take(limiter, "10.0.0.1");
        Take(limiter, "10.0.0.1");

        Parallel.For(0, 100, _ => first.Dispose());

        Assert.That(limiter.Held, Is.EqualTo(1));
    }

    [Test]
    public void An_address_is_forgotten_with_its_last_connection()
    {
        var limiter = new ConnectionLimiter(maxInAll: 1000, maxPerAddress: 10);

        for (var i = 0; i < 1000; i++)
            Take(limiter, $"10.0.{i / 250}.{i % 250}").Dispose();

        Assert.That(limiter.Addresses, Is.Zero);
        Assert.That(limiter.Held, Is.Zero);
    }

    [Test]
    public void Many_threads_at_once_never_pass_a_limit()
    {
        var limiter = new ConnectionLimiter(maxInAll: 50, maxPerAddress: 20);
        var granted = 0;

        Parallel.For(0, 1000, i =>
        {
            if (limiter.TryAcquire(IPAddress.Parse($"10.0.0.{i % 3}"), out _) == LeaseOutcome.Granted)
                Interlocked.Increment(ref granted);
        });

        Assert.That(granted, Is.EqualTo(50));
    }

    private static ConnectionLease Take(ConnectionLimiter limiter, string address)
    {
        Assert.That(limiter.TryAcquire(IPAddress.Parse(address), out var lease), Is.EqualTo(LeaseOutcome.Granted));
        return lease!;
    }
}
