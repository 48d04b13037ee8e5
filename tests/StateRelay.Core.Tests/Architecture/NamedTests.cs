using System.Text.RegularExpressions;

namespace StateRelay.Tests.Architecture;

/// <summary>The tests that documents name as <c>Class.Method</c>, and those that there are.</summary>
internal static partial class NamedTests
{
    /// <summary>Every test of the repository; those of a contract are of the contract, whatever runs them.</summary>
    private static readonly HashSet<string> All =
    [
        .. Repository.Files.Where(path => path.StartsWith("tests/", StringComparison.Ordinal) && (path.EndsWith("Tests.cs", StringComparison.Ordinal) || path.EndsWith("Contract.cs", StringComparison.Ordinal)))
            .SelectMany(path => Method().Matches(Repository.Read(path)).Select(match => $"{Path.GetFileNameWithoutExtension(path)}.{match.Groups[1].Value}")),
    ];

    /// <summary>Asserts that the last cell of each row names tests, and that all of them exist.</summary>
    public static void AssertHeld(IEnumerable<string[]> rows)
    {
        foreach (var row in rows)
        {
            var named = InBackticks().Matches(row[^1]).Select(match => match.Groups[1].Value).ToArray();
            Assert.That(named, Is.Not.Empty, row[0]);
            Assert.That(named.Where(test => !All.Contains(test)), Is.Empty, row[0]);
        }
    }

    [GeneratedRegex(@"public\s+(?:async\s+)?(?:Task|void)\s+(\w+)\s*\(")]
    private static partial Regex Method();

    [GeneratedRegex(@"`([^`]+)`")]
    private static partial Regex InBackticks();
}
