using System.Text.RegularExpressions;

namespace StateRelay.Tests.Architecture;

/// <summary>The repository's Markdown: its code blocks, tables, headings and links.</summary>
internal static partial class Documents
{
    public static IEnumerable<string> Files => Repository.Files.Where(path => path.EndsWith(".md", StringComparison.Ordinal));

    /// <summary>Code blocks whose first line names the language, with the words after it.</summary>
    public static IEnumerable<(string Words, string Text)> Blocks(string file, string language) =>
        Fence().Matches(Repository.Read(file)).Where(match => match.Groups["language"].Value == language).Select(match => (match.Groups["words"].Value.Trim(), match.Groups["text"].Value));

    /// <summary>Rows of all tables, as trimmed cells, headings and rules left out.</summary>
    public static IEnumerable<string[]> Rows(string file)
    {
        var lines = Fence().Replace(Repository.Read(file), "").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var isHeading = i + 1 < lines.Length && lines[i + 1].StartsWith("|-", StringComparison.Ordinal);
            if (lines[i].StartsWith("| ", StringComparison.Ordinal) && !isHeading)
                yield return [.. Cell().Split(lines[i].Trim()[1..^1]).Select(cell => cell.Trim())];
        }
    }

    /// <summary>Targets of links that lead to something in the repository.</summary>
    public static IEnumerable<string> LocalLinks(string file) =>
        Link().Matches(Fence().Replace(Repository.Read(file), "")).Select(match => match.Groups[1].Value).Where(target => !target.Contains("://") && !target.StartsWith("mailto:", StringComparison.Ordinal));

    /// <summary>The names by which a link can lead to a heading.</summary>
    public static IEnumerable<string> Anchors(string file) =>
        Heading().Matches(Fence().Replace(Repository.Read(file), "")).Select(match => NotInAnchors().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"^```(?<language>\w+)(?<words>[^\n]*)\n(?<text>[\s\S]*?)^```", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Cell();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+\s+(.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
