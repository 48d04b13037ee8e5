using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace StateRelay;

/// <summary>
/// What one client wishes to hear of. A list of pull requests comes first, then own events, then organizations. Immutable; checked
/// by whoever takes it.
/// </summary>
public sealed class Subscription
{
    /// <summary>Stands for every organization that the client belongs to.</summary>
    public const string AllOrganizations = "*";

    private const int MaxOrganizationBytes = 39;
    private const int MaxEventTypes = 50;
    private const int MaxEventTypeBytes = 50;
    private const int MaxPullRequests = 200;
    private const int MaxPullRequestBytes = 500;

    private static readonly SearchValues<char> OrganizationChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    private static readonly SearchValues<char> EventTypeChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    private FrozenSet<PullRequestKey>? _keys;

    /// <summary>The organization to follow, <see cref="AllOrganizations"/> for all of the client's, empty for none.</summary>
    public string Organization
    {
        get;
        init => field = value ?? "";
    } = "";

    /// <summary>The types of events to hear of; empty for all.</summary>
    public IReadOnlyList<string> EventTypes
    {
        get;
        init => field = [.. value ?? []];
    } = [];

    /// <summary>Addresses of the pull requests to follow. Where there are any, the organization and own events do not matter.</summary>
    public IReadOnlyList<string> PullRequests
    {
        get;
        init => field = [.. value ?? []];
    } = [];

    /// <summary>Only what the client's own person is involved in.</summary>
    public bool UserEventsOnly { get; init; }

    /// <summary>The pull requests to follow, read from their addresses.</summary>
    internal FrozenSet<PullRequestKey> PullRequestKeys => _keys ??= ReadKeys().ToFrozenSet();

    /// <summary>Whether an organization is named, rather than all or none.</summary>
    internal bool NamesOrganization => Organization.Length > 0 && Organization != AllOrganizations;

    /// <summary>Whether events of a type are asked for.</summary>
    internal bool HasType(string type)
    {
        // By number: this is asked for every event and client, and an enumerator would be made for each.
        for (var index = 0; index < EventTypes.Count; index++)
        {
            if (EventTypes[index] == type)
                return true;
        }

        return EventTypes.Count == 0;
    }

    /// <summary>The first rule of form that this breaks; null when it breaks none.</summary>
    public SubscriptionProblem? Validate() =>
        OrganizationProblem() ?? EventTypesProblem() ?? PullRequestsProblem();

    /// <summary>
    /// The first rule that this breaks for somebody in particular, null when none: it must be able to match something that they may
    /// see. Rules of form are not looked at again.
    /// </summary>
    public SubscriptionProblem? ValidateFor(ClientIdentity identity)
    {
        if (PullRequests.Count > 0)
        {
            return PullRequestKeys.Any(key => identity.BelongsTo(key.Owner))
                ? null
                : new("pull_requests_out_of_reach", "pull_requests: you belong to none of the organizations that they are in");
        }

        if (UserEventsOnly && identity.IsProgram)
            return new("matches_nothing", "user_events_only: a program has no events of its own");

        if (NamesOrganization)
            return identity.BelongsTo(Organization) ? null : new("not_a_member", "organization: you do not belong to it");

        return Organization == AllOrganizations || UserEventsOnly
            ? null
            : new("matches_nothing", "organization: name one, or * for all of yours; or give pull_requests or user_events_only");
    }

    /// <summary>This subscription of somebody in particular: where it names nothing to follow, their own organization is meant.</summary>
    internal Subscription For(ClientIdentity identity) =>
        Organization.Length > 0 || PullRequests.Count > 0 || UserEventsOnly || identity.HomeOrganization is not { } home
            ? this
            : new() { Organization = home, EventTypes = EventTypes };

    /// <summary>This subscription to other types.</summary>
    internal Subscription WithEventTypes(IReadOnlyList<string> eventTypes) =>
        new() { Organization = Organization, EventTypes = eventTypes, PullRequests = PullRequests, UserEventsOnly = UserEventsOnly };

    private SubscriptionProblem? OrganizationProblem()
    {
        if (Organization == AllOrganizations)
            return null;
        if (Bytes(Organization) > MaxOrganizationBytes)
            return new("org_too_long", $"organization: more than {MaxOrganizationBytes} characters");
        return Organization.AsSpan().ContainsAnyExcept(OrganizationChars)
            ? new("org_bad_chars", "organization: something other than letters, digits, - and _")
            : null;
    }

    private SubscriptionProblem? EventTypesProblem()
    {
        if (EventTypes.Count > MaxEventTypes)
            return new("too_many_event_types", $"event_types: more than {MaxEventTypes}");

        for (var index = 0; index < EventTypes.Count; index++)
        {
            if (Bytes(EventTypes[index]) is 0 or > MaxEventTypeBytes)
                return new("event_type_length", $"event_types[{index}]: not 1 to {MaxEventTypeBytes} characters");
            if (EventTypes[index].AsSpan().ContainsAnyExcept(EventTypeChars))
                return new("event_type_bad_chars", $"event_types[{index}]: something other than a to z, digits and _");
        }

        return null;
    }

    private SubscriptionProblem? PullRequestsProblem()
    {
        if (PullRequests.Count > MaxPullRequests)
            return new("too_many_pull_requests", $"pull_requests: more than {MaxPullRequests}");

        for (var index = 0; index < PullRequests.Count; index++)
        {
            if (PullRequestProblem(PullRequests[index], $"pull_requests[{index}]") is { } problem)
                return problem;
        }

        return null;
    }

    private static SubscriptionProblem? PullRequestProblem(string url, string member)
    {
        if (string.IsNullOrEmpty(url))
            return new("pull_request_empty", $"{member}: empty");
        if (Bytes(url) > MaxPullRequestBytes)
            return new("pull_request_too_long", $"{member}: more than {MaxPullRequestBytes} characters");
        if (!url.StartsWith(PRInfo.Prefix, StringComparison.Ordinal))
            return new("pull_request_bad_prefix", $"{member}: does not begin with {PRInfo.Prefix}");
        if (!url.Contains("/pull/", StringComparison.Ordinal))
            return new("pull_request_not_pull", $"{member}: not the address of a pull request");
        return PRInfo.TryParse(url, out _)
            ? null
            : new("pull_request_unparseable", $"{member}: not like {PRInfo.Prefix}OWNER/REPOSITORY/pull/NUMBER");
    }

    private IEnumerable<PullRequestKey> ReadKeys()
    {
        foreach (var url in PullRequests)
        {
            if (PRInfo.TryParse(url, out var pullRequest))
                yield return pullRequest.Key;
        }
    }

    private static int Bytes(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
