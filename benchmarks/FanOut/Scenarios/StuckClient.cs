using StateRelay.Benchmarks.FanOut.Load;
using StateRelay.Benchmarks.FanOut.Peers;
using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>Goal D: one of the clients never reads.</summary>
internal static class StuckClient
{
    // So long that the buffers between are full before a round is measured.
    private static readonly Pace Pace = new(50, TextLength: 32_000);
    private static readonly TimeSpan UntilStuck = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static Section Run(Scale scale)
    {
        Contender healthy = Alert(Contender.RelayPlain), beside = Beside(healthy);
        var settle = scale.IsQuick ? scale.Settle : UntilStuck;
        var contest = Contest.Run([healthy, beside], scale with { Rounds = scale.RoundsForTails }, (server, contender, _, window) =>
            Round.Run(server, contender.Plan, scale.Clients, Pace, settle, window));
        var section = new Section(
            $"D: a stuck client among {scale.Clients}",
            "server", "published a second", "the others' messages a second", "their p50, ms", "their p99, ms");
        Contender[] shown = [healthy, beside];
        foreach (var contender in shown)
            Row(section, contender.Name, contest, contender);

        // These are expected to stand still: no round of theirs could count, so that only how far they come is shown.
        foreach (var contender in (Contender[])[Beside(Alert(Contender.SignalR)), Beside(Alert(Contender.ListenerLoop))])
        {
            var once = Contest.Run([contender], scale with { Rounds = 1, WarmUp = TimeSpan.Zero }, (server, contender, _, window) =>
                Round.Run(server, contender.Plan, scale.Clients, Pace, settle, window) with { Faults = [] });
            Row(section, contender.Name, once, contender);
        }

        var (without, with) = (new List<double>(), new List<double>());
        for (var round = 0; round < scale.Rounds; round++)
        {
            without.Add(HeapAfterUpdates(stuck: 0, scale, section) / 1e6);
            with.Add(HeapAfterUpdates(stuck: 1, scale, section) / 1e6);
        }

        return section
            .Note($"{Pace.PerSecond} messages of 32 KB a second, plain event dialect; the stuck one reads nothing once it is served, and all "
                + $"buffers on the way to it are full when the window begins. After {scale.Updates:N0} updates of a state of 1,000 items with "
                + $"{scale.Clients} viewers the server's managed memory was, after a full collection, {new Spread(without)} MB with all of them "
                + $"reading, and {new Spread(with)} MB with a stuck one among them; the least of each is compared.")
            .AtMost("the publish rate changes by less than 5 %", 0.05, Math.Abs(contest.Ratio(beside, healthy, Measured.PublishRate).Median - 1))
            .AtMost("the others' p99 grows by less than 5 %", 0.05, contest.Ratio(beside, healthy, round => round.P99).Median - 1)
            .AtMost("memory for the stuck one is constant: at most 1 MB more than for one who reads", 1, with.Min() - without.Min())
            .Failed(contest.Faults);
    }

    // Looks often, so that the latency is the server's.
    private static Contender Alert(Contender contender) => contender with { Plan = contender.Plan with { PollMilliseconds = 0 } };

    private static Contender Beside(Contender contender) =>
        contender with { Name = contender.Name + ", one stuck", Plan = contender.Plan with { Stuck = 1 } };

    private static void Row(Section section, string name, Contest contest, Contender contender) => section.Row(
        name,
        $"{contest.Of(contender, Measured.PublishRate)}",
        $"{contest.Of(contender, Measured.Rate)}",
        $"{contest.Of(contender, round => round.P50)}",
        $"{contest.Of(contender, round => round.P99)}");

    private static double HeapAfterUpdates(int stuck, Scale scale, Section section)
    {
        using var server = ServerProcess.Start(PeerCatalog.RelayState);
        using var crowd = new Crowd(server.Port, scale.Clients, CrowdPlan.V1State with { Stuck = stuck });
        crowd.Connect();
        var updating = Task.Run(() => server.Ask($"publish {scale.Updates}"));
        crowd.ReadUntil(() => updating.IsCompleted, Patience);
        var last = updating.Result;
        if (!crowd.ReadUntil(() => crowd.Slowest == last, Patience) || crowd.Served != scale.Clients)
        {
            section.Failed([$"{scale.Updates} updates, {stuck} stuck: {crowd.Served} clients served, the slowest at {crowd.Slowest} of {last} "
                + $"({crowd.FirstProblem})"]);
        }

        if (server.Ask("clients") is var left && left != scale.Clients)
            section.Failed([$"{scale.Updates} updates, {stuck} stuck: only {left} clients were left at the end"]);
        return server.Ask("collect");
    }
}
