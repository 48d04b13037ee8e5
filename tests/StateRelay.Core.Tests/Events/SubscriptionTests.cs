namespace StateRelay.Tests.Events;

public sealed class SubscriptionTests
{
    private static readonly ClientIdentity Amy = new("amy") { Organizations = ["acme", "globex"] };

    [TestCase("")]
    [TestCase("acme")]
    [TestCase("*")]
    [TestCase("Acme-Corp_2")]
    [TestCase("123456789012345678901234567890123456789", TestName = "an organization of 39 characters")]
    public void An_organization_that_may_be(string organization)
    {
        Assert.That(new Subscription { Organization = organization }.Validate(), Is.Null);
    }

    [TestCase("1234567890123456789012345678901234567890", "org_too_long", TestName = "an organization of 40 characters")]
    [TestCase("éééééééééééééééééééé", "org_too_long", TestName = "an organization of 20 characters in 40 bytes")]
    [TestCase("acme corp", "org_bad_chars")]
    [TestCase("acme/rocket", "org_bad_chars")]
    [TestCase("acme.corp", "org_bad_chars")]
    [TestCase("acmé", "org_bad_chars")]
    [TestCase("*x", "org_bad_chars")]
    [TestCase("x*", "org_bad_chars")]
    [TestCase("**", "org_bad_chars")]
    [TestCase(" *", "org_bad_chars")]
    [TestCase("'; DROP TABLE x", "org_bad_chars")]
    [TestCase("../../etc", "org_bad_chars")]
    [TestCase("<script>", "org_bad_chars")]
    [TestCase("acme\n", "org_bad_chars")]
    [TestCase("acme\0", "org_bad_chars")]
    public void An_organization_that_may_not_be(string organization, string reason)
    {
        Assert.That(new Subscription { Organization = organization }.Validate()?.Reason, Is.EqualTo(reason));
    }

    [TestCase("pull_request", null)]
    [TestCase("a", null)]
    [TestCase("check_run2", null)]
    [TestCase("12345678901234567890123456789012345678901234567890", null, TestName = "an event type of 50 characters")]
    [TestCase("123456789012345678901234567890123456789012345678901", "event_type_length", TestName = "an event type of 51 characters")]
    [TestCase("", "event_type_length")]
    [TestCase(null, "event_type_length")]
    [TestCase("*", "event_type_bad_chars")]
    [TestCase("Pull_request", "event_type_bad_chars")]
    [TestCase("pull-request", "event_type_bad_chars")]
    [TestCase("pull request", "event_type_bad_chars")]
    [TestCase("<script>", "event_type_bad_chars")]
    public void An_event_type(string? type, string? reason)
    {
        Assert.That(new Subscription { Organization = "acme", EventTypes = ["push", type!] }.Validate()?.Reason, Is.EqualTo(reason));
    }

    [TestCase(50, null)]
    [TestCase(51, "too_many_event_types")]
    public void So_many_event_types(int count, string? reason)
    {
        var types = Enumerable.Range(0, count).Select(number => $"type_{number}").ToArray();

        Assert.That(new Subscription { Organization = "acme", EventTypes = types }.Validate()?.Reason, Is.EqualTo(reason));
    }

    [TestCase("https://github.com/acme/rocket/pull/5", null)]
    [TestCase("https://github.com/acme/rocket/pull/5/files", null)]
    [TestCase("", "pull_request_empty")]
    [TestCase(null, "pull_request_empty")]
    [TestCase("http://github.com/acme/rocket/pull/5", "pull_request_bad_prefix")]
    [TestCase(" https://github.com/acme/rocket/pull/5", "pull_request_bad_prefix")]
    [TestCase("https://gitlab.com/acme/rocket/pull/5", "pull_request_bad_prefix")]
    [TestCase("https://github.com.evil.example/acme/rocket/pull/5", "pull_request_bad_prefix")]
    [TestCase("javascript:alert(1)", "pull_request_bad_prefix")]
    [TestCase("https://github.com/acme/rocket/issues/5", "pull_request_not_pull")]
    [TestCase("https://github.com/acme/rocket/pull", "pull_request_not_pull")]
    [TestCase("https://github.com/acme/rocket/pull/0", "pull_request_unparseable")]
    [TestCase("https://github.com/acme/rocket/pull/-1", "pull_request_unparseable")]
    [TestCase("https://github.com/acme/rocket/pull/1.5", "pull_request_unparseable")]
    [TestCase("https://github.com/acme/rocket/pull/", "pull_request_unparseable")]
    [TestCase("https://github.com/acme/../pull/5", "pull_request_unparseable")]
    [TestCase("https://github.com/ac me/rocket/pull/5", "pull_request_unparseable")]
    [TestCase("https://github.com/acme/rocket/pull/5\n", "pull_request_unparseable")]
    public void An_address_of_a_pull_request(string? url, string? reason)
    {
        Assert.That(new Subscription { PullRequests = ["https://github.com/acme/rocket/pull/1", url!] }.Validate()?.Reason, Is.EqualTo(reason));
    }

    [TestCase(500, null)]
    [TestCase(501, "pull_request_too_long")]
    public void An_address_of_so_many_characters(int length, string? reason)
    {
        var url = "https://github.com/acme/rocket/pull/5/".PadRight(length, 'x');

        Assert.That(new Subscription { PullRequests = [url] }.Validate()?.Reason, Is.EqualTo(reason));
    }

    [TestCase(200, null)]
    [TestCase(201, "too_many_pull_requests")]
    public void So_many_pull_requests(int count, string? reason)
    {
        var urls = Enumerable.Range(1, count).Select(number => $"https://github.com/acme/rocket/pull/{number}").ToArray();

        Assert.That(new Subscription { PullRequests = urls }.Validate()?.Reason, Is.EqualTo(reason));
    }

    [Test]
    public void All_rules_apply_also_to_who_follows_all_organizations()
    {
        Assert.That(new Subscription { Organization = "*", EventTypes = ["NO"] }.Validate()?.Reason, Is.EqualTo("event_type_bad_chars"));
        Assert.That(new Subscription { Organization = "*", PullRequests = ["no"] }.Validate()?.Reason, Is.EqualTo("pull_request_bad_prefix"));
    }

    [Test]
    public void The_first_rule_broken_is_the_one_named()
    {
        var all = new Subscription { Organization = "no way", EventTypes = [""], PullRequests = [""] };
        var lists = new Subscription { EventTypes = ["ok", ""], PullRequests = [""] };

        Assert.That(all.Validate()?.Reason, Is.EqualTo("org_bad_chars"));
        Assert.That(lists.Validate()?.Reason, Is.EqualTo("event_type_length"));
        Assert.That(lists.Validate()?.Message, Does.StartWith("event_types[1]: "));
    }

    [Test]
    public void One_that_names_nothing_to_follow_is_refused()
    {
        Assert.That(new Subscription { EventTypes = ["push"] }.ValidateFor(Amy)?.Reason, Is.EqualTo("matches_nothing"));
        Assert.That(new Subscription { Organization = "*" }.ValidateFor(Amy), Is.Null);
        Assert.That(new Subscription { UserEventsOnly = true }.ValidateFor(Amy), Is.Null);
    }

    [TestCase("acme", null)]
    [TestCase("ACME", null)]
    [TestCase("amy", null)]
    [TestCase("initech", "not_a_member")]
    public void An_organization_is_followed_by_its_members(string organization, string? reason)
    {
        Assert.That(new Subscription { Organization = organization }.ValidateFor(Amy)?.Reason, Is.EqualTo(reason));
        Assert.That(new Subscription { Organization = organization, UserEventsOnly = true }.ValidateFor(Amy)?.Reason, Is.EqualTo(reason));
    }

    [Test]
    public void Pull_requests_are_followed_by_who_may_see_at_least_one()
    {
        Assert.That(Following("initech").ValidateFor(Amy)?.Reason, Is.EqualTo("pull_requests_out_of_reach"));
        Assert.That(Following("initech", "acme").ValidateFor(Amy), Is.Null);
        Assert.That(Following("amy").ValidateFor(Amy), Is.Null);

        static Subscription Following(params string[] owners) =>
            new() { PullRequests = [.. owners.Select(owner => $"https://github.com/{owner}/rocket/pull/1")] };
    }

    [Test]
    public void An_app_that_names_nothing_follows_the_organization_it_is_installed_in()
    {
        var app = new ClientIdentity("app[installation]") { Organizations = ["acme"], HomeOrganization = "acme" };

        Assert.That(new Subscription { EventTypes = ["push"] }.For(app).Organization, Is.EqualTo("acme"));
        Assert.That(new Subscription { EventTypes = ["push"] }.For(app).EventTypes, Is.EqualTo(new[] { "push" }));
        Assert.That(new Subscription { UserEventsOnly = true }.For(app).Organization, Is.Empty);
        Assert.That(new Subscription { Organization = "*" }.For(app).Organization, Is.EqualTo("*"));
        Assert.That(new Subscription().For(Amy).Organization, Is.Empty);
    }
}
