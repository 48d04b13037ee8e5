using System.Globalization;

namespace StateRelay.Benchmarks.FanOut.Tables;

/// <summary>What several rounds gave: their median and their range. Prints as <c>1.62 (1.58 to 1.70)</c>.</summary>
internal sealed class Spread
{
    private readonly double[] _sorted;

    // Where nothing came within a short window there is no figure for a message.
    public Spread(IEnumerable<double> values) => _sorted = [.. values.Where(double.IsFinite).Order()];

    /// <summary>NaN when there was no round.</summary>
    public double Median => _sorted.Length switch
    {
        0 => double.NaN,
        var count when count % 2 == 1 => _sorted[count / 2],
        var count => (_sorted[(count / 2) - 1] + _sorted[count / 2]) / 2,
    };

    /// <summary>Median and range, as far as there are several.</summary>
    public override string ToString() => _sorted.Length switch
    {
        0 => "none",
        1 => Short(Median),
        _ => $"{Short(Median)} ({Short(_sorted[0])} to {Short(_sorted[^1])})",
    };

    /// <summary>A number with three digits that say something, or all of its whole part.</summary>
    public static string Short(double value)
    {
        var whole = value == 0 ? 1 : (int)Math.Floor(Math.Log10(Math.Abs(value))) + 1;
        return value.ToString("N" + Math.Clamp(3 - whole, 0, 3), CultureInfo.InvariantCulture);
    }
}
