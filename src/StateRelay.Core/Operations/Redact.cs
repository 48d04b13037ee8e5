using System.Buffers;
using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace StateRelay;

/// <summary>Takes out of a text what viewers must not see.</summary>
public static partial class Redact
{
    private const string Nothing = "***";

    // Only what says which server and which database; a member nobody thought of is left out, not shown.
    private static readonly FrozenSet<string> Identifying = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "host", "hostaddr", "server", "datasource", "address", "addr", "networkaddress", "port", "database", "initialcatalog", "dbname",
        "filename", "service", "applicationname");

    private static readonly SearchValues<char> Ambiguous = SearchValues.Create("=@;'\"{}");

    /// <summary>
    /// What identifies the other end of a connection string, without its secrets: host, port, database and their like of
    /// <c>key=value</c> pairs, joined by semicolons or spaces; scheme, host, port and path of an address. User names, passwords,
    /// queries and all else are left out; a text that cannot be read with certainty becomes <c>***</c>.
    /// </summary>
    public static string ConnectionString(string connectionString)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        var text = connectionString.Trim();
        if (Scheme.Match(text) is { Success: true } scheme)
            return scheme.Value + WithoutUser(text[scheme.Length..]);

        var semicolons = text.Contains(';');
        var kept = new List<string>();
        foreach (Match pair in (semicolons ? SemicolonPair : SpacePair).Matches(text))
        {
            var value = pair.Groups["value"].Value.Trim();
            if (Identifying.Contains(pair.Groups["key"].Value.Replace(" ", "", StringComparison.Ordinal)) && IsPlain(value))
                kept.Add($"{pair.Groups["key"].Value.Trim()}={value}");
        }

        return kept.Count == 0 ? Nothing : string.Join(semicolons ? ';' : ' ', kept);
    }

    /// <summary>An address after its scheme. An @ behind the host could end a password that was not escaped: then nothing is certain.</summary>
    private static string WithoutUser(string address)
    {
        var end = address.AsSpan().IndexOfAny('/', '?', '#');
        var authority = end < 0 ? address : address[..end];
        var rest = end < 0 ? "" : address[end..];
        if (rest.Contains('@'))
            return Nothing;

        var host = authority[(authority.LastIndexOf('@') + 1)..].Split(';')[0];
        var path = rest.Split('?', '#', ';')[0];
        return host + path;
    }

    /// <summary>A value with any of these in it may hold more than one value.</summary>
    private static bool IsPlain(string value) => value.Length > 0 && !value.AsSpan().ContainsAny(Ambiguous);

    [GeneratedRegex(@"^([a-z][a-z0-9+.\-]*:)+//", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Scheme { get; }

    // A value that begins with a quote ends with that quote, or with the text.
    [GeneratedRegex(
        """\G[\s;]*(?<key>[^=;]+?)\s*=\s*(?<value>"(?:[^"]|"")*("|\z)|'(?:[^']|'')*('|\z)|\{[^}]*(\}|\z)|[^;]*)[^;]*(;|\z)""",
        RegexOptions.CultureInvariant)]
    private static partial Regex SemicolonPair { get; }

    [GeneratedRegex(
        """\G\s*(?<key>[^=\s]+)\s*=\s*(?<value>'(?:[^'\\]|\\.)*('|\z)|"(?:[^"]|"")*("|\z)|\S*)""",
        RegexOptions.CultureInvariant)]
    private static partial Regex SpacePair { get; }
}
