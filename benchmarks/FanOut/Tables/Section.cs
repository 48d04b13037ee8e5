using System.Text;

namespace StateRelay.Benchmarks.FanOut.Tables;

/// <summary>What is written about one scenario: a table, how it was taken, what was aimed at and whether that was reached.</summary>
/// <param name="title">Its heading.</param>
/// <param name="columns">The heads of its table.</param>
internal sealed class Section(string title, params string[] columns)
{
    private readonly List<string[]> _rows = [];
    private readonly List<string> _goals = [];
    private readonly List<string> _faults = [];
    private string _note = "";

    public IReadOnlyList<string> Faults => _faults;

    public Section Row(params string[] cells)
    {
        _rows.Add(cells);
        return this;
    }

    /// <summary>How it was taken.</summary>
    public Section Note(string note)
    {
        _note = note;
        return this;
    }

    /// <summary>What was aimed at: a figure that is at most so much.</summary>
    public Section AtMost(string goal, double limit, double figure) => Goal(goal, figure, figure <= limit);

    /// <summary>What was aimed at: a figure that is at least so much.</summary>
    public Section AtLeast(string goal, double limit, double figure) => Goal(goal, figure, figure >= limit);

    /// <summary>Rounds that did not count.</summary>
    public Section Failed(IEnumerable<string> faults)
    {
        _faults.AddRange(faults);
        return this;
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder().Append("### ").AppendLine(title).AppendLine();
        Line(columns);
        Line([.. columns.Select((_, index) => index == 0 ? "---" : "---:")]);
        foreach (var row in _rows)
            Line(row);
        text.AppendLine().AppendLine(_note).AppendLine();
        foreach (var goal in _goals)
            text.Append("* ").AppendLine(goal);
        foreach (var fault in _faults)
            text.Append("* Not counted: ").Append(fault).AppendLine(".");
        return text.ToString();

        void Line(string[] cells) => text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
    }

    private Section Goal(string goal, double figure, bool isReached)
    {
        _goals.Add(double.IsNaN(figure)
            ? $"Goal: {goal}. Not measured."
            : $"Goal: {goal}. {(isReached ? "Reached" : "**Not reached**")}: {Spread.Short(figure)}.");
        return this;
    }
}
