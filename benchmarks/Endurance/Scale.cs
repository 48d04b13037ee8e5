namespace StateRelay.Benchmarks.Endurance;

/// <summary>How much is done.</summary>
/// <param name="IsQuick">Little of everything, in less than a minute; what a busy machine makes late is told, and need not hold.</param>
/// <param name="Minutes">How long those that run for a time do; null for as long as usual.</param>
internal sealed record Scale(bool IsQuick, int? Minutes)
{
    public int Of(int usual, int quick) => IsQuick ? quick : usual;

    public int Seconds(int usual, int quick) => Minutes * 60 ?? Of(usual, quick);
}
