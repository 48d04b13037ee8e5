namespace StateRelay.Benchmarks.FanOut;

/// <summary>How long and how large everything is done.</summary>
internal sealed record Scale
{
    /// <summary>What figures are taken with.</summary>
    public static Scale Full { get; } = new();

    /// <summary>What only shows that everything runs and the counts are right.</summary>
    public static Scale Quick { get; } = new()
    {
        IsQuick = true,
        Rounds = 1,
        RoundsForTails = 1,
        WarmUp = TimeSpan.Zero,
        Settle = TimeSpan.FromMilliseconds(50),
        Window = TimeSpan.FromMilliseconds(250),
        Clients = 20,
        IdleConnections = 200,
        Joins = 200,
        Subscribers = 50,
        Updates = 10_000,
        Pairs = 10,
        Starts = 1,
    };

    /// <summary>Whether the figures mean nothing.</summary>
    public bool IsQuick { get; init; }

    /// <summary>Rounds of each contender, in turn.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>The same where a difference of a few percent between tails is looked for.</summary>
    public int RoundsForTails { get; init; } = 7;

    /// <summary>How long each server works at most before its first round, so that its code is compiled for good by then; zero for not at all.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(24);

    /// <summary>How long it works between two looks at whether it still compiles.</summary>
    public TimeSpan WarmUpStep { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>It is warm when it compiled fewer methods than this between two looks.</summary>
    public int FewMethods { get; init; } = 40;

    /// <summary>How long a round goes before it is measured.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>How long a round is measured.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMilliseconds(1750);

    public int Clients { get; init; } = 200;

    public int IdleConnections { get; init; } = 10_000;

    public int Joins { get; init; } = 5_000;

    public int Subscribers { get; init; } = 1_000;

    public int Updates { get; init; } = 1_000_000;

    public int Pairs { get; init; } = 100;

    public int Starts { get; init; } = 10;
}
