using System.Text;

using StateRelay.GitHub;

namespace StateRelay.Tests.GitHub;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WebhookIntakeTests : IDisposable
{
    private const string Head = "6dcb09b5b57875f334f61aebed695e2e4193db5e";
    private const string Pulls = $"/repos/acme/rocket/commits/{Head}/pulls?per_page=100";
    private const string Page = "https://github.com/acme/rocket";

    private static readonly Secret Ours = new("a secret of ours");

    private readonly ManualClock _clock = new();
    private readonly CannedHttpHandler _gitHub = new();
    private readonly GitHubApi _api;
    private readonly CommitCache _commits;
    private readonly CommitLookup _lookup;
    private readonly List<(Event Happened, EventAudience Audience)> _relayed = [];
    private bool _isBroken;

    public WebhookIntakeTests()
    {
        _api = new GitHubApi(_gitHub, new() { MaxAttempts = 1, EmptyAnswerPause = TimeSpan.Zero }, _clock);
        _commits = new CommitCache(_clock);
        _lookup = new CommitLookup(_commits, _api, () => new Secret("ghp_" + new string('a', 36)));
    }

    public void Dispose()
    {
        _lookup.Dispose();
        _api.Dispose();
        _gitHub.Dispose();
    }

    [Test]
    public async Task A_pull_request_is_told_with_its_address_its_commit_and_whom_it_concerns()
    {
        Assert.That(await Take(Intake(), "pull_request.opened"), Is.EqualTo(DeliveryOutcome.Relayed));

        var (happened, audience) = _relayed.Single();
        Assert.That(happened, Is.EqualTo(new Event("pull_request")
        {
            Url = $"{Page}/pull/5",
            Timestamp = _clock.GetUtcNow(),
            DeliveryId = "d1",
            CommitSha = Head,
        }));
        Assert.That(audience.PullRequests, Is.EqualTo(new[] { new PullRequestKey("acme", "rocket", 5) }));
        Assert.That(audience.People, Does.Contain("amy"));
    }

    [TestCase("sha256=0000000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("nonsense")]
    [TestCase(null)]
    public async Task Without_a_right_signature_nothing_else_is_looked_at(string? signature)
    {
        var intake = Intake();

        Assert.That(await intake.TakeAsync("not a type", "d1", signature, "not JSON"u8.ToArray(), default), Is.EqualTo(DeliveryOutcome.NotSigned));
        Assert.That(await intake.TakeAsync("push", "d1", signature, Payload.Bytes("push.branch"), default), Is.EqualTo(DeliveryOutcome.NotSigned));

        // Nor does it count as having been here.
        Assert.That(await Take(intake, "push.branch"), Is.EqualTo(DeliveryOutcome.Relayed));
    }

    [Test]
    public async Task A_delivery_that_comes_again_is_told_once()
    {
        var intake = Intake();

        Assert.That(await Take(intake, "pull_request.opened"), Is.EqualTo(DeliveryOutcome.Relayed));
        Assert.That(await Take(intake, "pull_request.opened"), Is.EqualTo(DeliveryOutcome.Duplicate));
        Assert.That(await Take(intake, "pull_request.opened", id: "d2"), Is.EqualTo(DeliveryOutcome.Relayed));

        Assert.That(_relayed, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Where_redeliveries_are_let_through_they_are_told_again()
    {
        var intake = Intake(letThrough: true);

        await Take(intake, "pull_request.opened");
        await Take(intake, "pull_request.opened");

        Assert.That(_relayed, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task What_could_not_be_handed_on_may_come_again()
    {
        var intake = Intake();
        _isBroken = true;
        Assert.That(async () => await Take(intake, "pull_request.opened"), Throws.InvalidOperationException);

        _isBroken = false;
        Assert.That(await Take(intake, "pull_request.opened"), Is.EqualTo(DeliveryOutcome.Relayed));
    }

    [Test]
    public async Task A_type_that_is_not_on_the_list_is_quietly_accepted()
    {
        var intake = Intake(allowed: ["pull_request"]);

        Assert.That(await Take(intake, "push.branch"), Is.EqualTo(DeliveryOutcome.Ignored));
        Assert.That(await Take(intake, "pull_request.opened"), Is.EqualTo(DeliveryOutcome.Relayed));
        Assert.That(_relayed, Has.Count.EqualTo(1));
    }

    [TestCase("push", "not JSON")]
    [TestCase("push", "[]")]
    [TestCase("push", "null")]
    [TestCase("push", "")]
    [TestCase(null, "{}")]
    [TestCase("", "{}")]
    [TestCase("Push!", "{}")]
    public async Task What_cannot_be_understood_is_told_nobody(string? type, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);

        Assert.That(await Intake().TakeAsync(type, "d1", WebhookSignature.Of(bytes, Ours), bytes, default), Is.EqualTo(DeliveryOutcome.NotUnderstood));
        Assert.That(_relayed, Is.Empty);
    }

    [Test]
    public async Task Every_payload_is_relayed_whatever_its_type()
    {
        var intake = Intake();

        var names = Payload.All.Where(name => Payload.TypeOf(name) != "ping").ToArray();
        foreach (var name in names)
            Assert.That(await Take(intake, name, id: name), Is.EqualTo(DeliveryOutcome.Relayed), name);

        Assert.That(_relayed.Select(told => told.Happened.DeliveryId).Distinct(), Is.EquivalentTo(names));
    }

    [TestCase("ping.repository")]
    [TestCase("ping.organization")]
    public async Task The_greeting_of_a_new_webhook_is_accepted_and_told_nobody(string name)
    {
        Assert.That(await Take(Intake(allowed: ["ping"]), name), Is.EqualTo(DeliveryOutcome.Ignored));

        Assert.That(_relayed, Is.Empty);
    }

    [Test]
    public async Task A_check_of_several_pull_requests_is_told_for_each()
    {
        await Take(Intake(), "check_run.completed");

        Assert.That(_relayed.Select(told => told.Happened.Url), Is.EqualTo(new[] { $"{Page}/pull/5", $"{Page}/pull/6" }));
        Assert.That(_relayed.Select(told => told.Audience.PullRequests.Single().Number), Is.EqualTo(new[] { 5, 6 }));
        Assert.That(_relayed.Select(told => told.Happened.CommitSha), Is.All.EqualTo(Head));
    }

    [Test]
    public async Task A_check_after_its_pull_requests_event_finds_the_pull_request_without_asking()
    {
        var intake = Intake();
        await Take(intake, "pull_request.opened");

        await Take(intake, "check_run.no-pull-requests", id: "d2");

        Assert.That(_relayed[^1].Happened.Url, Is.EqualTo($"{Page}/pull/5"));
        Assert.That(_gitHub.Requests, Is.Empty);
    }

    [Test]
    public async Task A_check_before_its_pull_requests_event_asks_GitHub()
    {
        _gitHub.On(Pulls, 200, $$"""[{"number":7,"html_url":"{{Page}}/pull/7","state":"open"}]""");

        await Take(Intake(), "check_suite.no-pull-requests");

        Assert.That(_relayed.Single().Happened.Url, Is.EqualTo($"{Page}/pull/7"));
        Assert.That(_relayed.Single().Audience.PullRequests.Single().Number, Is.EqualTo(7));
    }

    [TestCase(200)]
    [TestCase(404)]
    [TestCase(500)]
    public async Task A_check_without_pull_requests_is_told_with_its_repository_and_its_commit(int status)
    {
        _gitHub.On(Pulls, status, "[]");

        Assert.That(await Take(Intake(), "check_suite.no-pull-requests"), Is.EqualTo(DeliveryOutcome.Relayed));

        Assert.That((_relayed.Single().Happened.Url, _relayed.Single().Happened.CommitSha), Is.EqualTo((Page, Head)));
    }

    [Test]
    public async Task A_check_does_not_wait_long_for_GitHub()
    {
        _gitHub.OnceReleased(Pulls, new TaskCompletionSource().Task, 200, "[]");
        var taking = Take(Intake(), "check_suite.no-pull-requests");

        _clock.Push(WebhookIntake.LookupPatience);

        Assert.That(await taking, Is.EqualTo(DeliveryOutcome.Relayed));
        Assert.That(_relayed.Single().Happened.Url, Is.EqualTo(Page));
    }

    [Test]
    public async Task A_closed_pull_request_leaves_the_commit_after_the_grace()
    {
        var intake = Intake();
        await Take(intake, "pull_request.opened", id: "d1");
        await Take(intake, "pull_request.closed", id: "d2");

        _clock.Push(CommitCache.ClosedGrace);

        Assert.That(_commits.Find("acme", "rocket", Head), Is.Null);
    }

    private WebhookIntake Intake(string[]? allowed = null, bool letThrough = false) => new(
        [Ours],
        allowed?.ToHashSet(),
        letThrough ? null : new DeliveryWindow(1000, TimeSpan.FromHours(1), _clock),
        _commits,
        _lookup,
        (happened, audience) =>
        {
            if (_isBroken)
                throw new InvalidOperationException("Broken for this test.");
            _relayed.Add((happened, audience));
        },
        _clock);

    private static Task<DeliveryOutcome> Take(WebhookIntake intake, string name, string id = "d1")
    {
        var body = Payload.Bytes(name);
        return intake.TakeAsync(Payload.TypeOf(name), id, WebhookSignature.Of(body, Ours), body, default).AsTask();
    }
}
