using System.Net;

using StateRelay.Security;

namespace StateRelay.Tests.Security;

public sealed class AddressRatesTests
{
    private static readonly IPAddress Amy = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Bob = IPAddress.Parse("192.0.2.2");

    private readonly ManualClock _clock = new();

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(60)]
    [TestCase(100_000)]
    public void An_address_may_so_often_a_minute_and_no_more(int perMinute)
    {
        var rates = new AddressRates(perMinute, _clock);

        for (var i = 0; i < perMinute; i++)
            Assert.That(rates.TryTake(Amy, out _), Is.True, $"{i}");

        Assert.That(rates.TryTake(Amy, out var retryAfter), Is.False);
        Assert.That(retryAfter, Is.EqualTo(TimeSpan.FromMinutes(1) / perMinute).Within(TimeSpan.FromMilliseconds(100)));
        Assert.That(rates.TryTake(Bob, out _), Is.True);
    }

    [Test]
    public void What_was_done_wears_off_bit_by_bit()
    {
        var rates = new AddressRates(60, _clock);
        while (rates.TryTake(Amy, out _))
        {
        }

        _clock.Push(TimeSpan.FromSeconds(1));
        Assert.That(rates.TryTake(Amy, out _), Is.True);
        Assert.That(rates.TryTake(Amy, out _), Is.False);

        _clock.Push(TimeSpan.FromSeconds(60));
        Assert.That(Enumerable.Range(0, 61).Count(_ => rates.TryTake(Amy, out var _)), Is.EqualTo(60));
    }

    [Test]
    public void Asking_whether_counts_for_nothing()
    {
        var rates = new AddressRates(1, _clock);

        Assert.That(rates.May(Amy, out _), Is.True);
        Assert.That(rates.May(Amy, out _), Is.True);
        Assert.That(rates.Addresses, Is.Zero);
        rates.TryTake(Amy, out _);

        Assert.That(rates.May(Amy, out var retryAfter), Is.False);
        Assert.That(retryAfter, Is.EqualTo(TimeSpan.FromMinutes(1)));
    }

    [TestCase("2001:db8::1", "2001:db8::ffff", false)]
    [TestCase("2001:db8::1", "2001:db8:0:1::1", true)]
    [TestCase("192.0.2.9", "::ffff:192.0.2.9", false)]
    public void Addresses_of_one_site_count_as_one(string first, string second, bool may)
    {
        var rates = new AddressRates(1, _clock);
        rates.TryTake(IPAddress.Parse(first), out _);

        Assert.That(rates.TryTake(IPAddress.Parse(second), out _), Is.EqualTo(may));
    }

    [Test]
    public void Only_so_many_addresses_are_remembered_and_the_busiest_longest()
    {
        var rates = new AddressRates(2, _clock, maxAddresses: 100);
        rates.TryTake(Amy, out _);
        rates.TryTake(Amy, out _);

        for (var i = 0; i < 10_000; i++)
        {
            rates.TryTake(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), out _);
            Assert.That(rates.Addresses, Is.LessThanOrEqualTo(100));
        }

        Assert.That(rates.TryTake(Amy, out _), Is.False);
    }

    [Test]
    public void Addresses_that_have_been_quiet_for_a_minute_make_room_first()
    {
        var rates = new AddressRates(1, _clock, maxAddresses: 2);
        rates.TryTake(Amy, out _);
        _clock.Push(TimeSpan.FromSeconds(60));
        rates.TryTake(Bob, out _);

        rates.TryTake(IPAddress.Parse("192.0.2.3"), out _);

        Assert.That(rates.Addresses, Is.EqualTo(2));
        Assert.That(rates.May(Bob, out _), Is.False);
    }
}
