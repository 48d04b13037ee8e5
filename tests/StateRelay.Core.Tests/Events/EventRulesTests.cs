using StateRelay.Events;

namespace StateRelay.Tests.Events;

public sealed class EventRulesTests
{
    private const string PullRequest = "https://github.com/Acme/Rocket/pull/5";

    private static readonly ClientIdentity Amy = new("Amy") { Organizations = ["Acme", "globex"] };

    /// <summary>Every mode of a subscription with what reaches it.</summary>
    private static IEnumerable<TestCaseData> Matches =>
    [
        // organization
        Case("a named organization's event", Named("acme"), In("acme"), true),
        Case("a named organization's event, in another case", Named("ACME"), In("acme"), true),
        Case("another organization's event", Named("acme"), In("globex"), false),
        Case("an event of no organization, for a named one", Named("acme"), In(null), false),
        Case("an event of an organization named but left", Named("initech"), In("initech"), false),
        Case("an event of an own repository, named", Named("amy"), In("amy"), true),

        // all organizations
        Case("an event of one of all organizations", All(), In("acme"), true),
        Case("an event of another of all organizations", All(), In("GLOBEX"), true),
        Case("an event of an organization without membership", All(), In("initech"), false),
        Case("an event of no organization, for all", All(), In(null), false),
        Case("an event of an own repository, for all", All(), In("amy"), true),

        // own events
        Case("an own event", Own(), In("acme", "amy"), true),
        Case("an own event among others'", Own(), In("acme", "bob", "AMY"), true),
        Case("somebody else's event", Own(), In("acme", "bob"), false),
        Case("an event that involves nobody", Own(), In("acme"), false),
        Case("an own event in an organization without membership", Own(), In("initech", "amy"), false),
        Case("an own event of no organization", Own(), In(null, "amy"), true),
        Case("an own event in an own repository", Own(), In("amy", "amy"), true),
        Case("an own event in all organizations", Own("*"), In("globex", "amy"), true),
        Case("an own event in the organization named", Own("acme"), In("acme", "amy"), true),
        Case("an own event in another than the one named", Own("acme"), In("globex", "amy"), false),
        Case("an own event of no organization, one named", Own("acme"), In(null, "amy"), false),
        Case("somebody else's event in the organization named", Own("acme"), In("acme", "bob"), false),

        // pull requests
        Case("an event of a listed pull request", Listed(), About("acme", "rocket", 5), true),
        Case("an event of the second of two listed", Listed("https://github.com/acme/rocket/pull/4", PullRequest), About("acme", "rocket", 5), true),
        Case("an event of several pull requests, one listed", Listed(), About("acme", "rocket", 3, 4, 5), true),
        Case("an event of another number", Listed(), About("acme", "rocket", 6), false),
        Case("an event of another repository", Listed(), About("acme", "booster", 5), false),
        Case("an event of another owner", Listed(), About("globex", "rocket", 5), false),
        Case("an event of the repository that is about no pull request", Listed(), About("acme", "rocket"), false),
        Case("an event of a listed pull request without membership", Listed("https://github.com/initech/rocket/pull/5"), About("initech", "rocket", 5), false),
        Case("an event of a listed pull request of an own repository", Listed("https://github.com/amy/rocket/pull/5"), About("amy", "rocket", 5), true),
        Case("a list makes the organization irrelevant", new() { Organization = "globex", PullRequests = [PullRequest] }, About("acme", "rocket", 5), true),
        Case("a list makes own events irrelevant", new() { UserEventsOnly = true, PullRequests = [PullRequest] }, About("acme", "rocket", 5), true),
        Case("a list narrows all organizations", new() { Organization = "*", PullRequests = [PullRequest] }, In("acme", "amy"), false),
        Case("an unreadable address listed", Listed("nonsense"), About("acme", "rocket", 5), false),
        Case("a pull request of an event of no organization", Listed(), new EventAudience { PullRequests = [new("acme", "rocket", 5)] }, false),
        Case("a pull request that is not of the event's repository", Listed(), About("globex", "rocket") with { PullRequests = [new("acme", "rocket", 5)] }, false),
        Case("a pull request of a fork of the same owner", Listed(), About("acme", "fork") with { PullRequests = [new("acme", "rocket", 5)] }, false),

        // nothing named
        Case("nothing to follow", new(), In("acme", "amy"), false),

        // events of the host
        Case("an event for everyone", Named("acme"), EventAudience.Everyone, true),
        Case("an event for everyone, own events only", Own(), EventAudience.Everyone, true),
        Case("an event for everyone, pull requests listed", Listed(), EventAudience.Everyone, true),
        Case("an event for a person", All(), EventAudience.ForPeople("bob", "amy"), true),
        Case("an event for a person, pull requests listed", Listed(), EventAudience.ForPeople("amy"), true),
        Case("an event for other people", All(), EventAudience.ForPeople("bob"), false),
        Case("an event for nobody", All(), EventAudience.ForPeople(), false),
        Case("a host's event for an organization", All(), EventAudience.ForOrganization("acme"), true),
        Case("a host's event for another organization", All(), EventAudience.ForOrganization("initech"), false),
    ];

    [TestCaseSource(nameof(Matches))]
    public void An_event_reaches_who_asked_for_it_and_may_see_it(object subscription, object audience, bool expected)
    {
        Assert.That(EventRules.Receives((Subscription)subscription, Amy, "push", (EventAudience)audience, enforceTiers: false), Is.EqualTo(expected));
    }

    [TestCase(true, "push")]
    [TestCase(true, "pull_request", "push")]
    [TestCase(false, "pull_request")]
    [TestCase(false, "PUSH")]
    [TestCase(false, "pus")]
    [TestCase(true)]
    public void Only_types_asked_for_are_received_and_all_where_none_is(bool expected, params string[] types)
    {
        Assert.That(Receives(Named("acme"), In("acme")), Is.EqualTo(expected));
        Assert.That(Receives(Own(), In("acme", "amy")), Is.EqualTo(expected));
        Assert.That(Receives(Listed(), About("acme", "rocket", 5)), Is.EqualTo(expected));
        Assert.That(Receives(All(), EventAudience.Everyone), Is.EqualTo(expected));
        Assert.That(Receives(All(), EventAudience.ForPeople("amy")), Is.EqualTo(expected));

        bool Receives(Subscription subscription, EventAudience audience) =>
            EventRules.Receives(subscription.WithEventTypes(types), Amy, "push", audience, enforceTiers: false);
    }

    [Test]
    public void The_gate_of_tiers_is_closed_to_free_clients_for_all_that_is_not_known_to_be_public(
        [Values] Mode mode, [Values("Free", "Pro", "Flock")] string tier, [Values("Unknown", "Public", "Private")] string visibility, [Values] bool enforced)
    {
        var audience = About("acme", "rocket", 5) with { People = ["amy"], Visibility = Enum.Parse<Visibility>(visibility) };

        var verdict = EventRules.Decide(Of(mode), Amy with { Tier = Enum.Parse<ClientTier>(tier) }, "push", audience, enforced);

        var heldBack = enforced && tier == "Free" && visibility != "Public";
        Assert.That(verdict, Is.EqualTo(heldBack ? EventVerdict.HeldBack : EventVerdict.Theirs));
    }

    [Test]
    public void The_gate_of_tiers_says_nothing_of_what_would_not_reach_the_client_anyway([Values] Mode mode)
    {
        var elsewhere = About("initech", "rocket", 5) with { People = ["amy"], Visibility = Visibility.Private };
        var otherType = Of(mode).WithEventTypes(["fork"]);
        var here = About("acme", "rocket", 5) with { People = ["amy"], Visibility = Visibility.Private };

        Assert.That(EventRules.Decide(Of(mode), Amy, "push", elsewhere, enforceTiers: true), Is.EqualTo(EventVerdict.NotForThem));
        Assert.That(EventRules.Decide(otherType, Amy, "push", here, enforceTiers: true), Is.EqualTo(EventVerdict.NotForThem));
    }

    [Test]
    public void What_a_host_says_itself_passes_the_gate_of_tiers()
    {
        foreach (var audience in new[] { EventAudience.Everyone, EventAudience.ForOrganization("acme"), EventAudience.ForPeople("amy") })
            Assert.That(EventRules.Receives(All(), Amy, "push", audience, enforceTiers: true), Is.True);
    }

    [Test]
    public void A_thousand_organizations_are_all_looked_at()
    {
        var member = new ClientIdentity("amy") { Organizations = [.. Enumerable.Range(0, 2000).Select(number => $"org-{number}")] };

        Assert.That(EventRules.Receives(All(), member, "push", In("ORG-1999"), enforceTiers: false), Is.True);
    }

    [Test]
    public void An_audience_that_says_nothing_reaches_nobody()
    {
        foreach (var mode in Enum.GetValues<Mode>())
            Assert.That(EventRules.Receives(Of(mode), Amy, "push", new EventAudience { PullRequests = default }, enforceTiers: false), Is.False);
    }

    public enum Mode
    {
        Organization,
        AllOrganizations,
        OwnEvents,
        PullRequests,
    }

    private static Subscription Of(Mode mode) => mode switch
    {
        Mode.Organization => Named("acme"),
        Mode.AllOrganizations => All(),
        Mode.OwnEvents => Own(),
        _ => Listed(),
    };

    private static TestCaseData Case(string name, Subscription subscription, EventAudience audience, bool expected) =>
        new TestCaseData(subscription, audience, expected).SetArgDisplayNames(name);

    private static Subscription Named(string organization) => new() { Organization = organization };

    private static Subscription All() => Named("*");

    private static Subscription Own(string organization = "") => new() { Organization = organization, UserEventsOnly = true };

    private static Subscription Listed(params string[] urls) => new() { PullRequests = urls.Length > 0 ? urls : [PullRequest] };

    private static EventAudience In(string? organization, params string[] people) =>
        new() { Organization = organization, Repository = "rocket", People = [.. people] };

    private static EventAudience About(string organization, string repository, params long[] numbers) => new()
    {
        Organization = organization,
        Repository = repository,
        PullRequests = [.. numbers.Select(number => new PullRequestKey(organization, repository, number))],
    };
}
