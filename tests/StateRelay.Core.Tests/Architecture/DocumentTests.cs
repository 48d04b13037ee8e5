using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

using StateRelay.Protocol;

namespace StateRelay.Tests.Architecture;

/// <summary>What is written stays true: code in documents is compiled, JSON is parsed, links lead somewhere.</summary>
public sealed partial class DocumentTests
{
    private const string Snippets = "/Snippets/";

    // Each by its class, and by class and name.
    private static readonly HashSet<string> Tests =
        [.. Repository.Files.Where(path => path.StartsWith("tests/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal)).SelectMany(TestsIn)];

    private static IEnumerable<string> Files => Documents.Files;

    [Test]
    public void Every_CSharp_block_is_a_snippet_that_is_compiled()
    {
        var compiled = SnippetTexts().Values.ToHashSet();

        var others = Files.SelectMany(file => Documents.Blocks(file, "csharp").Where(block => !compiled.Contains(Plain(block.Text))).Select(block => $"{file}:\n{block.Text}"));

        Assert.That(others, Is.Empty, $"Every C# block must stand, word for word, between // snippet: NAME and // end snippet in a file of a test project's folder {Snippets}.");
    }

    [Test]
    public void Every_snippet_stands_in_a_document()
    {
        var written = Files.SelectMany(file => Documents.Blocks(file, "csharp")).Select(block => Plain(block.Text)).ToHashSet();

        var unused = SnippetTexts().Where(snippet => !written.Contains(snippet.Value)).Select(snippet => snippet.Key);

        Assert.That(unused, Is.Empty);
    }

    [TestCaseSource(nameof(Files))]
    public void Every_JSON_block_can_be_parsed(string file)
    {
        foreach (var (_, text) in Documents.Blocks(file, "json"))
            Assert.That(() => JsonValues(text), Throws.Nothing, text);
    }

    [Test]
    public void Every_message_of_a_client_in_the_protocol_is_one_that_the_server_takes()
    {
        var messages = Documents.Blocks("docs/protocol.md", "json").Where(block => block.Words == "client").SelectMany(block => JsonValues(block.Text)).ToArray();

        var refused = messages.Where(message => ClientMessage.Parse(Encoding.UTF8.GetBytes(message.GetRawText())).Any(read => read is ClientMessage.Bad or ClientMessage.Unknown));

        Assert.That(messages, Is.Not.Empty);
        Assert.That(refused, Is.Empty);
    }

    [Test]
    public void Every_subscription_in_the_protocol_is_one_that_can_be()
    {
        var subscriptions = Documents.Blocks("docs/protocol.md", "json").Where(block => block.Words == "subscription").SelectMany(block => JsonValues(block.Text)).ToArray();

        var problems = subscriptions.Select(subscription => ClientMessage.ParseFollow(Encoding.UTF8.GetBytes(subscription.GetRawText())))
            .Where(read => read is not ClientMessage.Follow follow || follow.Filter.Validate() is not null);

        Assert.That(subscriptions, Is.Not.Empty);
        Assert.That(problems, Is.Empty);
    }

    [TestCaseSource(nameof(Files))]
    public void Every_link_to_a_file_or_heading_leads_somewhere(string file)
    {
        var folder = Path.GetDirectoryName(file)!;

        var broken = Documents.LocalLinks(file).Where(link =>
        {
            var (path, anchor) = link.Split('#') is [var before, var after] ? (before, after) : (link, null);
            var target = path.Length == 0 ? file : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, folder, path)).Replace('\\', '/');
            return !Path.Exists(Repository.PathOf(target)) || (anchor is not null && !Documents.Anchors(target).Contains(anchor));
        });

        Assert.That(broken, Is.Empty);
    }

    [TestCaseSource(nameof(Files))]
    public void Every_test_that_is_named_exists(string file)
    {
        var unknown = NamedTest().Matches(Repository.Read(file)).Select(match => match.Groups[1].Value).Where(name => !Tests.Contains(name));

        Assert.That(unknown, Is.Empty);
    }

    /// <summary>The values of a block: one, or several after each other.</summary>
    private static List<JsonElement> JsonValues(string text)
    {
        var values = new List<JsonElement>();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
            values.Add(JsonElement.ParseValue(ref reader));
        return values;
    }

    private static Dictionary<string, string> SnippetTexts() =>
        Repository.Files.Where(path => path.StartsWith("tests/", StringComparison.Ordinal) && path.Contains(Snippets, StringComparison.Ordinal))
            .SelectMany(path => Snippet().Matches(Repository.Read(path)))
            .ToDictionary(match => match.Groups["name"].Value, match => Plain(match.Groups["text"].Value));

    private static IEnumerable<string> TestsIn(string path)
    {
        var kind = "";
        foreach (var match in TestOrItsClass().Matches(Repository.Read(path)).Cast<Match>())
        {
            if (match.Groups["class"].Success)
                kind = match.Groups["class"].Value;
            yield return match.Groups["class"].Success ? kind : $"{kind}.{match.Groups["test"].Value}";
        }
    }

    /// <summary>The text without its common indent, and without blanks at the ends of lines.</summary>
    private static string Plain(string text)
    {
        var lines = text.TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select(line => line.Length < indent ? "" : line[indent..].TrimEnd()));
    }

    [GeneratedRegex(@"^\s*// snippet: (?<name>[^\n]+)\n(?<text>[\s\S]*?)^\s*// end snippet", RegexOptions.Multiline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"`(\w+(?:Tests|Contract)(?:\.\w+)?)`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"^(?:public|internal)[\w ]* class (?<class>\w+)|public\s+(?:async\s+)?(?:Task|void)\s+(?<test>\w+)\s*\(", RegexOptions.Multiline)]
    private static partial Regex TestOrItsClass();
}
