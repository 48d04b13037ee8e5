namespace StateRelay.GitHub;

/// <summary>
/// Finds the pull requests of a commit that a check did not name: in what events told, else by asking GitHub, once for all who wait.
/// That there is none is remembered for half a minute, a failure not at all. Safe for use by any thread.
/// </summary>
/// <param name="cache">What events told.</param>
/// <param name="api">Whom to ask; null to ask nobody.</param>
/// <param name="token">What to ask with; null when there is none now.</param>
internal sealed class CommitLookup(CommitCache cache, GitHubApi? api, Func<Secret?> token) : IDisposable
{
    private readonly SharedCalls<string, IReadOnlyList<PRInfo>?> _calls = new();

    /// <summary>The open pull requests of a commit; empty when there are none or that could not be found out.</summary>
    public async Task<IReadOnlyList<PRInfo>> FindAsync(string owner, string repository, string sha, CancellationToken cancellation)
    {
        if (cache.Find(owner, repository, sha) is { } known)
            return known;
        if (api is null || token() is not { } secret)
            return [];

        var key = $"{owner}/{repository}@{sha}".ToUpperInvariant();
        return await _calls.GetAsync(key, ending => AskAsync(owner, repository, sha, secret, ending), cancellation).ConfigureAwait(false) ?? [];
    }

    public void Dispose() => _calls.Dispose();

    private async Task<IReadOnlyList<PRInfo>?> AskAsync(string owner, string repository, string sha, Secret secret, CancellationToken cancellation)
    {
        var answer = await api!.GetPullRequestsAsync(owner, repository, sha, secret, cancellation).ConfigureAwait(false);
        if (!answer.IsOk)
            return null;

        // GitHub also lists pull requests of other repositories that have the commit: those are not this repository's.
        foreach (var found in answer.Value.Where(found => found.IsOpen && IsOf(found, owner, repository)))
            cache.Note(owner, repository, sha, found.Number, found.Url);
        cache.NoteNone(owner, repository, sha);
        return cache.Find(owner, repository, sha);
    }

    private static bool IsOf(ApiPullRequest found, string owner, string repository) =>
        found.Url.EndsWith(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/{owner}/{repository}/pull/{found.Number}"), StringComparison.OrdinalIgnoreCase);
}
