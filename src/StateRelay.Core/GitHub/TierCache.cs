namespace StateRelay.GitHub;

/// <summary>
/// Remembers the tier of an account for an hour, and that it could not be found out for a minute: such an account counts as free. Those
/// who ask for one account at the same time share one question. Bounded; safe for use by any thread.
/// </summary>
internal sealed class TierCache(TimeProvider clock, int maxAccounts = 10_000) : IDisposable
{
    /// <summary>How long a tier is believed.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>How long an account whose tier could not be found out is not asked about.</summary>
    public static readonly TimeSpan FailureLifetime = TimeSpan.FromMinutes(1);

    private readonly ExpiringCache<Answer> _answers = new(maxAccounts, clock);
    private readonly SharedCalls<string, ClientTier> _calls = new();

    /// <summary>How many accounts are remembered.</summary>
    public int Count => _answers.Count;

    /// <summary>The tier of an account.</summary>
    /// <param name="account">Its login; compared without regard to case.</param>
    /// <param name="ask">Finds it out; null when that failed.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<ClientTier> GetAsync(string account, Func<CancellationToken, Task<ClientTier?>> ask, CancellationToken cancellation)
    {
        var key = account.ToUpperInvariant();
        if (_answers.TryFind(key, out var known))
            return known.Tier;

        return await _calls.GetAsync(key, AskAsync, cancellation).ConfigureAwait(false);

        async Task<ClientTier> AskAsync(CancellationToken ending)
        {
            var tier = await ask(ending).ConfigureAwait(false);
            _answers.Keep(key, new Answer(tier ?? ClientTier.Free), tier is null ? FailureLifetime : Lifetime);
            return tier ?? ClientTier.Free;
        }
    }

    /// <summary>The best tier among the names of plans.</summary>
    public static ClientTier TierOf(IEnumerable<string> plans) =>
        plans.Select(TierOf).DefaultIfEmpty(ClientTier.Free).Max();

    public void Dispose() => _calls.Dispose();

    private static ClientTier TierOf(string plan) => plan.Trim().ToUpperInvariant() switch
    {
        "PRO" => ClientTier.Pro,
        "FLOCK" or "TEAM" or "ENTERPRISE" => ClientTier.Flock,
        _ => ClientTier.Free,
    };

    private sealed record Answer(ClientTier Tier);
}
