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
                $"{contest.Of(contender, BytesAMessage)}",
                $"{contest.Ratio(contender, SignalR, BytesAMessage)}",
                $"{contest.Of(contender, Measured.Cpu)}",
                $"{contest.Ratio(contender, SignalR, Measured.Cpu)}",
                $"{contest.Of(contender, Measured.ClientCpuAMessage)}");
        }

        return section
            .Note("Ten ticks a second, each of which changes two members of 20 items of about 120 bytes. StateRelay sends deltas, with a "
                + "`CoalescingInterval` of 50 ms, so that each tick is a version of its own.")
            .AtMost("at most 0.03 × the bytes of SignalR", 0.03, contest.Ratio(Relay, SignalR, BytesAMessage).Median)
            .AtMost("at most 0.1 × the CPU of SignalR", 0.1, contest.Ratio(Relay, SignalR, Measured.Cpu).Median)
            .Failed(contest.Faults);
    }

    private static double BytesAMessage(Measured round) => (double)round.Bytes / round.Messages;
}
