using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Diagnostics;
using StateRelay.GitHub;

namespace StateRelay;

/// <summary>
/// Asks GitHub whose token it is. The beginning of the token says whether it is a person's or an app's installation, so no call is made
/// to find that out. An outage of GitHub is told apart from a refusal. Safe for use by any thread.
/// </summary>
public sealed class GitHubAuthenticator : IClientAuthenticator, IDisposable
{
    /// <summary>What an installation is called. No person can be: a login has no brackets.</summary>
    public const string InstallationName = "app[installation]";

    private readonly GitHubApi _api;
    private readonly IdentityCache _identities;
    private readonly TierCache _tiers;
    private readonly Func<string, CancellationToken, ValueTask<ClientTier>>? _tierOf;
    private readonly bool _asksForPlan;
    private readonly ILogger _logger;

    /// <summary>Makes one; nobody is asked before a client comes.</summary>
    /// <param name="options">How it asks; null for the defaults. Later changes have no effect.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="clock">Times everything; null for the system's clock.</param>
    /// <exception cref="ArgumentException">Options break a rule; the message names every one.</exception>
    public GitHubAuthenticator(GitHubAuthenticatorOptions? options = null, ILoggerFactory? loggers = null, TimeProvider? clock = null)
        : this(Checked(options ?? new GitHubAuthenticatorOptions()), new GitHubApiOptions(), loggers ?? NullLoggerFactory.Instance, clock ?? TimeProvider.System)
    {
    }

    internal GitHubAuthenticator(GitHubAuthenticatorOptions options, GitHubApiOptions asking, ILoggerFactory loggers, TimeProvider clock)
    {
        _api = new GitHubApi(options.Handler ?? GitHubApi.CreateHandler(), asking with { Base = options.ApiBase }, clock);
        _identities = new IdentityCache(clock, options.IdentityLifetime, options.RememberedTokens);
        _tiers = new TierCache(clock);
        _tierOf = options.TierOf;
        _asksForPlan = options.AsksForPlan;
        _logger = loggers.CreateLogger("StateRelay.GitHub");
    }

    /// <inheritdoc/>
    public bool IsWellFormed(string token) => GitHubToken.KindOf(token) != GitHubTokenKind.None;

    /// <inheritdoc/>
    public async ValueTask<AuthenticationResult> AuthenticateAsync(Secret token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        var kind = GitHubToken.KindOf(token.Reveal());
        if (kind == GitHubTokenKind.None)
            return Refusal(GitHubFailure.InvalidToken, null);

        return await _identities.GetAsync(
            token,
            ending => kind == GitHubTokenKind.Installation ? AskForInstallationAsync(token, ending) : AskForUserAsync(token, ending),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives up what is being asked; whoever waits for it gets no answer.</summary>
    public void Dispose()
    {
        _identities.Dispose();
        _tiers.Dispose();
        _api.Dispose();
    }

    private async Task<AuthenticationResult> AskForUserAsync(Secret token, CancellationToken cancellation)
    {
        var user = await _api.GetUserAsync(token, cancellation).ConfigureAwait(false);
        if (!user.IsOk)
            return Refusal(user.Failure, user.RetryAfter);
        var organizations = await _api.GetOrganizationsAsync(token, cancellation).ConfigureAwait(false);
        if (!organizations.IsOk)
            return Refusal(organizations.Failure, organizations.RetryAfter);

        return AuthenticationResult.Admitted(new ClientIdentity(user.Value)
        {
            Organizations = [.. organizations.Value],
            Tier = await TierAsync(user.Value, token, cancellation).ConfigureAwait(false),
        });
    }

    private async Task<AuthenticationResult> AskForInstallationAsync(Secret token, CancellationToken cancellation)
    {
        var owners = await _api.GetInstallationOwnersAsync(token, cancellation).ConfigureAwait(false);
        if (!owners.IsOk)
            return Refusal(owners.Failure, owners.RetryAfter);
        if (owners.Value.Count == 0)
            return AuthenticationResult.Refused(AuthenticationFailure.AccessDenied, "The app was given no repository.");

        // An installation cannot be asked what its account pays for; GitHub tells that only to the app itself.
        var home = owners.Value is [var only] ? only : null;
        return AuthenticationResult.Admitted(new ClientIdentity(InstallationName)
        {
            Organizations = [.. owners.Value],
            HomeOrganization = home,
            Tier = home is null ? ClientTier.Free : await TierAsync(home, null, cancellation).ConfigureAwait(false),
        });
    }

    /// <summary>The tier of an account, from whoever is to tell it.</summary>
    private async Task<ClientTier> TierAsync(string account, Secret? token, CancellationToken cancellation)
    {
        if (_tierOf is not null)
            return await _tiers.GetAsync(account, ending => AskHostAsync(account, ending), cancellation).ConfigureAwait(false);
        return _asksForPlan && token is not null
            ? await _tiers.GetAsync(account, ending => AskForPlanAsync(token, ending), cancellation).ConfigureAwait(false)
            : ClientTier.Free;
    }

    private async Task<ClientTier?> AskHostAsync(string account, CancellationToken cancellation)
    {
        try
        {
            return await _tierOf!(account, cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            Log.TierOfFailed(_logger, error);
            return null;
        }
    }

    private async Task<ClientTier?> AskForPlanAsync(Secret token, CancellationToken cancellation)
    {
        var plans = await _api.GetPlansAsync(token, cancellation).ConfigureAwait(false);
        if (plans.IsOk)
            return TierCache.TierOf(plans.Value);
        return plans.Failure == GitHubFailure.NotFound ? ClientTier.Free : null;
    }

    private static GitHubAuthenticatorOptions Checked(GitHubAuthenticatorOptions options) =>
        options.Problems().ToArray() is [_, ..] problems ? throw new ArgumentException(string.Join(' ', problems), nameof(options)) : options;

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
