namespace StateRelay.GitHub;

/// <summary>
/// Asks GitHub whose token it is. The beginning of the token says whether it is a person's or an app's installation, so no call is made
/// to find that out. An outage of GitHub is told apart from a refusal. Safe for use by any thread.
/// </summary>
/// <param name="api">Whom to ask.</param>
/// <param name="identities">Remembers whose token it is.</param>
/// <param name="tiers">Remembers what an account pays for; null where tiers do not matter, and then all count as free.</param>
internal sealed class GitHubAuthenticator(GitHubApi api, IdentityCache identities, TierCache? tiers) : IClientAuthenticator
{
    /// <summary>What an installation is called. No person can be: a login has no brackets.</summary>
    public const string InstallationName = "app[installation]";

    public bool IsWellFormed(string token) => GitHubToken.KindOf(token) != GitHubTokenKind.None;

    public async ValueTask<AuthenticationResult> AuthenticateAsync(Secret token, CancellationToken cancellationToken)
    {
        var kind = GitHubToken.KindOf(token.Reveal());
        if (kind == GitHubTokenKind.None)
            return Refusal(GitHubFailure.InvalidToken, null);

        return await identities.GetAsync(
            token,
            ending => kind == GitHubTokenKind.Installation ? AskForInstallationAsync(token, ending) : AskForUserAsync(token, ending),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<AuthenticationResult> AskForUserAsync(Secret token, CancellationToken cancellation)
    {
        var user = await api.GetUserAsync(token, cancellation).ConfigureAwait(false);
        if (!user.IsOk)
            return Refusal(user.Failure, user.RetryAfter);
        var organizations = await api.GetOrganizationsAsync(token, cancellation).ConfigureAwait(false);
        if (!organizations.IsOk)
            return Refusal(organizations.Failure, organizations.RetryAfter);

        return AuthenticationResult.Admitted(new ClientIdentity(user.Value)
        {
            Organizations = [.. organizations.Value],
            Tier = tiers is null ? ClientTier.Free : await tiers.GetAsync(user.Value, ending => AskForTierAsync(token, ending), cancellation).ConfigureAwait(false),
        });
    }

    // An installation cannot be asked what its account pays for; GitHub tells that only to the app itself.
    private async Task<AuthenticationResult> AskForInstallationAsync(Secret token, CancellationToken cancellation)
    {
        var owners = await api.GetInstallationOwnersAsync(token, cancellation).ConfigureAwait(false);
        if (!owners.IsOk)
            return Refusal(owners.Failure, owners.RetryAfter);
        if (owners.Value.Count == 0)
            return AuthenticationResult.Refused(AuthenticationFailure.AccessDenied, "The app was given no repository.");

        return AuthenticationResult.Admitted(new ClientIdentity(InstallationName)
        {
            Organizations = [.. owners.Value],
            HomeOrganization = owners.Value is [var only] ? only : null,
        });
    }

    private async Task<ClientTier?> AskForTierAsync(Secret token, CancellationToken cancellation)
    {
        var plans = await api.GetPlansAsync(token, cancellation).ConfigureAwait(false);
        if (plans.IsOk)
            return TierCache.TierOf(plans.Value);
        return plans.Failure == GitHubFailure.NotFound ? ClientTier.Free : null;
    }

    private static AuthenticationResult Refusal(GitHubFailure? failure, TimeSpan? retryAfter) => failure switch
    {
        GitHubFailure.InvalidToken => AuthenticationResult.Refused(AuthenticationFailure.AuthenticationFailed, "The token is not valid."),
        GitHubFailure.Forbidden or GitHubFailure.NotFound =>
            AuthenticationResult.Refused(AuthenticationFailure.AccessDenied, "The token may not tell who you are; check its permissions."),
        GitHubFailure.RateLimited =>
            AuthenticationResult.Refused(AuthenticationFailure.RateLimitExceeded, "GitHub has been asked too often with this token; try again later.", retryAfter),
        _ => AuthenticationResult.Refused(AuthenticationFailure.TemporarilyUnavailable, "GitHub cannot be asked now; try again later.", retryAfter),
    };
}
