using System.Globalization;

using StateRelay.Benchmarks.FanOut.Peers;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>How messages are published.</summary>
/// <param name="PerSecond">How many a second; 0 for flat out.</param>
/// <param name="Burst">How many together.</param>
/// <param name="TextLength">How long the text in each is.</param>
internal sealed record Pace(double PerSecond, int Burst = 1, int TextLength = Tick.TextLength)
{
    /// <summary>What a server is told to begin with.</summary>
    public string Start => string.Create(CultureInfo.InvariantCulture, $"start {PerSecond} {Burst} {TextLength}");
}
