using StateRelay.GitHub;

namespace StateRelay.Tests.GitHub;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TierCacheTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly TierCache _tiers;
    private int _asked;

    public TierCacheTests() => _tiers = new TierCache(_clock, maxAccounts: 3);

    public void Dispose() => _tiers.Dispose();

    [TestCase("pro", ClientTier.Pro)]
    [TestCase("PRO", ClientTier.Pro)]
    [TestCase("flock", ClientTier.Flock)]
    [TestCase("Team", ClientTier.Flock)]
    [TestCase("enterprise", ClientTier.Flock)]
    [TestCase("free", ClientTier.Free)]
    [TestCase("professional", ClientTier.Free)]
    [TestCase("", ClientTier.Free)]
    public void A_plan_is_known_by_its_name(string plan, object tier)
    {
        Assert.That(TierCache.TierOf([plan]), Is.EqualTo(tier));
    }

    [Test]
    public void Of_several_plans_the_best_counts()
    {
        Assert.That(TierCache.TierOf(["free", "flock", "pro"]), Is.EqualTo(ClientTier.Flock));
        Assert.That(TierCache.TierOf([]), Is.EqualTo(ClientTier.Free));
    }

    [Test]
    public async Task An_account_is_asked_about_once_an_hour_whatever_the_case()
    {
        Assert.That(await Get("amy", ClientTier.Pro), Is.EqualTo(ClientTier.Pro));
        Assert.That(await Get("AMY", ClientTier.Free), Is.EqualTo(ClientTier.Pro));
        _clock.Push(TierCache.Lifetime);
        Assert.That(await Get("amy", ClientTier.Flock), Is.EqualTo(ClientTier.Flock));

        Assert.That(_asked, Is.EqualTo(2));
    }

    [Test]
    public async Task A_failure_counts_as_free_and_is_forgotten_after_a_minute()
    {
        Assert.That(await Get("amy", null), Is.EqualTo(ClientTier.Free));
        Assert.That(await Get("amy", ClientTier.Pro), Is.EqualTo(ClientTier.Free));
        _clock.Push(TierCache.FailureLifetime);

        Assert.That(await Get("amy", ClientTier.Pro), Is.EqualTo(ClientTier.Pro));
    }

    [Test]
    public async Task The_account_that_was_asked_about_longest_ago_makes_room()
    {
        for (var i = 0; i < 100; i++)
            await Get($"user-{i}", ClientTier.Pro);

        Assert.That(_tiers.Count, Is.EqualTo(3));
    }

    [Test]
    public void A_question_that_throws_is_not_remembered()
    {
        Assert.That(
            async () => await _tiers.GetAsync("amy", _ => throw new InvalidOperationException("made for this test"), default),
            Throws.InvalidOperationException);
        Assert.That(async () => await Get("amy", ClientTier.Pro), Is.EqualTo(ClientTier.Pro));
    }

    private Task<ClientTier> Get(string account, ClientTier? answer) =>
        _tiers.GetAsync(
            account,
            _ =>
            {
                _asked++;
                return Task.FromResult(answer);
            },
            default);
}
