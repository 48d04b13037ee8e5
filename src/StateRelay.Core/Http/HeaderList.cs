using System.Buffers;
using System.Globalization;

namespace StateRelay.Http;

/// <summary>Reads the header forms that several places need: lists of tokens, weights, entity tags (RFC 9110).</summary>
internal static class HeaderList
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenCharacters);

    /// <summary>Whether a comma-separated list has the token, compared without case.</summary>
    public static bool Contains(string? list, string token)
    {
        foreach (var range in list.AsSpan().Split(','))
        {
            if (list.AsSpan(range).Trim().Equals(token, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>Whether an <c>Accept-Encoding</c> header allows a coding: named, or by <c>*</c>, with a weight above zero.</summary>
    public static bool Accepts(string? acceptEncoding, string coding)
    {
        var byStar = false;
        foreach (var range in acceptEncoding.AsSpan().Split(','))
        {
            var entry = acceptEncoding.AsSpan(range);
            var semicolon = entry.IndexOf(';');
            var name = (semicolon < 0 ? entry : entry[..semicolon]).Trim();
            var allowed = semicolon < 0 || IsAboveZero(entry[(semicolon + 1)..].Trim());
            if (name.Equals(coding, StringComparison.OrdinalIgnoreCase))
                return allowed;
            if (name is "*")
                byStar = allowed;
        }

        return byStar;
    }

    /// <summary>Whether an <c>If-None-Match</c> header names the entity tag (quotes included), or is <c>*</c>; weak tags match too.</summary>
    public static bool Matches(string? ifNoneMatch, string entityTag)
    {
        foreach (var range in ifNoneMatch.AsSpan().Split(','))
        {
            var tag = ifNoneMatch.AsSpan(range).Trim();
            if (tag.StartsWith("W/", StringComparison.Ordinal))
                tag = tag[2..];
            if (tag is "*" || tag.SequenceEqual(entityTag))
                return true;
        }

        return false;
    }

    private static bool IsAboveZero(ReadOnlySpan<char> weight) =>
        !weight.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
        || (double.TryParse(weight[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value > 0);
}
