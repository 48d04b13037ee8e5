using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>Goal C: sixteen messages published together.</summary>
internal static class Bursts
{
    public const int Together = 16;

    private static readonly Contender[] Contenders =
    [
        Contender.Raw, Contender.RawBatched, Contender.RelayV1, Contender.MappedV1,
        Contender.SignalR, Contender.ListenerLoop, Contender.KestrelChannels,
    ];

    public static Section Run(Scale scale)
    {
        var pace = new Pace(50 * Together, Together);
        var contest = Contest.Run(Contenders, pace, scale);
        var section = new Section(
            $"C: bursts of {Together} messages, {scale.Clients} clients",
            "server", "CPU a message, µs", "× raw", "× SignalR", "messages a frame", "allocated a message, bytes",
            "load client's CPU a message, µs");
        foreach (var contender in Contenders)
        {
            section.Row(
                contender.Name,
                $"{contest.Of(contender, Measured.Cpu)}",
                $"{contest.Ratio(contender, Contender.Raw, Measured.Cpu)}",
                $"{contest.Ratio(contender, Contender.SignalR, Measured.Cpu)}",
                $"{contest.Of(contender, round => (double)round.Messages / round.Frames)}",
                $"{contest.Of(contender, Measured.AllocatedAMessage)}",
                $"{contest.Of(contender, Measured.ClientCpuAMessage)}");
        }

        var relay = Contender.RelayV1;
        return section
            .Note($"{pace.PerSecond / Together} bursts a second at most, of {Together} messages of 256 bytes, published one after another without a "
                + "pause; StateRelay's clients speak v1 and follow events.")
            .AtMost("at most 0.25 × raw with a write a message, on HttpListener", 0.25, contest.Ratio(relay, Contender.Raw, Measured.Cpu).Median)
            .AtMost("at most 0.45 × SignalR, on HttpListener", 0.45, contest.Ratio(relay, Contender.SignalR, Measured.Cpu).Median)
            .Failed(contest.Faults);
    }
}
