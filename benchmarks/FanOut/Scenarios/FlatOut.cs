using StateRelay.Benchmarks.FanOut.Peers;
using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>Goal O: as many messages as there can be.</summary>
internal static class FlatOut
{
    private static readonly Contender Relay = Alert(Contender.RelayV1), SignalR = Alert(Contender.SignalR), Loop = Alert(Contender.ListenerLoop);
    private static readonly Contender[] Contenders = [Relay, Alert(Contender.MappedV1), SignalR, Loop];

    public static Section Run(Scale scale)
    {
        var contest = Contest.Run(Contenders, new Pace(0, Bursts.Together), scale);
        var section = new Section(
            $"O: flat out, bursts of {Bursts.Together} messages, {scale.Clients} clients",
            "server", "messages a second", "× SignalR", "× HttpListener loop", "CPU a message, µs", "load client's CPU a message, µs");
        foreach (var contender in Contenders)
        {
            section.Row(
                contender.Name,
                $"{contest.Of(contender, Measured.Rate)}",
                $"{contest.Ratio(contender, SignalR, Measured.Rate)}",
                $"{contest.Ratio(contender, Loop, Measured.Rate)}",
                $"{contest.Of(contender, Measured.Cpu)}",
                $"{contest.Of(contender, Measured.ClientCpuAMessage)}");
        }

        return section
            .Note($"Whoever publishes is at most {Publisher.Window} messages ahead of the slowest client, whichever the server. StateRelay's "
                + "clients speak v1 and follow events.")
            .AtLeast("at least 4 × SignalR, on HttpListener", 4, contest.Ratio(Relay, SignalR, Measured.Rate).Median)
            .AtLeast("at least 15 × the loop, on HttpListener", 15, contest.Ratio(Relay, Loop, Measured.Rate).Median)
            .Failed(contest.Faults);
    }

    // Looks often, so that nobody waits for the client.
    private static Contender Alert(Contender contender) => contender with { Plan = contender.Plan with { PollMilliseconds = 1 } };
}
