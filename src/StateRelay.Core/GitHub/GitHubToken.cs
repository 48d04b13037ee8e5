using System.Buffers;

namespace StateRelay.GitHub;

/// <summary>Whose token it is: that decides which questions it can answer.</summary>
internal enum GitHubTokenKind
{
    /// <summary>Not a token of GitHub's.</summary>
    None,

    /// <summary>A person's, whatever way it was made.</summary>
    User,

    /// <summary>An app's, for one account that installed it.</summary>
    Installation,
}

/// <summary>Tells the kind of a token by its beginning, and what cannot be one before anybody is asked.</summary>
internal static class GitHubToken
{
    private const int MinLength = 40;
    private const int MaxLength = 255;
    private const int LegacyLength = 40;
    private const string FineGrained = "github_pat_";

    private static readonly SearchValues<char> AlphaNumeric =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private static readonly SearchValues<char> AlphaNumericOrUnderscore =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>
    /// The kind of <paramref name="token"/>: personal (<c>ghp_</c>, <c>github_pat_</c>), OAuth (<c>gho_</c>), a user's through an app
    /// (<c>ghu_</c>), 40 letters and digits as they once were, or an installation's (<c>ghs_</c>). GitHub may make them longer, up to
    /// 255 characters.
    /// </summary>
    public static GitHubTokenKind KindOf(ReadOnlySpan<char> token)
    {
        if (token.Length is < MinLength or > MaxLength)
            return GitHubTokenKind.None;
        if (token.StartsWith(FineGrained, StringComparison.Ordinal))
            return token.Length - FineGrained.Length >= 36 ? UnlessOdd(token[FineGrained.Length..], GitHubTokenKind.User) : GitHubTokenKind.None;
        if (token is ['g', 'h', 'p' or 'o' or 'u', '_', ..])
            return UnlessOdd(token[4..], GitHubTokenKind.User);
        if (token is ['g', 'h', 's', '_', ..])
            return UnlessOdd(token[4..], GitHubTokenKind.Installation);
        return token.Length == LegacyLength && !token.ContainsAnyExcept(AlphaNumeric) ? GitHubTokenKind.User : GitHubTokenKind.None;
    }

    private static GitHubTokenKind UnlessOdd(ReadOnlySpan<char> rest, GitHubTokenKind kind) =>
        rest.ContainsAnyExcept(AlphaNumericOrUnderscore) ? GitHubTokenKind.None : kind;
}
