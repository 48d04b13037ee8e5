namespace StateRelay.Tests.Connections;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class CommitCacheTests
{
    private readonly ManualClock _clock = new();

    [Test]
    public void A_commit_that_an_event_told_of_is_found_whatever_the_case()
    {
        var cache = Cache();

        cache.Note("Acme", "Rocket", "abc1", 5, "https://github.com/Acme/Rocket/pull/5");

        Assert.That(cache.Find("acme", "rocket", "ABC1"), Is.EqualTo(new[]
        {
            new PRInfo(new PullRequestKey("Acme", "Rocket", 5)) { Url = "https://github.com/Acme/Rocket/pull/5", CachedAt = _clock.GetUtcNow() },
        }));
        Assert.That(cache.Find("acme", "rocket", "abc2"), Is.Null);
    }

    [Test]
    public void A_commit_answers_only_in_its_own_repository()
    {
        var cache = Cache();
        Note(cache, 5, owner: "acme");

        Assert.That(cache.Find("fork", "x", "c0"), Is.Null);

        Note(cache, 9, owner: "fork");
        Assert.That(Numbers(cache, "acme"), Is.EqualTo(new[] { 5 }));
        Assert.That(Numbers(cache, "fork"), Is.EqualTo(new[] { 9 }));
    }

    [Test]
    public void A_commit_may_be_the_head_of_several_pull_requests()
    {
        var cache = Cache();

        Note(cache, 5);
        Note(cache, 7);
        Note(cache, 5);

        Assert.That(Numbers(cache), Is.EqualTo(new[] { 5, 7 }));
    }

    [Test]
    public void An_address_told_later_replaces_the_earlier_one()
    {
        var cache = Cache();
        cache.Note("acme", "x", "c0", 5, "https://github.com/acme/old/pull/5");

        cache.Note("acme", "x", "c0", 5, "https://github.com/acme/x/pull/5");

        Assert.That(cache.Find("acme", "x", "c0")!.Single().Url, Is.EqualTo("https://github.com/acme/x/pull/5"));
    }

    [TestCase(null, "x", "c0", 5, "u")]
    [TestCase("acme", "", "c0", 5, "u")]
    [TestCase("acme", "x", "", 5, "u")]
    [TestCase("acme", "x", "c0", 0, "u")]
    [TestCase("acme", "x", "c0", -1, "u")]
    [TestCase("acme", "x", "c0", 5, "")]
    [TestCase("acme", "x", "c0", 5, null)]
    public void What_is_not_whole_is_not_kept(string? owner, string? repository, string? sha, long number, string? url)
    {
        var cache = Cache();

        cache.Note(owner, repository, sha, number, url);

        Assert.That(cache.Count, Is.Zero);
        Assert.That(cache.Find(owner, repository, sha), Is.Null);
    }

    [Test]
    public void A_commit_is_forgotten_a_day_after_the_last_event_about_it()
    {
        var cache = Cache();
        Note(cache, 5);

        _clock.Push(TimeSpan.FromHours(23));
        Note(cache, 5);
        _clock.Push(TimeSpan.FromHours(23));
        Assert.That(Numbers(cache), Is.EqualTo(new[] { 5 }));

        _clock.Push(TimeSpan.FromHours(1));
        Assert.That(cache.Find("acme", "x", "c0"), Is.Null);
        Assert.That(cache.Count, Is.Zero);
        Assert.That(cache.Bytes, Is.Zero);
    }

    [Test]
    public void Asking_does_not_keep_a_commit()
    {
        var cache = Cache();
        Note(cache, 5);

        _clock.Push(TimeSpan.FromHours(23));
        cache.Find("acme", "x", "c0");
        _clock.Push(TimeSpan.FromHours(1));

        Assert.That(cache.Find("acme", "x", "c0"), Is.Null);
    }

    [Test]
    public void A_closed_pull_request_leaves_after_a_short_grace_and_the_others_stay()
    {
        var cache = Cache();
        Note(cache, 5);
        Note(cache, 7);
        Note(cache, 5, isClosed: true);
        Assert.That(Numbers(cache), Is.EqualTo(new[] { 5, 7 }));

        // Told again while closed, for instance by a label: the grace is not renewed.
        _clock.Push(CommitCache.ClosedGrace / 2);
        Note(cache, 5, isClosed: true);
        _clock.Push(CommitCache.ClosedGrace / 2);

        Assert.That(Numbers(cache), Is.EqualTo(new[] { 7 }));
    }

    [Test]
    public void A_pull_request_that_is_opened_again_stays()
    {
        var cache = Cache();
        Note(cache, 5, isClosed: true);

        Note(cache, 5);
        _clock.Push(CommitCache.ClosedGrace);

        Assert.That(Numbers(cache), Is.EqualTo(new[] { 5 }));
    }

    [Test]
    public void A_commit_whose_last_pull_request_was_closed_is_unknown_again()
    {
        var cache = Cache();
        Note(cache, 5, isClosed: true);

        _clock.Push(CommitCache.ClosedGrace);

        Assert.That(cache.Find("acme", "x", "c0"), Is.Null);
        Assert.That(cache.Bytes, Is.Zero);
    }

    [Test]
    public void That_a_commit_has_none_is_remembered_for_half_a_minute()
    {
        var cache = Cache();
        cache.NoteNone("acme", "x", "c0");

        Assert.That(cache.Find("acme", "x", "c0"), Is.Empty);
        _clock.Push(CommitCache.NoneLifetime);

        Assert.That(cache.Find("acme", "x", "c0"), Is.Null);
    }

    [Test]
    public void An_event_outdoes_the_memory_that_there_is_none_and_not_the_other_way_round()
    {
        var cache = Cache();
        cache.NoteNone("acme", "x", "c0");

        Note(cache, 5);
        cache.NoteNone("acme", "x", "c0");

        Assert.That(Numbers(cache), Is.EqualTo(new[] { 5 }));
    }

    [Test]
    public void The_commit_that_was_told_of_longest_ago_makes_room()
    {
        var cache = new CommitCache(_clock, maxCommits: 2);
        Note(cache, 1, sha: "c1");
        Note(cache, 2, sha: "c2");
        Note(cache, 1, sha: "c1");

        Note(cache, 3, sha: "c3");

        Assert.That(cache.Find("acme", "x", "c2"), Is.Null);
        Assert.That(cache.Find("acme", "x", "c1"), Is.Not.Null);
        Assert.That(cache.Find("acme", "x", "c3"), Is.Not.Null);
    }

    [Test]
    public void A_million_events_leave_no_more_than_may_be()
    {
        var cache = new CommitCache(_clock, maxCommits: 1000, maxBytes: 100_000);

        for (var i = 0; i < 1_000_000; i++)
        {
            Note(cache, 1 + (i % 7), sha: $"{i / 3}");
            if (i % 5 == 0)
                cache.NoteNone("acme", "none", $"{i}");
        }

        Assert.That(cache.Count, Is.LessThanOrEqualTo(1000));
        Assert.That(cache.Bytes, Is.LessThanOrEqualTo(100_000));
    }

    [Test]
    public void One_commit_keeps_no_more_pull_requests_than_may_be_the_newest_ones()
    {
        var cache = Cache();

        for (var number = 1; number <= 2 * CommitCache.MaxPullRequestsOfCommit; number++)
            Note(cache, number);

        Assert.That(Numbers(cache), Is.EqualTo(Enumerable.Range(CommitCache.MaxPullRequestsOfCommit + 1, CommitCache.MaxPullRequestsOfCommit)));
    }

    private CommitCache Cache() => new(_clock);

    private static void Note(CommitCache cache, long number, string owner = "acme", string sha = "c0", bool isClosed = false) =>
        cache.Note(owner, "x", sha, number, $"https://github.com/{owner}/x/pull/{number}", isClosed);

    private static IEnumerable<long> Numbers(CommitCache cache, string owner = "acme") => cache.Find(owner, "x", "c0")!.Select(found => found.Number);
}
