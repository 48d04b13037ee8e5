using Microsoft.Extensions.Logging;

using StateRelay.GitHub;

namespace StateRelay.Tests.GitHub;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class GitHubAuthenticatorTests : IDisposable
{
    private const string User = "/user";
    private const string Orgs = "/user/orgs?per_page=100";
    private const string Installation = "/installation/repositories?per_page=100";
    private const string Plans = "/user/marketplace_purchases?per_page=100";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly ManualClock _clock = new();
    private readonly CannedHttpHandler _gitHub = new();
    private readonly CollectingLogger _logger = new();
    private readonly GitHubAuthenticatorOptions _options = new() { AsksForPlan = true };
    private readonly Lazy<GitHubAuthenticator> _authenticator;

    public GitHubAuthenticatorTests()
    {
        // One attempt a question: what is asked again, and when, is the API client's affair.
        _options.Handler = _gitHub;
        _authenticator = new(() => new GitHubAuthenticator(_options, new() { MaxAttempts = 1, FailuresToRest = 1000 }, _logger, _clock));
    }

    public void Dispose()
    {
        _authenticator.Value.Dispose();
        _gitHub.Dispose();
        _logger.Dispose();
    }

    [Test]
    public async Task A_person_is_known_with_their_organizations_and_their_plan()
    {
        AmyIsKnown();
        _gitHub.On(Plans, 200, """[{"plan":{"name":"Pro"}}]""");

        var result = await Authenticate(Some("ghp_"));

        Assert.That(result.Identity!.UserName, Is.EqualTo("amy"));
        Assert.That(result.Identity.Organizations, Is.EquivalentTo(new[] { "acme", "Globex" }));
        Assert.That(result.Identity.BelongsTo("globex"), Is.True);
        Assert.That(result.Identity.Tier, Is.EqualTo(ClientTier.Pro));
        Assert.That(_gitHub.CountOf(Installation), Is.Zero);
    }

    [Test]
    public async Task An_installation_belongs_to_the_owner_of_its_repositories()
    {
        _gitHub.On(Installation, 200, """{"repositories":[{"owner":{"login":"acme"}},{"owner":{"login":"acme"}}]}""");

        var result = await Authenticate(Some("ghs_"));

        Assert.That(result.Identity!.UserName, Is.EqualTo("app[installation]"));
        Assert.That(result.Identity.Organizations, Is.EquivalentTo(new[] { "acme" }));
        Assert.That(result.Identity.HomeOrganization, Is.EqualTo("acme"));
        Assert.That(result.Identity.Tier, Is.EqualTo(ClientTier.Free));
        Assert.That(_gitHub.CountOf(User), Is.Zero);
    }

    [Test]
    public async Task An_installation_of_several_owners_has_no_home()
    {
        _gitHub.On(Installation, 200, """{"repositories":[{"owner":{"login":"acme"}},{"owner":{"login":"globex"}}]}""");

        Assert.That((await Authenticate(Some("ghs_"))).Identity!.HomeOrganization, Is.Null);
    }

    [Test]
    public async Task An_installation_without_repositories_is_refused()
    {
        _gitHub.On(Installation, 200, """{"repositories":[]}""");

        Assert.That((await Authenticate(Some("ghs_"))).Failure, Is.EqualTo(AuthenticationFailure.AccessDenied));
    }

    [TestCase(401, AuthenticationFailure.AuthenticationFailed)]
    [TestCase(403, AuthenticationFailure.AccessDenied)]
    [TestCase(404, AuthenticationFailure.AccessDenied)]
    [TestCase(429, AuthenticationFailure.RateLimitExceeded)]
    [TestCase(500, AuthenticationFailure.TemporarilyUnavailable)]
    [TestCase(503, AuthenticationFailure.TemporarilyUnavailable)]
    [TestCase(418, AuthenticationFailure.TemporarilyUnavailable)]
    public async Task What_GitHub_refuses_and_what_GitHub_cannot_do_are_told_apart(int status, object failure)
    {
        _gitHub.On(User, status).On(Orgs, status).On(Installation, status);

        Assert.That((await Authenticate(Some("ghp_"))).Failure, Is.EqualTo(failure));
        Assert.That((await Authenticate(Some("ghs_"))).Failure, Is.EqualTo(failure));
    }

    [Test]
    public async Task An_outage_in_the_middle_admits_nobody()
    {
        _gitHub.On(User, 200, """{"login":"amy"}""").On(Orgs, new HttpRequestException("No route."));

        var result = await Authenticate(Some("ghp_"));

        Assert.That(result.Failure, Is.EqualTo(AuthenticationFailure.TemporarilyUnavailable));
        Assert.That(result.Identity, Is.Null);
    }

    [Test]
    public async Task A_limit_says_when_to_come_back()
    {
        _gitHub.On(User, 429, "", ("Retry-After", "90"));

        Assert.That((await Authenticate(Some("ghp_"))).RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(90)));
    }

    [Test]
    public async Task What_is_no_token_is_not_asked_about()
    {
        Assert.That(_authenticator.Value.IsWellFormed("nonsense"), Is.False);
        Assert.That(_authenticator.Value.IsWellFormed(Some("gho_")), Is.True);

        Assert.That((await Authenticate("nonsense")).Failure, Is.EqualTo(AuthenticationFailure.AuthenticationFailed));
        Assert.That(_gitHub.Requests, Is.Empty);
    }

    [Test]
    public async Task A_token_is_asked_about_once_in_a_while()
    {
        AmyIsKnown();
        await Authenticate(Some("ghp_"));
        await Authenticate(Some("ghp_"));
        Assert.That(_gitHub.CountOf(User), Is.EqualTo(1));

        _clock.Push(Lifetime);
        await Authenticate(Some("ghp_"));
        Assert.That(_gitHub.CountOf(User), Is.EqualTo(2));
    }

    [Test]
    public async Task Another_token_of_the_same_person_is_asked_about_and_the_plan_is_not()
    {
        AmyIsKnown();
        _gitHub.On(Plans, 200, """[{"plan":{"name":"flock"}}]""");
        await Authenticate(Some("ghp_"));

        var result = await Authenticate(Some("gho_"));

        Assert.That(result.Identity!.Tier, Is.EqualTo(ClientTier.Flock));
        Assert.That(_gitHub.CountOf(User), Is.EqualTo(2));
        Assert.That(_gitHub.CountOf(Plans), Is.EqualTo(1));
    }

    [Test]
    public async Task A_wrong_token_is_remembered_shortly_and_an_outage_not_at_all()
    {
        _gitHub.On(User, 503).On(User, 401).On(User, 200, """{"login":"amy"}""").On(Orgs, 200, "[]");

        Assert.That((await Authenticate(Some("ghp_"))).Failure, Is.EqualTo(AuthenticationFailure.TemporarilyUnavailable));
        Assert.That((await Authenticate(Some("ghp_"))).Failure, Is.EqualTo(AuthenticationFailure.AuthenticationFailed));
        Assert.That((await Authenticate(Some("ghp_"))).Failure, Is.EqualTo(AuthenticationFailure.AuthenticationFailed));
        Assert.That(_gitHub.CountOf(User), Is.EqualTo(2));

        _clock.Push(IdentityCache.WrongLifetime);
        Assert.That((await Authenticate(Some("ghp_"))).Identity, Is.Not.Null);
    }

    [Test]
    public async Task Many_that_come_with_one_token_at_once_share_one_question()
    {
        var release = new TaskCompletionSource();
        _gitHub.OnceReleased(User, release.Task, 200, """{"login":"amy"}""").On(Orgs, 200, "[]");

        var asking = Enumerable.Range(0, 50).Select(_ => Authenticate(Some("ghp_"))).ToArray();
        release.SetResult();
        var results = await Task.WhenAll(asking);

        Assert.That(results.Select(result => result.Identity!.UserName), Is.All.EqualTo("amy"));
        Assert.That(_gitHub.CountOf(User), Is.EqualTo(1));
    }

    [Test]
    public async Task Who_stops_waiting_does_not_take_the_answer_from_the_others()
    {
        var release = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        _gitHub.OnceReleased(User, release.Task, 200, """{"login":"amy"}""").On(Orgs, 200, "[]");
        var first = _authenticator.Value.AuthenticateAsync(Some("ghp_"), stop.Token).AsTask();
        var second = Authenticate(Some("ghp_"));

        await stop.CancelAsync();
        release.SetResult();

        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await second).Identity!.UserName, Is.EqualTo("amy"));
    }

    [TestCase(404, "")]
    [TestCase(403, "")]
    [TestCase(500, "")]
    [TestCase(200, "[]")]
    [TestCase(200, """[{"plan":{"name":"starter"}}]""")]
    public async Task Whose_plan_is_unknown_or_small_counts_as_free(int status, string body)
    {
        AmyIsKnown();
        _gitHub.On(Plans, status, body);

        Assert.That((await Authenticate(Some("ghp_"))).Identity!.Tier, Is.EqualTo(ClientTier.Free));
    }

    [Test]
    public async Task Where_nobody_is_to_tell_the_tier_nobody_is_asked()
    {
        _options.AsksForPlan = false;
        AmyIsKnown();

        Assert.That((await Authenticate(Some("ghp_"))).Identity!.Tier, Is.EqualTo(ClientTier.Free));
        Assert.That(_gitHub.CountOf(Plans), Is.Zero);
    }

    [Test]
    public async Task The_host_tells_the_tier_of_people_and_of_those_an_app_is_installed_for_once_an_hour()
    {
        var asked = new List<string>();
        _options.AsksForPlan = false;
        _options.TierOf = (account, _) =>
        {
            asked.Add(account);
            return ValueTask.FromResult(account == "acme" ? ClientTier.Flock : ClientTier.Pro);
        };
        AmyIsKnown();
        _gitHub.On(Installation, 200, """{"repositories":[{"owner":{"login":"acme"}}]}""");

        Assert.That((await Authenticate(Some("ghp_"))).Identity!.Tier, Is.EqualTo(ClientTier.Pro));
        Assert.That((await Authenticate(Some("ghs_"))).Identity!.Tier, Is.EqualTo(ClientTier.Flock));
        Assert.That((await Authenticate(Some("gho_"))).Identity!.Tier, Is.EqualTo(ClientTier.Pro));

        Assert.That(asked, Is.EqualTo(new[] { "amy", "acme" }));
        Assert.That(_gitHub.CountOf(Plans), Is.Zero);
    }

    [Test]
    public async Task Where_the_host_fails_to_tell_the_tier_the_account_counts_as_free_and_the_log_has_why()
    {
        _options.AsksForPlan = false;
        _options.TierOf = (_, _) => throw new FormatException("Broken for this test.");
        AmyIsKnown();

        Assert.That((await Authenticate(Some("ghp_"))).Identity!.Tier, Is.EqualTo(ClientTier.Free));

        Assert.That(_logger.Lines.Single().Level, Is.EqualTo(LogLevel.Error));
        Assert.That(_logger.Lines.Single().Error, Is.InstanceOf<FormatException>());
    }

    [Test]
    public void Options_out_of_range_are_refused_all_at_once()
    {
        var options = new GitHubAuthenticatorOptions
        {
            ApiBase = new Uri("http://github.acme.example/"),
            IdentityLifetime = TimeSpan.FromMilliseconds(999),
            RememberedTokens = 0,
            AsksForPlan = true,
            TierOf = (_, _) => ValueTask.FromResult(ClientTier.Free),
        };

        Assert.That(options.Problems(), Has.Exactly(4).Items);
        Assert.That(() => new GitHubAuthenticator(options), Throws.ArgumentException.With.Message.Contains("ApiBase").And.Message.Contains("RememberedTokens"));
        Assert.That(new GitHubAuthenticatorOptions().Problems(), Is.Empty);
        Assert.That(new GitHubAuthenticatorOptions { IdentityLifetime = TimeSpan.FromDays(1), RememberedTokens = 1_000_000 }.Problems(), Is.Empty);
        Assert.That(new GitHubAuthenticatorOptions { IdentityLifetime = TimeSpan.FromSeconds(86_401), RememberedTokens = 1_000_001 }.Problems(), Has.Exactly(2).Items);
    }

    [Test]
    public async Task An_Enterprise_server_is_asked_where_it_is()
    {
        _options.ApiBase = new Uri("https://github.acme.example/api/v3/");

        await Authenticate(Some("ghp_"));

        Assert.That(_gitHub.Requests.Single().Address, Is.EqualTo("https://github.acme.example/api/v3/user"));
    }

    [Test]
    public async Task No_refusal_has_a_token_or_an_answer_in_it()
    {
        _gitHub.On(User, 403, """{"message":"private words"}""");

        var result = await Authenticate(Some("ghp_"));

        Assert.That(result.ToString(), Does.Not.Contain(Some("ghp_")).And.Not.Contain("private words"));
        Assert.That(result.Message, Does.Not.Contain(Some("ghp_")).And.Not.Contain("private words"));
    }

    private static string Some(string beginning) => beginning + new string('a', 36);

    private void AmyIsKnown() => _gitHub.On(User, 200, """{"login":"amy"}""").On(Orgs, 200, """[{"login":"acme"},{"login":"Globex"}]""");

    private Task<AuthenticationResult> Authenticate(string token) => _authenticator.Value.AuthenticateAsync(token, default).AsTask();
}
