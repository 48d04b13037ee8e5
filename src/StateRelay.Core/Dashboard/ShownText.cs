using System.Diagnostics.CodeAnalysis;
using System.Globalization;


namespace StateRelay.Dashboard;

/// <summary>What others wrote, as long as a page wants it. Pure functions.</summary>
internal static class ShownText
{
    private const int MaxLength = 200;
    private const int MaxAddressLength = 2000;
    private const int MaxTypes = 4;

    /// <summary>The text, cut where it is long.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Cut(string? text)
    {
        if (text is not { Length: > MaxLength })
            return text;
        var end = char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    /// <summary>The address whole; null where it is too long: a part of it would lead elsewhere.</summary>
    public static string? AddressOrNull(string? address) => address is { Length: <= MaxAddressLength } ? address : null;

    /// <summary>What a subscription follows, in a few words.</summary>
    public static string Of(Subscription subscription)
    {
        var what = (subscription.PullRequests.Count, subscription.PullRequestKeys.Count) switch
        {
            (0, _) => Following(subscription),
            (_, 1) => subscription.PullRequestKeys.First().ToString(),
            (_, var several) => string.Create(CultureInfo.InvariantCulture, $"{several} pull requests"),
        };
        return Cut(subscription.EventTypes.Count == 0 ? what : $"{what}: {Types(subscription.EventTypes)}");
    }

    private static string Following(Subscription subscription)
    {
        var where = subscription.Organization == Subscription.AllOrganizations ? "all organizations" : subscription.Organization;
        if (!subscription.UserEventsOnly)
            return where.Length == 0 ? "what is meant for everybody" : where;
        return where.Length == 0 ? "own events" : $"own events, {where}";
    }

    private static string Types(IReadOnlyList<string> types) => types.Count <= MaxTypes
        ? string.Join(", ", types)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", types.Take(MaxTypes))} and {types.Count - MaxTypes} more");
}
