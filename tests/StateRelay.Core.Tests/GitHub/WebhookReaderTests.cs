using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Nodes;

using StateRelay.GitHub;

namespace StateRelay.Tests.GitHub;

public sealed class WebhookReaderTests
{
    private const string Head = "6dcb09b5b57875f334f61aebed695e2e4193db5e";
    private const string Page = "https://github.com/acme/rocket";

    // All that GitHub documents, those of Enterprise Cloud too.
    private static readonly string[] DocumentedTypes =
    [
        "branch_protection_configuration", "branch_protection_rule", "bypass_request_push_ruleset", "bypass_request_secret_scanning",
        "check_run", "check_suite", "code_scanning_alert", "commit_comment", "create", "custom_property",
        "custom_property_promoted_to_enterprise", "custom_property_values", "delete", "dependabot_alert", "deploy_key", "deployment",
        "deployment_protection_rule", "deployment_review", "deployment_status", "discussion", "discussion_comment",
        "dismissal_request_code_scanning", "dismissal_request_dependabot", "dismissal_request_secret_scanning",
        "exemption_request_push_ruleset", "exemption_request_secret_scanning", "fork", "github_app_authorization", "gollum",
        "installation", "installation_repositories", "installation_target", "issue_comment", "issue_dependencies", "issues", "label",
        "marketplace_purchase", "member", "membership", "merge_group", "meta", "milestone", "org_block", "organization", "package",
        "page_build", "personal_access_token_request", "ping", "project", "project_card", "project_column", "projects_v2",
        "projects_v2_item", "projects_v2_status_update", "public", "pull_request", "pull_request_review", "pull_request_review_comment",
        "pull_request_review_thread", "push", "registry_package", "release", "repository", "repository_advisory", "repository_dispatch",
        "repository_import", "repository_ruleset", "repository_vulnerability_alert", "secret_scanning_alert",
        "secret_scanning_alert_location", "secret_scanning_scan", "security_advisory", "security_and_analysis", "sponsorship", "star",
        "status", "sub_issues", "team", "team_add", "watch", "workflow_dispatch", "workflow_job", "workflow_run",
    ];

    private static IEnumerable<string> Payloads => Payload.All;

    [Test]
    public void There_is_a_payload_of_every_type_that_GitHub_documents()
    {
        Assert.That(Payload.All.Select(Payload.TypeOf).Distinct(), Is.SupersetOf(DocumentedTypes));
    }

    [TestCaseSource(nameof(Payloads))]
    public void What_a_payload_says_of_its_repository_and_its_sender_is_found(string name)
    {
        var text = JsonNode.Parse(Payload.Bytes(name))!;

        var notice = Read(name);

        if (TextAt(text, "organization", "login") is { } organization)
            Assert.That(notice.Audience.Organization, Is.EqualTo(organization));
        if (TextAt(text, "repository", "name") is { } repository)
            Assert.That((notice.Audience.Repository, notice.RepositoryUrl, notice.Audience.Organization), Is.EqualTo((repository, Page, "acme")));
        if (TextAt(text, "sender", "login") is { } sender)
            Assert.That(notice.Audience.People, Does.Contain(sender));
        Assert.That(notice.Action, Is.EqualTo(TextAt(text, "action")));
    }

    [TestCase("pull_request.opened", "sam amy quinn bob cat dan")]
    [TestCase("pull_request.closed", "sam amy quinn bob cat dan kim")]
    [TestCase("pull_request.assigned", "sam amy quinn bob cat dan lou")]
    [TestCase("pull_request.review_requested", "sam amy quinn bob cat dan max")]
    [TestCase("pull_request.deleted-fork", "sam amy quinn bob cat dan")]
    [TestCase("pull_request.deleted-author", "sam")]
    [TestCase("pull_request.unicode-logins", "sam zoë 東京 🚀 dan nia otto")]
    [TestCase("pull_request.wrong-types", "bob dan")]
    [TestCase("pull_request.empty", "")]
    [TestCase("pull_request_review.submitted", "sam amy quinn bob cat dan pam quincy")]
    [TestCase("pull_request_review.without-text", "sam amy quinn bob cat dan pam")]
    [TestCase("pull_request_review_comment.created", "sam amy quinn bob cat dan ray sue")]
    [TestCase("pull_request_review_thread.resolved", "sam amy quinn bob cat dan tom uma val")]
    [TestCase("issues.opened", "sam eve fay gus hal")]
    [TestCase("issue_comment.on-issue", "sam eve fay gus hal ivy joy")]
    [TestCase("issue_comment.deleted-author", "sam fay gus hal")]
    [TestCase("commit_comment.created", "sam ivy joy")]
    [TestCase("discussion_comment.created", "sam ann cal deb")]
    [TestCase("release.published", "sam gil hope")]
    [TestCase("deployment_status.created", "sam zed abe")]
    [TestCase("workflow_run.completed", "sam wes xia")]
    [TestCase("push.branch", "sam yan amy bob hub-web")]
    [TestCase("push.unknown-author", "sam yan hub-web")]
    [TestCase("member.added", "sam fox")]
    [TestCase("membership.added", "sam ian")]
    [TestCase("organization.member_added", "sam jan")]
    public void The_people_involved_come_from_all_objects(string name, string people)
    {
        var expected = people.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.That(Read(name).Audience.People, Is.EquivalentTo(expected));
    }

    [TestCase("pull_request.opened", 5L)]
    [TestCase("pull_request.deleted-fork", 5L)]
    [TestCase("pull_request.null-organization", 5L)]
    [TestCase("pull_request.large-number", 9007199254740993L)]
    [TestCase("pull_request.fractional-number")]
    [TestCase("pull_request.no-repository")]
    [TestCase("pull_request.empty")]
    [TestCase("pull_request_review.submitted", 5L)]
    [TestCase("pull_request_review_comment.created", 5L)]
    [TestCase("pull_request_review_thread.resolved", 5L)]
    [TestCase("issue_comment.on-pull-request", 5L)]
    [TestCase("issue_comment.on-issue")]
    [TestCase("issue_comment.null-marker")]
    [TestCase("issues.opened")]
    [TestCase("check_run.completed", 5L, 6L)]
    [TestCase("check_run.no-pull-requests")]
    [TestCase("check_run.null-pull-requests")]
    [TestCase("check_run.only-in-suite", 5L)]
    [TestCase("check_run.of-a-fork", 5L)]
    [TestCase("check_suite.completed", 5L)]
    [TestCase("check_suite.no-pull-requests")]
    [TestCase("check_suite.no-repository")]
    [TestCase("workflow_run.completed", 5L)]
    [TestCase("repository_dispatch.on-demand")]
    [TestCase("push.branch")]
    public void Every_pull_request_that_is_named_is_found_and_no_other(string name, params long[] numbers)
    {
        var notice = Read(name);

        Assert.That(notice.PullRequests.Select(found => found.Key), Is.EqualTo(numbers.Select(number => new PullRequestKey("acme", "rocket", number))));
        Assert.That(notice.PullRequests.Select(found => found.Url), Is.EqualTo(numbers.Select(number => $"{Page}/pull/{number}")));
        Assert.That(notice.Audience.PullRequests, Is.EqualTo(notice.PullRequests.Select(found => found.Key)));
    }

    [TestCase("pull_request.opened", Head)]
    [TestCase("pull_request.deleted-fork", Head)]
    [TestCase("pull_request.wrong-types", null)]
    [TestCase("pull_request_review.submitted", null)]
    [TestCase("issue_comment.on-pull-request", null)]
    [TestCase("check_run.completed", Head)]
    [TestCase("check_suite.no-pull-requests", Head)]
    [TestCase("status.success", Head)]
    [TestCase("workflow_run.completed", Head)]
    [TestCase("workflow_job.queued", Head)]
    [TestCase("merge_group.checks_requested", Head)]
    [TestCase("push.branch", Head)]
    [TestCase("push.deleted-branch", null)]
    [TestCase("deployment_review.approved", null)]
    public void The_commit_is_that_of_the_object_the_type_names(string name, string? sha)
    {
        Assert.That(Read(name).CommitSha, Is.EqualTo(sha));
    }

    [TestCase("pull_request.opened", Visibility.Public)]
    [TestCase("pull_request.private", Visibility.Private)]
    [TestCase("pull_request.wrong-types", Visibility.Unknown)]
    [TestCase("membership.added", Visibility.Unknown)]
    public void Only_what_is_said_to_be_public_is(string name, object visibility)
    {
        Assert.That(Read(name).Audience.Visibility, Is.EqualTo(visibility));
    }

    [Test]
    public void What_is_internal_to_a_company_is_private()
    {
        Assert.That(Read("""{"repository":{"private":false,"visibility":"internal"}}""", "push").Audience.Visibility, Is.EqualTo(Visibility.Private));
    }

    [TestCase("push.owner-without-login")]
    [TestCase("pull_request.null-organization")]
    public void The_owner_of_the_repository_is_the_organization(string name)
    {
        Assert.That(Read(name).Audience.Organization, Is.EqualTo("acme"));
    }

    [Test]
    public void A_closed_pull_request_is_known_as_one()
    {
        Assert.That(Read("pull_request.closed").IsClosed, Is.True);
        Assert.That(Read("pull_request.opened").IsClosed, Is.False);
    }

    [Test]
    public void Members_may_come_in_any_order()
    {
        foreach (var name in Payload.All)
        {
            var reversed = new JsonObject(JsonNode.Parse(Payload.Bytes(name))!.AsObject().Reverse().Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));

            var notice = Read(reversed.ToJsonString(), Payload.TypeOf(name));

            Assert.That(notice.Audience.People, Is.EquivalentTo(Read(name).Audience.People), name);
            Assert.That(notice.PullRequests.Select(found => found.Key.Number), Is.EqualTo(Read(name).PullRequests.Select(found => found.Key.Number)), name);
        }
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("7")]
    [TestCase("\"text\"")]
    [TestCase("{")]
    [TestCase("{} {}")]
    [TestCase("{}x")]
    [TestCase("""{"pull_request":{"number":5""")]
    [TestCase("payload=%7B%7D")]
    public void What_is_not_one_JSON_object_is_not_read(string body)
    {
        Assert.That(WebhookReader.Read(Encoding.UTF8.GetBytes(body), "push"), Is.Null);
    }

    [Test]
    public void Half_characters_and_escaped_names_harm_nobody()
    {
        var notice = Read("""{"\ud800":1,"s\u0065nder":{"login":"amy"},"assignee":{"login":"\udc00"},"pull_request":{"body":"\ud800 @bob"},"repository":{"\ud800":{}}}""", "pull_request");

        Assert.That(notice.Audience.People, Is.EquivalentTo(new[] { "amy" }));
    }

    [Test]
    public void Bytes_that_are_no_UTF_8_harm_nobody()
    {
        byte[] body = [.. "{\"sender\":{\"login\":\""u8, 0xC3, 0x28, 0xFF, .. "\"},\"assignee\":{\"login\":\"amy\"}}"u8];

        Assert.That(() => WebhookReader.Read(body, "issues"), Throws.Nothing);
    }

    [Test]
    public void A_payload_cut_off_or_changed_anywhere_never_throws()
    {
        var random = new Random(20261122);
        foreach (var name in Payload.All)
        {
            var whole = Payload.Bytes(name);
            for (var i = 0; i < 40; i++)
            {
                Assert.That(WebhookReader.Read(whole.AsSpan(0, random.Next(whole.Length - 2)), Payload.TypeOf(name)), Is.Null);

                var changed = whole.ToArray();
                for (var flips = 0; flips < 3; flips++)
                    changed[random.Next(changed.Length)] = (byte)random.Next(256);
                Assert.That(() => WebhookReader.Read(changed, Payload.TypeOf(name)), Throws.Nothing);
            }
        }
    }

    [Test]
    public void A_member_of_any_other_type_anywhere_never_throws()
    {
        string[] odd = ["null", "true", "-1", "1e400", "\"text\"", "[]", "{}", "[[{}]]", """{"login":{"login":[]}}"""];
        foreach (var name in Payload.All)
        {
            foreach (var member in JsonNode.Parse(Payload.Bytes(name))!.AsObject().Select(member => member.Key))
            {
                foreach (var instead in odd)
                {
                    var changed = JsonNode.Parse(Payload.Bytes(name))!;
                    changed[member] = JsonNode.Parse(instead);
                    Assert.That(WebhookReader.Read(Encoding.UTF8.GetBytes(changed.ToJsonString()), Payload.TypeOf(name)), Is.Not.Null);
                }
            }
        }
    }

    [Test]
    public void Depth_is_no_harm()
    {
        var deep = $$$"""{"x":{{{new string('[', 900)}}}{{{new string(']', 900)}}},"sender":{"login":"amy"}}""";
        var deeper = $$$"""{"x":{{{new string('[', 100_000)}}}{{{new string(']', 100_000)}}},"sender":{"login":"amy"}}""";

        Assert.That(Read(deep, "push").Audience.People, Does.Contain("amy"));
        Assert.That(() => WebhookReader.Read(Encoding.UTF8.GetBytes(deeper), "push"), Throws.Nothing);
    }

    [Test]
    public void A_push_of_20_MB_is_read_without_keeping_it()
    {
        var body = new StringBuilder("""{"repository":{"name":"rocket","private":false,"owner":{"login":"acme"}},"commits":[""");
        for (var i = 0; body.Length < 20_000_000; i++)
            body.Append(i == 0 ? "" : ",").Append("{\"id\":\"").Append(i).Append("\",\"message\":\"").Append('x', 9000).Append("\",\"author\":{\"username\":\"user-").Append(i % 7000).Append("\"}}");
        body.Append("""],"pusher":{"name":"yan"},"sender":{"login":"sam"}}""");
        var bytes = Encoding.UTF8.GetBytes(body.ToString());
        body.Clear();

        WebhookReader.Read(bytes, "push");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var notice = WebhookReader.Read(bytes, "push")!;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(notice.Audience.Repository, Is.EqualTo("rocket"));
        Assert.That(notice.Audience.People, Does.Contain("user-0"));
        Assert.That(allocated, Is.LessThan(3_000_000));
    }

    [TestCase("@amy, see", true)]
    [TestCase("\\u0040amy, see\\r\\n", true)]
    [TestCase("\\\\u0040amy, see", false)]
    [TestCase("@amy, see \\ud83d", false)]
    [TestCase("amy, see", false)]
    public void A_mention_counts_however_it_is_escaped(string written, bool isMentioned)
    {
        var notice = Read($$"""{"issue":{"number":1,"body":"{{written}}"} }""", "issues");

        Assert.That(notice.Audience.People.Contains("amy"), Is.EqualTo(isMentioned));
    }

    [Test]
    public void What_somebody_wrote_is_not_copied_to_find_mentions()
    {
        var bytes = Encoding.UTF8.GetBytes($$"""{"issue":{"number":1,"body":"{{new string('x', 1_000_000)}}\r\n@amy"} }""");

        WebhookReader.Read(bytes, "issues");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var notice = WebhookReader.Read(bytes, "issues")!;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(notice.Audience.People, Is.EquivalentTo(new[] { "amy" }));
        Assert.That(allocated, Is.LessThan(10_000));
    }

    [Test]
    public void People_who_are_mentioned_are_bounded()
    {
        var mentions = string.Join(' ', Enumerable.Range(0, 2 * WebhookReader.MaxPeople).Select(number => $"@u{number}"));

        var notice = Read($$"""{"issue":{"number":1,"body":"{{mentions}}"} }""", "issues");

        Assert.That(notice.Audience.People, Has.Count.EqualTo(WebhookReader.MaxPeople));
    }

    [Test]
    public void People_and_pull_requests_are_bounded()
    {
        var mentions = string.Join(' ', Enumerable.Range(0, 2 * WebhookReader.MaxPeople).Select(i => $$$"""{"author":{"username":"u{{{i}}}"}},"""));
        var listed = string.Join(',', Enumerable.Range(1, 2 * WebhookReader.MaxPullRequests).Select(i => $$"""{"number":{{i}}}"""));

        var notice = Read($$$"""{"commits":[{{{mentions}}} 1],"check_run":{"pull_requests":[{{{listed}}}]},"repository":{"name":"x","html_url":"https://github.com/a/x","owner":{"login":"a"}} }""", "check_run");

        Assert.That(notice.Audience.People, Has.Count.EqualTo(WebhookReader.MaxPeople));
        Assert.That(notice.PullRequests, Has.Length.EqualTo(WebhookReader.MaxPullRequests));
    }

    private static WebhookNotice Read(string name)
    {
        var notice = WebhookReader.Read(Payload.Bytes(name), Payload.TypeOf(name));
        Assert.That(notice, Is.Not.Null);
        return notice!;
    }

    private static WebhookNotice Read([StringSyntax(StringSyntaxAttribute.Json)] string json, string type) => WebhookReader.Read(Encoding.UTF8.GetBytes(json), type)!;

    private static string? TextAt(JsonNode node, params string[] path)
    {
        foreach (var name in path)
        {
            if (node is not JsonObject members || members[name] is not { } next)
                return null;
            node = next;
        }

        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }
}
