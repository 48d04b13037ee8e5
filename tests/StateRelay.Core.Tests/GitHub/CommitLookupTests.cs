using StateRelay.GitHub;

namespace StateRelay.Tests.GitHub;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class CommitLookupTests : IDisposable
{
    private const string Sha = "0123456789abcdef0123456789abcdef01234567";
    private const string Pulls = $"/repos/acme/rocket/commits/{Sha}/pulls?per_page=100";
    private const string Page = "https://github.com/acme/rocket/pull/";

    private readonly ManualClock _clock = new();
    private readonly CannedHttpHandler _gitHub = new();
    private readonly GitHubApi _api;
    private readonly CommitCache _cache;
    private readonly CommitLookup _lookup;

    public CommitLookupTests()
    {
        _api = new GitHubApi(_gitHub, new() { MaxAttempts = 1, EmptyAnswerPause = TimeSpan.Zero }, _clock);
        _cache = new CommitCache(_clock);
        _lookup = new CommitLookup(_cache, _api, () => new Secret("ghp_" + new string('a', 36)));
    }

    public void Dispose()
    {
        _lookup.Dispose();
        _api.Dispose();
        _gitHub.Dispose();
    }

    [Test]
    public async Task What_events_told_is_not_asked_for()
    {
        _cache.Note("acme", "rocket", Sha, 5, Page + 5);

        Assert.That(await Numbers(), Is.EqualTo(new[] { 5 }));
        Assert.That(_gitHub.Requests, Is.Empty);
    }

    [Test]
    public async Task The_open_pull_requests_of_the_repository_are_found_and_remembered()
    {
        _gitHub.On(Pulls, 200, $$"""
            [{"number":5,"html_url":"{{Page}}5","state":"open"},{"number":6,"html_url":"{{Page}}6","state":"open"},
             {"number":3,"html_url":"{{Page}}3","state":"closed"},{"number":9,"html_url":"https://github.com/fork/rocket/pull/9","state":"open"}]
            """);

        Assert.That(await Numbers(), Is.EqualTo(new[] { 5, 6 }));
        Assert.That(await Numbers(), Is.EqualTo(new[] { 5, 6 }));
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task That_there_is_none_is_remembered_for_half_a_minute()
    {
        _gitHub.On(Pulls, 200, "[]");

        Assert.That(await Numbers(), Is.Empty);
        Assert.That(await Numbers(), Is.Empty);
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(2));

        _clock.Push(CommitCache.NoneLifetime);
        await Numbers();
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(4));
    }

    [Test]
    public async Task A_failure_is_not_remembered()
    {
        _gitHub.On(Pulls, 500).On(Pulls, 200, $$"""[{"number":5,"html_url":"{{Page}}5","state":"open"}]""");

        Assert.That(await Numbers(), Is.Empty);
        Assert.That(await Numbers(), Is.EqualTo(new[] { 5 }));
    }

    [Test]
    public async Task Many_checks_of_one_commit_at_once_ask_once()
    {
        var release = new TaskCompletionSource();
        _gitHub.OnceReleased(Pulls, release.Task, 200, $$"""[{"number":5,"html_url":"{{Page}}5","state":"open"}]""");

        var asking = Enumerable.Range(0, 20).Select(_ => Numbers()).ToArray();
        release.SetResult();

        Assert.That(await Task.WhenAll(asking), Is.All.EqualTo(new[] { 5 }));
        Assert.That(_gitHub.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Without_a_token_nobody_is_asked()
    {
        using var lookup = new CommitLookup(_cache, _api, () => null);

        Assert.That(await lookup.FindAsync("acme", "rocket", Sha, default), Is.Empty);
        Assert.That(_gitHub.Requests, Is.Empty);
    }

    private async Task<IEnumerable<long>> Numbers()
    {
        var finding = _lookup.FindAsync("acme", "rocket", Sha, default);
        _clock.RunDue();
        return (await finding).Select(found => found.Number);
    }
}
