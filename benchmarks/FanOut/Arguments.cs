using StateRelay.Benchmarks.FanOut.Scenarios;

namespace StateRelay.Benchmarks.FanOut;

/// <summary>What the program was asked for.</summary>
/// <param name="Scale">How much.</param>
/// <param name="Only">The letters of the goals to measure; empty for all.</param>
/// <param name="Out">The file for the tables; null for none.</param>
internal sealed record Arguments(Scale Scale, IReadOnlyList<char> Only, string? Out)
{
    public const string Usage = "FanOut [--quick] [--only A,C,...] [--out FILE], or: FanOut --million";

    /// <summary>Reads the command line; null when it is not one.</summary>
    public static Arguments? Read(string[] words)
    {
        var read = new Arguments(Scale.Full, [], null);
        for (var index = 0; index < words.Length; index++)
        {
            switch (words[index])
            {
                case "--quick":
                    read = read with { Scale = Scale.Quick };
                    break;
                case "--only" when index + 1 < words.Length && Letters(words[index + 1]) is { } letters:
                    read = read with { Only = letters };
                    index++;
                    break;
                case "--out" when index + 1 < words.Length:
                    read = read with { Out = words[++index] };
                    break;
                default:
                    return null;
            }
        }

        return read;
    }

    private static char[]? Letters(string list)
    {
        var known = ScenarioList.All.SelectMany(scenario => scenario.Letters);
        var letters = list.Split(',');
        return letters.All(letter => letter.Length == 1 && known.Contains(letter[0])) ? [.. letters.Select(letter => letter[0])] : null;
    }
}
