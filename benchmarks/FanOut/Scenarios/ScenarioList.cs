using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>Every scenario, under the letters of the goals that it measures.</summary>
internal static class ScenarioList
{
    public static IReadOnlyList<(string Letters, Func<Scale, Section> Run)> All { get; } =
    [
        ("ABG", OneMessageATick.Run),
        ("C", Bursts.Run),
        ("D", StuckClient.Run),
        ("E", WholeState.Run),
        ("J", IdleConnections.Run),
        ("K", Joins.Run),
        ("L", Webhooks.Run),
        ("M", Starts.Run),
        ("N", SecondMessage.Run),
        ("O", FlatOut.Run),
    ];
}
