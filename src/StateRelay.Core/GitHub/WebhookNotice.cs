using System.Collections.Immutable;

namespace StateRelay.GitHub;

/// <summary>A pull request that a delivery is about.</summary>
/// <param name="Key">Which.</param>
/// <param name="Url">Its page.</param>
internal sealed record WebhookPullRequest(PullRequestKey Key, string Url);

/// <summary>All that is kept of a delivery: what it is about and whom it concerns. Immutable.</summary>
internal sealed record WebhookNotice
{
    /// <summary>What happened, more exactly, for example <c>opened</c>; null when it does not say.</summary>
    public string? Action { get; init; }

    /// <summary>Whom it concerns, with every pull request that it names.</summary>
    public required EventAudience Audience { get; init; }

    /// <summary>Every pull request that it names, in its order; those of other repositories are left out.</summary>
    public ImmutableArray<WebhookPullRequest> PullRequests { get; init; } = [];

    /// <summary>The page of the repository; null when it names none.</summary>
    public string? RepositoryUrl { get; init; }

    /// <summary>The whole id of the commit that it is about; null when there is none.</summary>
    public string? CommitSha { get; init; }

    /// <summary>Whether the pull request of a <c>pull_request</c> delivery is closed.</summary>
    public bool IsClosed { get; init; }
}
