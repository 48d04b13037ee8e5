namespace StateRelay.Events;

/// <summary>
/// Finds who is named by <c>@login</c> in a text, with GitHub's boundaries: no ASCII letter, digit or <c>_</c> before the <c>@</c> (that
/// would be a mail address) and no <c>/</c> (part of a link); and after the name no such letter, no <c>/</c> (a team), and no dot
/// that something follows (a host name).
/// </summary>
internal static class Mentions
{
    private const int MaxLoginChars = 64;

    /// <summary>Adds every login that <paramref name="text"/> mentions to <paramref name="people"/>, until those are <paramref name="most"/>.</summary>
    public static void Collect(ReadOnlySpan<char> text, ISet<string> people, int most = int.MaxValue)
    {
        var from = 0;
        while (people.Count < most && NextMention(text, ref from) is { IsEmpty: false } login)
            people.Add(login.ToString());
    }

    /// <summary>Whether <paramref name="text"/> mentions <paramref name="login"/>, without regard to case.</summary>
    public static bool Name(ReadOnlySpan<char> text, string login)
    {
        var from = 0;
        while (NextMention(text, ref from) is { IsEmpty: false } found)
        {
            if (found.Equals(login, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>The next login mentioned from <paramref name="from"/> on, which moves behind it; empty when there is none.</summary>
    private static ReadOnlySpan<char> NextMention(ReadOnlySpan<char> text, ref int from)
    {
        while (from < text.Length && text[from..].IndexOf('@') is var found and >= 0)
        {
            var at = from + found;
            var end = at + 1;
            while (end < text.Length && IsOfLogin(text[end]))
                end++;

            from = end;
            var login = text[(at + 1)..end];
            if (login.Length is > 0 and <= MaxLoginChars && char.IsAsciiLetterOrDigit(login[0]) && BeginsAt(text, at) && EndsAt(text, end))
                return login;
        }

        from = text.Length;
        return default;
    }

    private static bool BeginsAt(ReadOnlySpan<char> text, int at) => at == 0 || (!IsWord(text[at - 1]) && text[at - 1] != '/');

    private static bool EndsAt(ReadOnlySpan<char> text, int end)
    {
        if (end == text.Length)
            return true;
        if (text[end] != '.')
            return text[end] != '/';

        var dotsEnd = text[end..].IndexOfAnyExcept('.');
        return dotsEnd < 0 || !IsWord(text[end + dotsEnd]);
    }

    private static bool IsOfLogin(char c) => IsWord(c) || c == '-';

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
