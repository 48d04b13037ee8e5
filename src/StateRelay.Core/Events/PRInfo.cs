using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace StateRelay;

/// <summary>
/// A pull request and the addresses of its pages. Immutable. Its address is <c>https://github.com/OWNER/REPOSITORY/pull/NUMBER</c>,
/// in exactly these letters: the names are of ASCII letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, but not <c>.</c> or <c>..</c>;
/// the number is of decimal digits without a leading zero, up to 2^63 - 1. What follows the number after <c>/</c>, <c>?</c> or
/// <c>#</c> names a part of the page and is left out.
/// </summary>
public sealed record PRInfo(PullRequestKey Key)
{
    /// <summary>How every address begins.</summary>
    public const string Prefix = "https://github.com/";

    /// <summary>The login of the repository's owner.</summary>
    public string Owner => Key.Owner;

    /// <summary>The repository's name, without the owner.</summary>
    public string Repository => Key.Repository;

    /// <summary>Its number in the repository, from 1.</summary>
    public long Number => Key.Number;

    /// <summary>The address of its page.</summary>
    public string Url { get; init; } = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Key.Owner}/{Key.Repository}/pull/{Key.Number}");

    /// <summary>The address of its repository's page.</summary>
    public string RepoUrl { get; init; } = $"{Prefix}{Key.Owner}/{Key.Repository}";

    /// <summary>When it was last heard of.</summary>
    public DateTimeOffset CachedAt { get; init; }

    /// <summary>Reads an address; false when it is not one of a pull request.</summary>
    public static bool TryParse(string? url, [NotNullWhen(true)] out PRInfo? pullRequest)
    {
        pullRequest = null;
        if (url is null || !url.StartsWith(Prefix, StringComparison.Ordinal))
            return false;

        var rest = url.AsSpan(Prefix.Length);
        if (!TryTake(ref rest, out var owner) || !TryTake(ref rest, out var repository) || !TryTake(ref rest, out var pull))
            return false;
        if (!IsName(owner) || !IsName(repository) || !pull.SequenceEqual("pull"))
            return false;

        var digits = rest.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? rest[..end] : rest;
        if (digits.IsEmpty || digits[0] == '0' || !IsPartOfPage(rest[digits.Length..]))
            return false;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;

        pullRequest = new PRInfo(new PullRequestKey(owner.ToString(), repository.ToString(), number));
        return true;
    }

    /// <summary>Takes what stands before the next slash.</summary>
    private static bool TryTake(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> part)
    {
        var slash = rest.IndexOf('/');
        part = slash < 0 ? default : rest[..slash];
        rest = rest[(slash + 1)..];
        return slash >= 0;
    }

    private static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                return false;
        }

        return name is not ("" or "." or "..");
    }

    private static bool IsPartOfPage(ReadOnlySpan<char> rest) =>
        rest.IsEmpty || (rest[0] is '/' or '?' or '#' && !rest.ContainsAnyExceptInRange('!', '~'));
}
