namespace StateRelay.Events;

/// <summary>What was decided about one event and one client.</summary>
internal enum EventVerdict
{
    /// <summary>The client did not ask for it, or may not see it.</summary>
    NotForThem,

    /// <summary>It would be theirs, but their tier does not include private repositories.</summary>
    HeldBack,

    /// <summary>It is theirs.</summary>
    Theirs,
}

/// <summary>Decides who receives an event: who asked for it, and may see it.</summary>
internal static class EventRules
{
    /// <summary>Whether an event of <paramref name="type"/> reaches somebody.</summary>
    public static bool Receives(Subscription subscription, ClientIdentity identity, string type, EventAudience audience, bool enforceTiers) =>
        Decide(subscription, identity, type, audience, enforceTiers) == EventVerdict.Theirs;

    /// <summary>As <see cref="Receives"/>, telling apart what only a tier holds back. The tier is looked at last.</summary>
    public static EventVerdict Decide(Subscription subscription, ClientIdentity identity, string type, EventAudience audience, bool enforceTiers)
    {
        if (!subscription.HasType(type) || !Concerns(audience, subscription, identity))
            return EventVerdict.NotForThem;

        // What is not known to be public is taken for private.
        return enforceTiers && !identity.CanAccessPrivateRepos && audience.Visibility != Visibility.Public
            ? EventVerdict.HeldBack
            : EventVerdict.Theirs;
    }

    /// <summary>Whether <paramref name="key"/> counts as one of the event's pull requests: only those of its own repository do.</summary>
    public static bool IsAbout(EventAudience audience, PullRequestKey key) =>
        IsSame(key.Owner, audience.Organization)
        && (audience.Repository is null || IsSame(key.Repository, audience.Repository))
        && audience.PullRequests.Contains(key);

    private static bool Concerns(EventAudience audience, Subscription subscription, ClientIdentity identity) => audience.Reach switch
    {
        AudienceReach.Everyone => true,
        _ when FollowsEverything(subscription, identity) => true,
        AudienceReach.People => IsInvolved(audience, identity),
        _ => MaySee(audience, identity) && Wants(audience, subscription, identity),
    };

    /// <summary>The program that asks for all organizations means everything, also what is of none.</summary>
    private static bool FollowsEverything(Subscription subscription, ClientIdentity identity) =>
        identity.IsProgram && subscription is { Organization: Subscription.AllOrganizations, PullRequests.Count: 0, UserEventsOnly: false };

    /// <summary>What happens in an organization is for those who belong to it.</summary>
    private static bool MaySee(EventAudience audience, ClientIdentity identity) =>
        audience.Organization is not { } organization || identity.BelongsTo(organization);

    /// <summary>A list of pull requests comes first, then own events, then organizations.</summary>
    private static bool Wants(EventAudience audience, Subscription subscription, ClientIdentity identity)
    {
        if (subscription.PullRequests.Count > 0)
            return WantsPullRequest(audience, subscription);
        if (subscription.NamesOrganization && !IsSame(subscription.Organization, audience.Organization))
            return false;
        if (subscription.UserEventsOnly)
            return IsInvolved(audience, identity);
        return subscription.Organization.Length > 0 && audience.Organization is not null;
    }

    private static bool WantsPullRequest(EventAudience audience, Subscription subscription)
    {
        foreach (var key in audience.PullRequests)
        {
            if (subscription.PullRequestKeys.Contains(key) && IsAbout(audience, key))
                return true;
        }

        return false;
    }

    private static bool IsInvolved(EventAudience audience, ClientIdentity identity) =>
        !identity.IsProgram && audience.People.Contains(identity.UserName);

    private static bool IsSame(string name, string? other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
