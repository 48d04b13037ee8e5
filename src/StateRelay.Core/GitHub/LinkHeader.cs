namespace StateRelay.GitHub;

/// <summary>Reads the <c>Link</c> header of a list that comes in pages (RFC 8288).</summary>
internal static class LinkHeader
{
    /// <summary>The address of the next page; null when there is none, or none that can be read.</summary>
    public static Uri? Next(string? header)
    {
        // A link is an address in angle brackets and its parameters; a comma ends it, unless it stands within the brackets.
        var rest = header.AsSpan();
        while (rest.IndexOf('<') is >= 0 and var open)
        {
            rest = rest[(open + 1)..];
            var close = rest.IndexOf('>');
            if (close < 0)
                return null;

            var address = rest[..close];
            rest = rest[(close + 1)..];
            var end = rest.IndexOf('<');
            if (IsNext(end < 0 ? rest : rest[..end]))
                return IsOfTheWeb(address) && Uri.TryCreate(address.ToString(), UriKind.Absolute, out var next) ? next : null;
        }

        return null;
    }

    // Others are not followed anyway, and Uri falls over some of them with an IndexOutOfRangeException, as over "//\u202e/x|".
    private static bool IsOfTheWeb(ReadOnlySpan<char> address) =>
        address.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || address.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    private static bool IsNext(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.SplitAny(';', ','))
        {
            var parameter = parameters[range].Trim();
            if (!parameter.StartsWith("rel", StringComparison.OrdinalIgnoreCase))
                continue;
            var value = parameter[3..].TrimStart();
            if (value is ['=', ..] && value[1..].Trim().Trim('"').Equals("next", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
