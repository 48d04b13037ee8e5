using System.Collections.Immutable;

namespace StateRelay;

/// <summary>What a client's plan includes.</summary>
public enum ClientTier
{
    /// <summary>Public repositories.</summary>
    Free,

    /// <summary>Private repositories too.</summary>
    Pro,

    /// <summary>Private repositories too, for a whole organization.</summary>
    Flock,
}

/// <summary>Who a client is, and where they belong. Immutable.</summary>
/// <param name="UserName">Their login.</param>
public sealed record ClientIdentity(string UserName)
{
    /// <summary>Every organization they are a member of, without regard to case.</summary>
    public ImmutableHashSet<string> Organizations
    {
        get;
        init => field = value.WithComparer(StringComparer.OrdinalIgnoreCase);
    } = ImmutableHashSet.Create<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>What their plan includes; <see cref="ClientTier.Free"/> unless told otherwise.</summary>
    public ClientTier Tier { get; init; }

    /// <summary>The organization that is meant where a subscription names nothing, as for an app's installation; null for none.</summary>
    public string? HomeOrganization { get; init; }

    /// <summary>Whether their plan includes private repositories.</summary>
    public bool CanAccessPrivateRepos => IsProgram || Tier is ClientTier.Pro or ClientTier.Flock;

    /// <summary>The program that StateRelay runs in: it may see everything.</summary>
    internal static ClientIdentity Program { get; } = new("") { IsProgram = true };

    internal bool IsProgram { get; private init; }

    /// <summary>Whether they are a member of <paramref name="organization"/>. Everybody belongs to themselves, as owner of their own repositories.</summary>
    public bool BelongsTo(string organization) =>
        IsProgram || Organizations.Contains(organization) || string.Equals(UserName, organization, StringComparison.OrdinalIgnoreCase);
}
