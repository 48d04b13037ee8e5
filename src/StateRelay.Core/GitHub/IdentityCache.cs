using StateRelay.Security;

namespace StateRelay.GitHub;

/// <summary>
/// Remembers for a short time whose token it is, by the token's hash; a token that is not valid is remembered more shortly, other failures
/// not at all. Those who come with one token at the same time share one question. Bounded; safe for use by any thread.
/// </summary>
internal sealed class IdentityCache(TimeProvider clock, TimeSpan lifetime, int maxTokens = 10_000) : IDisposable
{
    /// <summary>How long a wrong token is not asked about again.</summary>
    public static readonly TimeSpan WrongLifetime = TimeSpan.FromSeconds(30);

    private readonly ExpiringCache<AuthenticationResult> _answers = new(maxTokens, clock);
    private readonly SharedCalls<string, AuthenticationResult> _calls = new();

    /// <summary>How many tokens are remembered.</summary>
    public int Count => _answers.Count;

    /// <summary>Whose token it is.</summary>
    /// <param name="token">The token.</param>
    /// <param name="ask">Finds it out.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<AuthenticationResult> GetAsync(
        Secret token, Func<CancellationToken, Task<AuthenticationResult>> ask, CancellationToken cancellation)
    {
        var key = TokenHash.Of(token);
        if (_answers.TryFind(key, out var known))
            return known;

        return await _calls.GetAsync(key, AskAsync, cancellation).ConfigureAwait(false);

        async Task<AuthenticationResult> AskAsync(CancellationToken ending)
        {
            var result = await ask(ending).ConfigureAwait(false);
            if (result.Failure is null)
                _answers.Keep(key, result, lifetime);
            else if (result.Failure == AuthenticationFailure.AuthenticationFailed)
                _answers.Keep(key, result, WrongLifetime);
            return result;
        }
    }

    public void Dispose() => _calls.Dispose();
}
