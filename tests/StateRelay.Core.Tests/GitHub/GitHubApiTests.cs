using System.Globalization;
using System.Text;

using StateRelay.GitHub;

namespace StateRelay.Tests.GitHub;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class GitHubApiTests : IDisposable
{
    private const string User = "/user";
    private const string Orgs = "/user/orgs?per_page=100";
    private const string Installation = "/installation/repositories?per_page=100";
    private const string Sha = "0123456789abcdef0123456789abcdef01234567";
    private const string Pulls = $"/repos/acme/rocket/commits/{Sha}/pulls?per_page=100";

    private static readonly Secret Token = new("ghp_" + new string('a', 36));

    private readonly ManualClock _clock = new();
    private readonly CannedHttpHandler _gitHub = new();

    public void Dispose() => _gitHub.Dispose();

    public static IEnumerable<int> StatusesThatMayPass => [408, 500, 502, 503, 504];

    [Test]
    public async Task The_user_is_asked_for_with_the_token_and_in_our_name()
    {
        _gitHub.On(User, 200, """{"login":"amy","id":7}""");

        var answer = await AnswerOf(Api().GetUserAsync(Token, default));

        Assert.That(answer.Value, Is.EqualTo("amy"));
        var (address, headers) = _gitHub.Requests.Single();
        Assert.That(address, Is.EqualTo("https://api.github.com/user"));
        Assert.That(headers["Authorization"], Is.EqualTo("Bearer " + Token.Reveal()));
        Assert.That(headers["Accept"], Is.EqualTo("application/vnd.github+json"));
        Assert.That(headers["User-Agent"], Is.EqualTo("StateRelay"));
    }

    [Test]
    public async Task An_Enterprise_server_is_asked_at_its_own_address()
    {
        _gitHub.On("/api/v3/user", 200, """{"login":"amy"}""");

        var answer = await AnswerOf(Api(new() { Base = new Uri("https://git.example.com/api/v3/") }).GetUserAsync(Token, default));

        Assert.That(answer.Value, Is.EqualTo("amy"));
        Assert.That(_gitHub.Requests.Single().Address, Is.EqualTo("https://git.example.com/api/v3/user"));
    }

    [TestCase(401, GitHubFailure.InvalidToken)]
    [TestCase(403, GitHubFailure.Forbidden)]
    [TestCase(404, GitHubFailure.NotFound)]
    [TestCase(418, GitHubFailure.Unreadable)]
    [TestCase(422, GitHubFailure.Unreadable)]
    [TestCase(501, GitHubFailure.Unreadable)]
    public async Task A_clear_refusal_has_its_name_and_is_not_asked_again(int status, object failure)
    {
        _gitHub.On(User, status, """{"message":"No."}""");

        var answer = await AnswerOf(Api().GetUserAsync(Token, default));

        Assert.That(answer.Failure, Is.EqualTo(failure));
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(1));
    }

    [TestCaseSource(nameof(StatusesThatMayPass))]
    public async Task What_may_pass_is_asked_again(int status)
    {
        _gitHub.On(User, status).On(User, status).On(User, 200, """{"login":"amy"}""");

        var answer = await AnswerOf(Api().GetUserAsync(Token, default));

        Assert.That(answer.Value, Is.EqualTo("amy"));
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(3));
    }

    [TestCaseSource(nameof(StatusesThatMayPass))]
    public async Task What_does_not_pass_is_given_up_after_the_third_time(int status)
    {
        _gitHub.On(User, status);

        var answer = await AnswerOf(Api().GetUserAsync(Token, default));

        Assert.That(answer.Failure, Is.EqualTo(GitHubFailure.Unavailable));
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task A_connection_that_fails_is_tried_again()
    {
        _gitHub.On(User, new HttpRequestException("No route.")).On(User, CannedHttpHandler.BrokenBody()).On(User, 200, """{"login":"amy"}""");

        var answer = await AnswerOf(Api().GetUserAsync(Token, default));

        Assert.That(answer.Value, Is.EqualTo("amy"));
    }

    [Test]
    public async Task The_last_outcome_counts_not_an_earlier_one()
    {
        _gitHub.On(User, 500).On(User, 401);

        var answer = await AnswerOf(Api().GetUserAsync(Token, default));

        Assert.That(answer.Failure, Is.EqualTo(GitHubFailure.InvalidToken));
    }

    [Test]
    public async Task A_request_that_is_not_answered_is_given_up_and_tried_again()
    {
        var never = new TaskCompletionSource();
        _gitHub.OnceReleased(User, never.Task, 200, "{}").On(User, 200, """{"login":"amy"}""");
        var asking = Api().GetUserAsync(Token, default);

        _clock.Push(TimeSpan.FromSeconds(10));

        Assert.That((await AnswerOf(asking)).Value, Is.EqualTo("amy"));
    }

    [TestCase(403)]
    [TestCase(429)]
    public async Task A_limit_that_lifts_soon_is_waited_for(int status)
    {
        var reset = _clock.GetUtcNow().AddSeconds(4).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        _gitHub.On(User, status, "", ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", reset)).On(User, 200, """{"login":"amy"}""");
        var started = _clock.GetTimestamp();

        var answer = await AnswerOf(Api().GetUserAsync(Token, default));

        Assert.That(answer.Value, Is.EqualTo("amy"));
        Assert.That(_clock.GetElapsedTime(started), Is.InRange(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(4.5)));
    }

    [TestCase(403)]
    [TestCase(429)]
    public async Task GitHubs_wish_to_be_left_alone_is_honoured(int status)
    {
        _gitHub.On(User, status, "", ("Retry-After", "2")).On(User, 200, """{"login":"amy"}""");
        var started = _clock.GetTimestamp();

        var answer = await AnswerOf(Api().GetUserAsync(Token, default));

        Assert.That(answer.Value, Is.EqualTo("amy"));
        Assert.That(_clock.GetElapsedTime(started), Is.InRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.5)));
    }

    [Test]
    public async Task A_limit_that_lifts_late_is_reported_at_once_with_the_time()
    {
        var reset = _clock.GetUtcNow().AddMinutes(30).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        _gitHub.On(User, 403, "", ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", reset));

        var answer = await AnswerOf(Api().GetUserAsync(Token, default));

        Assert.That(answer.Failure, Is.EqualTo(GitHubFailure.RateLimited));
        Assert.That(answer.RetryAfter, Is.EqualTo(TimeSpan.FromMinutes(30)));
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_limit_without_a_time_is_tried_three_times_and_then_reported_with_a_minute()
    {
        _gitHub.On(User, 403, "", ("X-RateLimit-Remaining", "0"));

        var answer = await AnswerOf(Api().GetUserAsync(Token, default));

        Assert.That(answer.Failure, Is.EqualTo(GitHubFailure.RateLimited));
        Assert.That(answer.RetryAfter, Is.EqualTo(TimeSpan.FromMinutes(1)));
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task A_token_whose_limit_is_used_up_asks_no_more_until_it_lifts_and_others_still_do()
    {
        _gitHub.On(User, 429, "", ("Retry-After", "60")).On(User, 200, """{"login":"amy"}""");
        var api = Api();
        await AnswerOf(api.GetUserAsync(Token, default));

        var refused = await AnswerOf(api.GetUserAsync(Token, default));
        Assert.That(refused.Failure, Is.EqualTo(GitHubFailure.RateLimited));
        Assert.That(refused.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(60)));
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(1));

        Assert.That((await AnswerOf(api.GetUserAsync(new("ghp_" + new string('b', 36)), default))).Value, Is.EqualTo("amy"));
        _clock.Push(TimeSpan.FromSeconds(60));
        Assert.That((await AnswerOf(api.GetUserAsync(Token, default))).Value, Is.EqualTo("amy"));
    }

    [Test]
    public async Task When_GitHub_is_down_it_is_left_alone_for_a_while()
    {
        _gitHub.On(User, 503);
        var api = Api();
        for (var i = 0; i < 5; i++)
            await AnswerOf(api.GetUserAsync(Token, default));
        var asked = _gitHub.Requests.Count;

        var refused = await AnswerOf(api.GetUserAsync(Token, default));
        Assert.That(refused.Failure, Is.EqualTo(GitHubFailure.Unavailable));
        Assert.That(refused.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(10)));
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(asked));

        _clock.Push(TimeSpan.FromSeconds(10));
        await AnswerOf(api.GetUserAsync(Token, default));
        Assert.That(_gitHub.Requests, Has.Count.GreaterThan(asked));
    }

    [TestCase("{}")]
    [TestCase("""{"login":""}""")]
    [TestCase("""{"login":7}""")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("not JSON")]
    [TestCase("")]
    [TestCase("{\"login\":\"amy")]
    public async Task An_answer_that_is_not_what_is_documented_is_a_named_failure(string body)
    {
        _gitHub.On(User, 200, body);

        var answer = await AnswerOf(Api().GetUserAsync(Token, default));

        Assert.That(answer.Failure, Is.EqualTo(GitHubFailure.Unreadable));
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_answer_larger_than_may_be_is_not_read()
    {
        using var large = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"login":"amy","more":"{{new string('x', 2000)}}"}"""));
        _gitHub.On(User, large);

        var answer = await AnswerOf(Api(new() { MaxPageBytes = 1000 }).GetUserAsync(Token, default));

        Assert.That(answer.Failure, Is.EqualTo(GitHubFailure.Unreadable));
    }

    [Test]
    public async Task Organizations_are_read_to_the_last_page()
    {
        _gitHub.On(Orgs, 200, """[{"login":"acme"},{"login":"globex"}]""", Link("https://api.github.com/user/orgs?per_page=100&page=2"));
        _gitHub.On("/user/orgs?per_page=100&page=2", 200, """[{"login":"initech"}]""", Link("https://api.github.com/user/orgs?per_page=100&page=3"));
        _gitHub.On("/user/orgs?per_page=100&page=3", 200, """[{"login":"umbrella"},{"id":1},7,{"login":null}]""");

        var answer = await AnswerOf(Api().GetOrganizationsAsync(Token, default));

        Assert.That(answer.Value, Is.EqualTo(new[] { "acme", "globex", "initech", "umbrella" }));
    }

    [Test]
    public async Task The_token_is_not_taken_to_another_server_by_a_link()
    {
        _gitHub.On(Orgs, 200, """[{"login":"acme"}]""", Link("https://elsewhere.example/user/orgs?page=2"));

        var answer = await AnswerOf(Api().GetOrganizationsAsync(Token, default));

        Assert.That(answer.Value, Is.EqualTo(new[] { "acme" }));
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_list_that_never_ends_is_left()
    {
        _gitHub.On(Orgs, 200, """[{"login":"acme"}]""", Link("https://api.github.com/user/orgs?per_page=100"));

        var answer = await AnswerOf(Api(new() { MaxPages = 4 }).GetOrganizationsAsync(Token, default));

        Assert.That(answer.IsOk, Is.True);
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(4));
    }

    [Test]
    public async Task A_later_page_that_fails_fails_the_list()
    {
        _gitHub.On(Orgs, 200, """[{"login":"acme"}]""", Link("https://api.github.com/user/orgs?per_page=100&page=2"));
        _gitHub.On("/user/orgs?per_page=100&page=2", 403);

        var answer = await AnswerOf(Api().GetOrganizationsAsync(Token, default));

        Assert.That(answer.Failure, Is.EqualTo(GitHubFailure.Forbidden));
        Assert.That(answer.Value, Is.Null);
    }

    [Test]
    public async Task The_owners_an_installation_sees_come_from_all_its_repositories_each_once()
    {
        _gitHub.On(Installation, 200, """{"repositories":[{"owner":{"login":"acme"}},{"owner":{"login":"ACME"}}]}""", Link("https://api.github.com/installation/repositories?page=2"));
        _gitHub.On("/installation/repositories?page=2", 200, """{"repositories":[{"owner":{"login":"globex"}},{"owner":null},{}]}""");

        var answer = await AnswerOf(Api().GetInstallationOwnersAsync(Token, default));

        Assert.That(answer.Value, Is.EqualTo(new[] { "acme", "globex" }));
    }

    [Test]
    public async Task An_installation_without_repositories_has_no_owners()
    {
        _gitHub.On(Installation, 200, """{"total_count":0,"repositories":[]}""");

        Assert.That((await AnswerOf(Api().GetInstallationOwnersAsync(Token, default))).Value, Is.Empty);
    }

    [Test]
    public async Task The_pull_requests_of_a_commit_come_with_their_state()
    {
        _gitHub.On(Pulls, 200, """
            [{"number":5,"html_url":"https://github.com/acme/rocket/pull/5","state":"open"},
             {"number":3,"html_url":"https://github.com/acme/rocket/pull/3","state":"closed"},
             {"number":1.5,"html_url":"u"},{"number":"7","html_url":"u"},{"number":0,"html_url":"u"},{"number":9}]
            """);

        var answer = await AnswerOf(Api().GetPullRequestsAsync("acme", "rocket", Sha, Token, default));

        Assert.That(answer.Value, Is.EqualTo(new[]
        {
            new ApiPullRequest(5, "https://github.com/acme/rocket/pull/5", IsOpen: true),
            new ApiPullRequest(3, "https://github.com/acme/rocket/pull/3", IsOpen: false),
        }));
    }

    [Test]
    public async Task A_commit_without_pull_requests_is_asked_for_once_more_after_a_pause()
    {
        _gitHub.On(Pulls, 200, "[]").On(Pulls, 200, """[{"number":5,"html_url":"u","state":"open"}]""");
        var started = _clock.GetTimestamp();

        var answer = await AnswerOf(Api().GetPullRequestsAsync("acme", "rocket", Sha, Token, default));

        Assert.That(answer.Value, Has.Count.EqualTo(1));
        Assert.That(_clock.GetElapsedTime(started), Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(500)));
    }

    [Test]
    public async Task A_commit_that_still_has_no_pull_requests_has_none()
    {
        _gitHub.On(Pulls, 200, "[]");

        var answer = await AnswerOf(Api().GetPullRequestsAsync("acme", "rocket", Sha, Token, default));

        Assert.That(answer.IsOk, Is.True);
        Assert.That(answer.Value, Is.Empty);
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(2));
    }

    [TestCase("../acme", "rocket", Sha)]
    [TestCase("", "rocket", Sha)]
    [TestCase("acme/x", "rocket", Sha)]
    [TestCase("acme", "..", Sha)]
    [TestCase("acme", ".", Sha)]
    [TestCase("acme", "rocket?x=1", Sha)]
    [TestCase("acme", "rocket%2f", Sha)]
    [TestCase("acme", "rocket", "main")]
    [TestCase("acme", "rocket", "0123456789abcdef0123456789abcdef0123456/")]
    [TestCase("acme", "rocket", "")]
    public async Task Names_that_cannot_be_are_not_asked_for(string owner, string repository, string sha)
    {
        var answer = await AnswerOf(Api().GetPullRequestsAsync(owner, repository, sha, Token, default));

        Assert.That(answer.Failure, Is.EqualTo(GitHubFailure.BadName));
        Assert.That(_gitHub.Requests, Is.Empty);
    }

    [Test]
    public async Task A_repository_that_was_renamed_is_followed_on_the_same_server_only()
    {
        _gitHub.On(Pulls, 301, "", ("Location", "https://api.github.com/repositories/7/pulls"));
        _gitHub.On("/repositories/7/pulls", 200, """[{"number":5,"html_url":"u","state":"open"}]""");
        Assert.That((await AnswerOf(Api().GetPullRequestsAsync("acme", "rocket", Sha, Token, default))).Value, Has.Count.EqualTo(1));

        _gitHub.On(User, 302, "", ("Location", "https://elsewhere.example/user"));
        Assert.That((await AnswerOf(Api().GetUserAsync(Token, default))).Failure, Is.EqualTo(GitHubFailure.Unreadable));
        Assert.That(_gitHub.Requests.Select(request => new Uri(request.Address).Host), Is.All.EqualTo("api.github.com"));
    }

    [Test]
    public async Task The_plans_of_a_person_are_told_by_name()
    {
        _gitHub.On("/user/marketplace_purchases?per_page=100", 200, """[{"plan":{"name":"Pro"},"account":{"login":"amy"}},{"plan":null},{}]""");

        Assert.That((await AnswerOf(Api().GetPlansAsync(Token, default))).Value, Is.EqualTo(new[] { "Pro" }));
    }

    [Test]
    public void Who_asked_may_stop_asking()
    {
        using var stop = new CancellationTokenSource();
        _gitHub.On(User, 503);
        var asking = Api().GetUserAsync(Token, stop.Token);

        stop.Cancel();

        Assert.That(async () => await asking, Throws.InstanceOf<OperationCanceledException>());
    }

    private static (string Name, string Value) Link(string next) => ("Link", $"<https://api.github.com/first>; rel=\"first\", <{next}>; rel=\"next\"");

    private GitHubApi Api(GitHubApiOptions? options = null) => new(_gitHub, options ?? new(), _clock);

    /// <summary>
    /// Canned answers come at once, so what is not finished waits for the clock, which is pushed to where the wait ends. What is due later
    /// than any wait is the end of a request's time: that one is on its way on another thread.
    /// </summary>
    private async Task<T> AnswerOf<T>(Task<T> asking)
    {
        while (!asking.IsCompleted)
        {
            if (_clock.NextDueIn is { } wait && wait < TimeSpan.FromSeconds(5))
                _clock.Push(wait);
            await Task.Yield();
        }

        return await asking;
    }
}
