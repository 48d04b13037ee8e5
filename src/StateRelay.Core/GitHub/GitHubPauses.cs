using StateRelay.Security;

namespace StateRelay.GitHub;

/// <summary>
/// Decides whether GitHub may be asked now: not with a token whose limit is used up until it is filled again, and not at all for a short
/// rest after several questions in a row found GitHub out of order. Holds no timer and no token, only hashes. Safe for use by any thread.
/// </summary>
internal sealed class GitHubPauses(int failuresToRest, TimeSpan rest, TimeProvider clock)
{
    private const int MaxTokens = 10_000;

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Dictionary<string, DateTimeOffset> _limitedUntil = new(StringComparer.Ordinal);
    private int _failures;
    private DateTimeOffset _restUntil;

    /// <summary>Why <paramref name="token"/> must not ask now, and how long to wait; null when it may.</summary>
    public (GitHubFailure Failure, TimeSpan RetryAfter)? Hinders(Secret token)
    {
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            if (_restUntil > now)
                return (GitHubFailure.Unavailable, _restUntil - now);
            var key = TokenHash.Of(token);
            if (!_limitedUntil.TryGetValue(key, out var until))
                return null;
            if (until > now)
                return (GitHubFailure.RateLimited, until - now);
            _limitedUntil.Remove(key);
            return null;
        }
    }

    /// <summary>Takes note of how a question ended.</summary>
    public void Note(Secret token, GitHubFailure? failure, TimeSpan? retryAfter)
    {
        var now = clock.GetUtcNow();
        lock (_gate)
        {
            if (failure == GitHubFailure.Unavailable)
            {
                if (++_failures < failuresToRest)
                    return;
                _failures = 0;
                _restUntil = now + rest;
                return;
            }

            _failures = 0;
            if (failure != GitHubFailure.RateLimited || retryAfter is not { } wait)
                return;
            if (_limitedUntil.Count >= MaxTokens)
                MakeRoom_NeedsGate(now);
            _limitedUntil[TokenHash.Of(token)] = now + wait;
        }
    }

    private void MakeRoom_NeedsGate(DateTimeOffset now)
    {
        foreach (var (key, until) in _limitedUntil)
        {
            if (until <= now)
                _limitedUntil.Remove(key);
        }

        if (_limitedUntil.Count >= MaxTokens)
            _limitedUntil.Clear();
    }
}
