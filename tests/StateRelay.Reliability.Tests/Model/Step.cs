using System.Globalization;

namespace StateRelay.Tests.Reliability.Model;

/// <summary>What can happen in a sequence.</summary>
internal enum StepKind
{
    Join,
    Subscribe,
    Return,
    Unsubscribe,
    Refilter,
    Pause,
    Resume,
    Rate,
    Leave,
    Drop,
    Stall,
    Unstall,
    Update,
    Say,
    Publish,
    Push,
    Kick,
    Admit,
    ChangeRights,
    Stop,
    Restart,
    Ask,
}

/// <summary>
/// One thing that happens. Its numbers mean something in every situation, if only that nothing happens: a sequence that has lost
/// some of its steps is still one. Immutable.
/// </summary>
/// <param name="Kind">What.</param>
/// <param name="Slot">To which of the few clients there are, where it is to one.</param>
/// <param name="Value">Chooses what is particular to it.</param>
internal readonly record struct Step(StepKind Kind, int Slot, int Value)
{
    public const int Slots = 6;

    private static readonly (StepKind Kind, int Weight)[] Weights =
    [
        (StepKind.Join, 10), (StepKind.Subscribe, 16), (StepKind.Return, 10), (StepKind.Unsubscribe, 3), (StepKind.Refilter, 4), (StepKind.Pause, 4),
        (StepKind.Resume, 5), (StepKind.Rate, 2), (StepKind.Leave, 3), (StepKind.Drop, 4), (StepKind.Stall, 5), (StepKind.Unstall, 5), (StepKind.Update, 22),
        (StepKind.Say, 8), (StepKind.Publish, 24), (StepKind.Push, 22), (StepKind.Kick, 1), (StepKind.Admit, 2), (StepKind.ChangeRights, 2), (StepKind.Stop, 1),
        (StepKind.Restart, 2), (StepKind.Ask, 3),
    ];

    /// <summary>A sequence that the seed decides.</summary>
    public static Step[] Sequence(int seed)
    {
        var random = new Random(seed);
        var steps = new Step[random.Next(8, 60)];
        for (var index = 0; index < steps.Length; index++)
        {
            // Most begin with somebody there.
            var kind = index < 4 ? (index % 2 == 0 ? StepKind.Join : StepKind.Subscribe) : KindAt(random.Next(Weights.Sum(one => one.Weight)));
            steps[index] = new Step(kind, random.Next(Slots), random.Next(720));
            if (index is 1 or 3)
                steps[index] = steps[index] with { Slot = steps[index - 1].Slot };
        }

        return steps;
    }

    /// <summary>A sequence as a test can keep it.</summary>
    public static string Text(IEnumerable<Step> steps) => string.Join("; ", steps);

    /// <summary>Reads what <see cref="Text"/> writes.</summary>
    public static Step[] Parse(string text) => [.. text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseOne)];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Slot} {Value}");

    private static Step ParseOne(string text)
    {
        var words = text.Split(' ');
        return new Step(Enum.Parse<StepKind>(words[0]), int.Parse(words[1], CultureInfo.InvariantCulture), int.Parse(words[2], CultureInfo.InvariantCulture));
    }

    private static StepKind KindAt(int number)
    {
        foreach (var (kind, weight) in Weights)
        {
            if (number < weight)
                return kind;
            number -= weight;
        }

        throw new ArgumentOutOfRangeException(nameof(number));
    }
}
