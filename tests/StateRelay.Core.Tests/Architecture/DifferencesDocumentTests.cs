using System.Text.RegularExpressions;

namespace StateRelay.Tests.Architecture;

/// <summary>docs/differences.md names, for each difference, tests that hold it, and docs/client.md for what the ancestor's client did; they must exist.</summary>
public sealed partial class DifferencesDocumentTests
{
    private const string Differences = "docs/differences.md";
    private const string Client = "docs/client.md";

    private static IEnumerable<string[]> Rows => Documents.Rows(Differences).Where(row => Defect().IsMatch(row[0]));

    private static IEnumerable<string[]> ClientRows => Documents.Rows(Client).Where(row => row.Length == 3 && AncestorsTest().IsMatch(row[0]));

    [Test]
    public void Each_known_defect_has_one_row()
    {
        (string Kind, int Count)[] known = [("P", 20), ("S", 29), ("G", 5), ("C", 12)];
        var expected = known.SelectMany(one => Enumerable.Range(1, one.Count).Select(number => $"{one.Kind}-{number:00}"));

        Assert.That(Rows.Select(row => row[0]), Is.EqualTo(expected));
    }

    [Test]
    public void Each_row_names_tests_and_all_of_them_exist()
    {
        Assert.That(ClientRows, Is.Not.Empty);
        NamedTests.AssertHeld(Rows.Concat(ClientRows));
    }

    [GeneratedRegex("^[PSGC]-")]
    private static partial Regex Defect();

    [GeneratedRegex("^[A-Z][A-Za-z]+(, [A-Z][A-Za-z]+)*$")]
    private static partial Regex AncestorsTest();
}
