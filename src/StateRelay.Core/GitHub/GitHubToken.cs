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

    // GitHub asks not to rely on any length. Today's longest have about 520 characters.
    private const int MaxLength = 4096;
    private const int MinRest = 36;
    private const int LegacyLength = 40;
    private const string FineGrained = "github_pat_";

    private static readonly SearchValues<char> AlphaNumeric =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    // Since 2026 an installation's token has a signed JSON document in it, whose parts are base64url between dots.
    private static readonly SearchValues<char> TokenChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>
    /// The kind of <paramref name="token"/>: personal (<c>ghp_</c>, <c>github_pat_</c>), OAuth (<c>gho_</c>), a user's through an app
    /// (<c>ghu_</c>), 40 letters and digits as they once were, or an installation's (<c>ghs_</c>). What stands behind the
    /// beginning is GitHub's affair: here it only must be long enough and of letters that tokens have.
    /// </summary>
    public static GitHubTokenKind KindOf(ReadOnlySpan<char> token)
    {
        if (token.Length is < MinLength or > MaxLength)
            return GitHubTokenKind.None;
        if (token.StartsWith(FineGrained, StringComparison.Ordinal))
            return token.Length - FineGrained.Length >= MinRest ? UnlessOdd(token[FineGrained.Length..], GitHubTokenKind.User) : GitHubTokenKind.None;
        if (token is ['g', 'h', 'p' or 'o' or 'u', '_', ..])
            return UnlessOdd(token[4..], GitHubTokenKind.User);
        if (token is ['g', 'h', 's', '_', ..])
            return UnlessOdd(token[4..], GitHubTokenKind.Installation);
        return token.Length == LegacyLength && !token.ContainsAnyExcept(AlphaNumeric) ? GitHubTokenKind.User : GitHubTokenKind.None;
    }

    private static GitHubTokenKind UnlessOdd(ReadOnlySpan<char> rest, GitHubTokenKind kind) =>
        rest.ContainsAnyExcept(TokenChars) ? GitHubTokenKind.None : kind;
}
