using StateRelay.Diagnostics;

namespace StateRelay;

/// <summary>How a <see cref="GitHubAuthenticator"/> finds out who clients are. Checked and copied when one is made of it.</summary>
public sealed class GitHubAuthenticatorOptions
{
    /// <summary>Where GitHub's API is: <c>https</c>, ending with <c>/</c>. Default <c>https://api.github.com/</c>; an Enterprise server's is <c>https://HOST/api/v3/</c>.</summary>
    public Uri ApiBase { get; set; } = new("https://api.github.com/");

    /// <summary>How long it is believed whose token it is, and what organizations they have, without asking again. Default 5 min; 1 s to 1 day.</summary>
    public TimeSpan IdentityLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many tokens are remembered, by their hashes; the newest. Default 10,000; 1 to 1,000,000.</summary>
    public int RememberedTokens { get; set; } = 10_000;

    /// <summary>
    /// Tells the tier of an account: a person's, or the one that an app is installed for. Asked about an account once an hour, once a
    /// minute where it failed; such an account counts as free. Default null.
    /// </summary>
    public Func<string, CancellationToken, ValueTask<ClientTier>>? TierOf { get; set; }

    /// <summary>
    /// Whether GitHub is asked for the tier instead: the name of the plan that a person has bought in GitHub's marketplace, <c>pro</c>,
    /// <c>flock</c>, <c>team</c> or <c>enterprise</c>. GitHub tells that only to tokens made through the app that is sold there; with
    /// others, and for installations, everybody counts as free. Default false.
    /// </summary>
    public bool AsksForPlan { get; set; }

    /// <summary>What sends the requests, for a proxy or a test; must not follow redirects. Disposed with the authenticator. Default null: the network.</summary>
    public HttpMessageHandler? Handler { get; set; }

    /// <summary>Every rule these options break, each as one sentence.</summary>
    internal IEnumerable<string> Problems()
    {
        string?[] problems =
        [
            GitHub.GitHubApiOptions.ProblemWith(nameof(ApiBase), ApiBase),
            OptionRange.Problem(nameof(IdentityLifetime), IdentityLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            OptionRange.Problem(nameof(RememberedTokens), RememberedTokens, 1, 1_000_000),
            TierOf is not null && AsksForPlan ? "TierOf and AsksForPlan may not both be set: a tier has one source." : null,
        ];
        return problems.OfType<string>();
    }
}
