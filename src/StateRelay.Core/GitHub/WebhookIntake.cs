namespace StateRelay.GitHub;

/// <summary>What became of a delivery.</summary>
internal enum DeliveryOutcome
{
    /// <summary>Handed to whoever may hear of it.</summary>
    Relayed,

    /// <summary>It was here before; nobody is told twice.</summary>
    Duplicate,

    /// <summary>In order, but of a type that is not relayed here.</summary>
    Ignored,

    /// <summary>No signature, or none with a secret of ours.</summary>
    NotSigned,

    /// <summary>Not one JSON object, or not said what it is.</summary>
    NotUnderstood,

    /// <summary>Refused before it was read to its end.</summary>
    NotRead,
}

/// <summary>
/// Takes deliveries in, step by step: signature, type, duplicate, content, commit, relay. Nothing is looked at before the signature, and
/// nothing of the content is kept but whom it concerns. Safe for use by any thread.
/// </summary>
/// <param name="secrets">The secrets that are valid now; without one nothing is accepted.</param>
/// <param name="allowedTypes">The event types that are relayed; null for all.</param>
/// <param name="window">Knows what was here before; null lets redeliveries through.</param>
/// <param name="commits">Remembers the heads of pull requests.</param>
/// <param name="lookup">Finds the pull requests of a commit that a check did not name.</param>
/// <param name="relay">Hands an event on.</param>
/// <param name="clock">What the time is.</param>
internal sealed class WebhookIntake(
    IReadOnlyList<Secret> secrets,
    IReadOnlySet<string>? allowedTypes,
    DeliveryWindow? window,
    CommitCache commits,
    CommitLookup lookup,
    Action<Event, EventAudience> relay,
    TimeProvider clock)
{
    /// <summary>How long a check waits for its pull requests; GitHub gives up a delivery after ten seconds.</summary>
    public static readonly TimeSpan LookupPatience = TimeSpan.FromSeconds(3);

    // GitHub greets a new webhook with it. It tells of the webhook alone, and clients would take it for the server's own ping.
    private const string Greeting = "ping";

    /// <summary>Takes one delivery in.</summary>
    /// <param name="type">The header <c>X-GitHub-Event</c>.</param>
    /// <param name="deliveryId">The header <c>X-GitHub-Delivery</c>.</param>
    /// <param name="signature">The header <c>X-Hub-Signature-256</c>.</param>
    /// <param name="body">The body as received; not kept.</param>
    /// <param name="cancellation">Stops waiting for GitHub's answer about a commit; the delivery then counts as not taken in.</param>
    public async ValueTask<DeliveryOutcome> TakeAsync(
        string? type, string? deliveryId, string? signature, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (WebhookSignature.Check(body.Span, signature, secrets) != SignatureCheck.Valid)
            return DeliveryOutcome.NotSigned;
        if (!GitHubNames.IsEventType(type))
            return DeliveryOutcome.NotUnderstood;
        if (type == Greeting || allowedTypes?.Contains(type!) == false)
            return DeliveryOutcome.Ignored;
        if (WebhookReader.Read(body.Span, type!) is not { } notice)
            return DeliveryOutcome.NotUnderstood;
        if (window?.IsNew(deliveryId) == false)
            return DeliveryOutcome.Duplicate;

        try
        {
            NoteCommits(type!, notice);
            notice = await CompleteAsync(type!, notice, cancellation).ConfigureAwait(false);
            Relay(type!, deliveryId, notice);
            return DeliveryOutcome.Relayed;
        }
        catch
        {
            // Whoever sends it again finds it new.
            window?.Forget(deliveryId);
            throw;
        }
    }

    /// <summary>What a pull request's own event tells of its head is remembered for the checks that follow.</summary>
    private void NoteCommits(string type, WebhookNotice notice)
    {
        if (type != "pull_request")
            return;
        foreach (var (key, url) in notice.PullRequests)
            commits.Note(key.Owner, key.Repository, notice.CommitSha, key.Number, url, notice.IsClosed);
    }

    /// <summary>A check that names no pull request belongs to those of its commit.</summary>
    private async ValueTask<WebhookNotice> CompleteAsync(string type, WebhookNotice notice, CancellationToken cancellation)
    {
        if (type is not ("check_run" or "check_suite") || !notice.PullRequests.IsEmpty
            || notice is not { CommitSha: { } sha, Audience: { Organization: { } owner, Repository: { } repository } })
            return notice;

        var found = await FindAsync(owner, repository, sha, cancellation).ConfigureAwait(false);
        return notice with { PullRequests = [.. found.Select(pullRequest => new WebhookPullRequest(new PullRequestKey(owner, repository, pullRequest.Number), pullRequest.Url))] };
    }

    private async ValueTask<IReadOnlyList<PRInfo>> FindAsync(string owner, string repository, string sha, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(LookupPatience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return await lookup.FindAsync(owner, repository, sha, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return [];      // the question goes on, and the next check of this commit may find its answer
        }
    }

    /// <summary>One event for each pull request; what is about none is told with the address of its repository.</summary>
    private void Relay(string type, string? deliveryId, WebhookNotice notice)
    {
        var happened = new Event(type)
        {
            Url = notice.RepositoryUrl,
            Timestamp = clock.GetUtcNow(),
            DeliveryId = deliveryId,
            CommitSha = notice.CommitSha,
        };

        if (notice.PullRequests.IsEmpty)
            relay(happened, notice.Audience);
        foreach (var (key, url) in notice.PullRequests)
            relay(happened with { Url = url }, notice.Audience with { PullRequests = [key] });
    }
}
