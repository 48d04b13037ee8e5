using StateRelay.Dashboard;

namespace StateRelay.Tests.Dashboard;

public sealed class ShownTextTests
{
    private static readonly TestCaseData[] Subscriptions =
    [
        new TestCaseData(new Subscription { Organization = "acme" }).Returns("acme"),
        new TestCaseData(new Subscription { Organization = "*" }).Returns("all organizations"),
        new TestCaseData(new Subscription { UserEventsOnly = true }).Returns("own events"),
        new TestCaseData(new Subscription { Organization = "acme", UserEventsOnly = true }).Returns("own events, acme"),
        new TestCaseData(new Subscription()).Returns("what is meant for everybody"),
        new TestCaseData(new Subscription { Organization = "acme", EventTypes = ["push"] }).Returns("acme: push"),
        new TestCaseData(new Subscription { Organization = "*", EventTypes = ["a", "b", "c", "d"] }).Returns("all organizations: a, b, c, d"),
        new TestCaseData(new Subscription { Organization = "*", EventTypes = ["a", "b", "c", "d", "e", "f"] }).Returns("all organizations: a, b, c, d and 2 more"),
        new TestCaseData(new Subscription { PullRequests = ["https://github.com/acme/widgets/pull/42"] }).Returns("acme/widgets#42"),
        new TestCaseData(new Subscription { Organization = "acme", PullRequests = ["https://github.com/acme/widgets/pull/42", "https://github.com/acme/widgets/pull/43"], EventTypes = ["push"] })
            .Returns("2 pull requests: push"),
    ];

    [TestCaseSource(nameof(Subscriptions))]
    public string A_subscription_in_a_few_words(Subscription subscription) => ShownText.Of(subscription);

    [TestCase(200)]
    [TestCase(201)]
    public void A_text_is_cut_after_two_hundred_characters(int length)
    {
        var text = new string('x', length);

        Assert.That(ShownText.Cut(text), Is.EqualTo(length == 200 ? text : text[..200] + "…"));
    }

    [Test]
    public void A_text_is_not_cut_within_a_character()
    {
        var text = new string('x', 199) + "\U0001F600" + "yy";

        Assert.That(ShownText.Cut(text), Is.EqualTo(new string('x', 199) + "…"));
    }

    [TestCase(2000)]
    [TestCase(2001)]
    public void An_address_is_whole_or_not_there(int length)
    {
        var address = "https://" + new string('a', length - 8);

        Assert.That(ShownText.AddressOrNull(address), Is.EqualTo(length == 2000 ? address : null));
    }
}
