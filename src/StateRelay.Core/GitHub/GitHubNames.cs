using System.Buffers;

namespace StateRelay.GitHub;

/// <summary>What GitHub's names look like. Names that come from elsewhere pass here before they become part of an address.</summary>
internal static class GitHubNames
{
    private const int MaxOwnerLength = 39;
    private const int MaxRepositoryLength = 100;

    private static readonly SearchValues<char> OwnerChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private static readonly SearchValues<char> RepositoryChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private const int MaxEventTypeLength = 50;

    private static readonly SearchValues<char> EventTypeChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Whether this can be a user or an organization: letters, digits, <c>-</c>, and <c>_</c> as in managed accounts.</summary>
    public static bool IsOwner(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaxOwnerLength && !name.ContainsAnyExcept(OwnerChars);

    /// <summary>Whether this can be the name of a repository; <c>.</c> and <c>..</c> cannot.</summary>
    public static bool IsRepository(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaxRepositoryLength && name is not "." and not ".." && !name.ContainsAnyExcept(RepositoryChars);

    /// <summary>Whether this can be the type of an event, as <c>X-GitHub-Event</c> names it.</summary>
    public static bool IsEventType(ReadOnlySpan<char> type) =>
        type.Length is > 0 and <= MaxEventTypeLength && !type.ContainsAnyExcept(EventTypeChars);

    /// <summary>Whether this is the whole id of a commit: SHA-1 or SHA-256, in hexadecimal.</summary>
    public static bool IsCommit(ReadOnlySpan<char> sha) => sha.Length is 40 or 64 && !sha.ContainsAnyExcept(Hex);
}
