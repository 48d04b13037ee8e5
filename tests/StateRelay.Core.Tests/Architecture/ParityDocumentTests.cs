using System.Text.RegularExpressions;

namespace StateRelay.Tests.Architecture;

/// <summary>docs/parity.md names, for each line of the ancestors' tests, tests of ours that hold it; they must exist.</summary>
public sealed partial class ParityDocumentTests
{
    private const string Parity = "docs/parity.md";

    private static IEnumerable<string[]> Rows => Documents.Rows(Parity);

    [Test]
    public void Each_row_names_tests_and_all_of_them_exist()
    {
        Assert.That(Rows, Is.Not.Empty.And.All.Length.EqualTo(3));
        NamedTests.AssertHeld(Rows);
    }

    [Test]
    public void No_line_stands_there_twice() => Assert.That(Rows.Select(row => row[0]), Is.Unique);

    [Test]
    public void Each_difference_that_is_named_is_listed()
    {
        var listed = Documents.Rows("docs/differences.md").Select(row => row[0]).ToHashSet();

        var named = Difference().Matches(Repository.Read(Parity)).Select(match => match.Value).Distinct().ToArray();

        Assert.That(named, Is.Not.Empty.And.SubsetOf(listed));
    }

    [GeneratedRegex(@"\b[PSG]-\d\d\b")]
    private static partial Regex Difference();
}
