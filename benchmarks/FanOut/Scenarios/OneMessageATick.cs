using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>Goals A and B, and what G leaves to the transport: one message a tick to every client.</summary>
internal static class OneMessageATick
{
    private static readonly Contender[] Contenders =
        [Contender.Raw, Contender.RelayPlain, Contender.MappedPlain, Contender.SignalR, Contender.ListenerLoop, Contender.KestrelChannels];

    public static Section Run(Scale scale)
    {
        var pace = new Pace(250);
        var contest = Contest.Run(Contenders, pace, scale);
        var section = new Section(
            $"A, B, G: one message a tick, {scale.Clients} clients",
            "server", "CPU a message, µs", "× raw", "× SignalR", "allocated a message, bytes", "load client's CPU a message, µs");
        foreach (var contender in Contenders)
        {
            section.Row(
                contender.Name,
                $"{contest.Of(contender, Measured.Cpu)}",
                $"{contest.Ratio(contender, Contender.Raw, Measured.Cpu)}",
                $"{contest.Ratio(contender, Contender.SignalR, Measured.Cpu)}",
                $"{contest.Of(contender, Measured.AllocatedAMessage)}",
                $"{contest.Of(contender, Measured.ClientCpuAMessage)}");
        }

        var (relay, mapped) = (Contender.RelayPlain, Contender.MappedPlain);
        var above = contest.Of(relay, Measured.AllocatedAMessage).Median - contest.Of(Contender.ListenerLoop, Measured.AllocatedAMessage).Median;
        return section
            .Note($"{pace.PerSecond} messages of 256 bytes a second at most, each for all: StateRelay broadcasts an event to everyone, its clients speak the "
                + "plain event dialect. Processor time and allocation of the server's whole process over the window. HttpListener leaves Nagle's "
                + "algorithm on, which joins messages for the loop and makes them late; StateRelay turns it off. The two ancestors cannot be run "
                + "here and are left out.")
            .AtMost("A: at most 1.8 × raw on HttpListener", 1.8, contest.Ratio(relay, Contender.Raw, Measured.Cpu).Median)
            .AtMost("A: at most 0.75 × SignalR on HttpListener", 0.75, contest.Ratio(relay, Contender.SignalR, Measured.Cpu).Median)
            .AtMost("B: at most 1.7 × raw on Kestrel", 1.7, contest.Ratio(mapped, Contender.Raw, Measured.Cpu).Median)
            .AtMost("G: nothing allocated for a message: at most 10 bytes more than the loop, which allocates for publishing too", 10, above)
            .Failed(contest.Faults);
    }
}
