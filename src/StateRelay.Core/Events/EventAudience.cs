using System.Collections.Immutable;

namespace StateRelay;

/// <summary>Whom an event is for.</summary>
public enum AudienceReach
{
    /// <summary>Those who follow the organization, the pull requests or the people that it names, and belong to the organization.</summary>
    Organization,

    /// <summary>The people that it names, whatever they follow.</summary>
    People,

    /// <summary>Every client.</summary>
    Everyone,
}

/// <summary>Whether what an event is about may be seen by all.</summary>
public enum Visibility
{
    /// <summary>Not known; counts as private where that matters.</summary>
    Unknown,

    /// <summary>Anybody may see it.</summary>
    Public,

    /// <summary>Only some may see it.</summary>
    Private,
}

/// <summary>Whom an event concerns. Which of those wish to hear of it is up to their subscriptions. Immutable.</summary>
public sealed record EventAudience
{
    /// <summary>Concerns every client.</summary>
    public static EventAudience Everyone { get; } = new() { Reach = AudienceReach.Everyone, Visibility = Visibility.Public };

    /// <summary>Whom of all it is for: members of the organization by default.</summary>
    public AudienceReach Reach { get; init; }

    /// <summary>The organization, or the person, whose repository it happened in; null when there is none.</summary>
    public string? Organization { get; init; }

    /// <summary>The name of that repository, without its owner; null when there is none.</summary>
    public string? Repository { get; init; }

    /// <summary>Every pull request of that repository that it is about. Those of another are not followed.</summary>
    public ImmutableArray<PullRequestKey> PullRequests
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    /// <summary>The logins of the people involved, without regard to case.</summary>
    public ImmutableHashSet<string> People
    {
        get;
        init => field = value.WithComparer(StringComparer.OrdinalIgnoreCase);
    } = ImmutableHashSet.Create<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether what it is about may be seen by all.</summary>
    public Visibility Visibility { get; init; }

    /// <summary>Concerns the members of an organization, and nothing that is held private within it.</summary>
    public static EventAudience ForOrganization(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new() { Organization = name, Visibility = Visibility.Public };
    }

    /// <summary>Concerns these people, whatever they follow.</summary>
    public static EventAudience ForPeople(params IEnumerable<string> logins) =>
        new() { Reach = AudienceReach.People, People = [.. logins], Visibility = Visibility.Public };
}
