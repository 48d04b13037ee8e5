using StateRelay.Benchmarks.FanOut.Load;
using StateRelay.Benchmarks.FanOut.Peers;
using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>Goal E: a large state of which little changes, against sending it whole.</summary>
internal static class WholeState
{
    private static readonly Contender Relay = new("StateRelay on HttpListener, v1 state", PeerCatalog.RelayState, CrowdPlan.V1State);
    private static readonly Contender SignalR = new("SignalR, the whole state to `Clients.All`", PeerCatalog.SignalRState, CrowdPlan.SignalR);

    public static Section Run(Scale scale)
    {
        var contest = Contest.Run([Relay, SignalR], new Pace(10, TextLength: 0), scale);
        var section = new Section(
            $"E: a state of 1,000 items, 20 of which change a tick, {scale.Clients} viewers",
            "server", "bytes a viewer and tick", "× SignalR", "server's CPU a viewer and tick, µs", "× SignalR",
            "load client's CPU a viewer and tick, µs");
        foreach (var contender in (Contender[])[Relay, SignalR])
        {
            section.Row(
                contender.Name,
                $"{contest.Of(contender, Bytes)}",
                $"{contest.Ratio(contender, SignalR, Bytes)}",
                $"{contest.Of(contender, Cpu)}",
                $"{contest.Ratio(contender, SignalR, Cpu)}",
                $"{contest.Of(contender, round => Each(round, round.ClientCpu * 1e6))}");
        }

        return section
            .Note("Ten ticks a second, each of which changes two members of 20 items of about 120 bytes. StateRelay sends deltas, with a "
                + "`CoalescingInterval` of 50 ms, so that each tick is a version of its own.")
            .AtMost("at most 0.03 × the bytes of SignalR", 0.03, contest.Ratio(Relay, SignalR, Bytes).Median)
            .AtMost("at most 0.1 × the CPU of SignalR", 0.1, contest.Ratio(Relay, SignalR, Cpu).Median)
            .Failed(contest.Faults);

        double Bytes(Measured round) => Each(round, round.Bytes);

        double Cpu(Measured round) => Each(round, round.ServerCpu * 1e6);

        double Each(Measured round, double all) => all / round.Published / scale.Clients;
    }
}
