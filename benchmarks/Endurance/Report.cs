using System.Globalization;
using System.Text;

namespace StateRelay.Benchmarks.Endurance;

/// <summary>What was measured, and what of it must hold. Used by one task at a time.</summary>
internal sealed class Report
{
    private readonly List<(string Scenario, string Figure, string Goal, bool? Held)> _rows = [];

    /// <summary>Whether everything that must hold did.</summary>
    public bool AllHeld => _rows.TrueForAll(row => row.Held != false);

    /// <summary>Something that must hold.</summary>
    /// <param name="scenario">Where it was measured.</param>
    /// <param name="figure">What was measured.</param>
    /// <param name="goal">What must hold.</param>
    /// <param name="held">Whether it does.</param>
    public void Must(string scenario, string figure, string goal, bool held) => Add(scenario, figure, goal, held);

    /// <summary>Something that is good to know.</summary>
    /// <param name="scenario">Where it was measured.</param>
    /// <param name="figure">What was measured.</param>
    public void Tell(string scenario, string figure) => Add(scenario, figure, "", null);

    /// <summary>All of it, as a table in Markdown.</summary>
    public string Markdown()
    {
        var text = new StringBuilder("| scenario | measured | must hold | |\n|---|---|---|---|\n");
        foreach (var (scenario, figure, goal, held) in _rows)
            text.Append(CultureInfo.InvariantCulture, $"| {scenario} | {figure} | {goal} | {held switch { true => "held", false => "**NOT HELD**", null => "" }} |\n");
        return text.ToString();
    }

    private void Add(string scenario, string figure, string goal, bool? held)
    {
        _rows.Add((scenario, figure, goal, held));
        Console.WriteLine($"{scenario}: {figure}{(held is null ? "" : $" ({goal}: {(held == true ? "held" : "NOT HELD")})")}");
    }
}

/// <summary>Writes figures as people read them.</summary>
internal static class Written
{
    public static string MiB(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");

    public static string Ms(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:F1} ms");

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
