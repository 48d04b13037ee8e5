using StateRelay.Benchmarks.FanOut.Load;
using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>
/// Contenders who take turns, round by round, and what they gave. Each peer has a process that lives for all rounds, also where it contends
/// twice.
/// </summary>
internal sealed class Contest
{
    private readonly Dictionary<Contender, List<Measured>> _rounds = [];

    /// <summary>Rounds that do not count, as sentences.</summary>
    public IEnumerable<string> Faults =>
        from contender in _rounds
        from measured in contender.Value.Index()
        where !measured.Item.Counts
        select $"{contender.Key.Name}, round {measured.Index + 1}: {string.Join(", ", measured.Item.Faults)}";

    /// <summary>Runs them all.</summary>
    /// <param name="contenders">In the order of their turns.</param>
    /// <param name="pace">For all of them.</param>
    /// <param name="scale">How long and how often.</param>
    public static Contest Run(IReadOnlyList<Contender> contenders, Pace pace, Scale scale) =>
        Run(contenders, scale, (server, contender, settle, window) => Round.Run(server, contender.Plan, scale.Clients, pace, settle, window));

    /// <summary>Runs them all.</summary>
    /// <param name="contenders">In the order of their turns.</param>
    /// <param name="scale">How long and how often.</param>
    /// <param name="run">Runs one round: how long before it is measured, how long it is.</param>
    public static Contest Run(IReadOnlyList<Contender> contenders, Scale scale, Func<ServerProcess, Contender, TimeSpan, TimeSpan, Measured> run)
    {
        var contest = new Contest();
        var servers = contenders.Select(contender => contender.Peer).Distinct().AsParallel().ToDictionary(peer => peer, ServerProcess.Start);
        try
        {
            foreach (var contender in contenders)
                contest._rounds[contender] = [];

            // All at once, each in a thread of its own: one after the other it would take longer than everything that is measured.
            Task.WaitAll([.. contenders.DistinctBy(contender => contender.Peer).Select(contender => Task.Factory.StartNew(
                () => WarmUp(servers[contender.Peer], scale, step => run(servers[contender.Peer], contender, step, TimeSpan.Zero)),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))]);

            for (var round = 0; round < scale.Rounds; round++)
            {
                foreach (var contender in contenders)
                    contest._rounds[contender].Add(run(servers[contender.Peer], contender, scale.Settle, scale.Window));
            }
        }
        finally
        {
            foreach (var server in servers.Values)
                server.Dispose();
        }

        return contest;
    }

    /// <summary>Lets a server work until hardly anything more is compiled in it: compiling would be counted as its work.</summary>
    private static void WarmUp(ServerProcess server, Scale scale, Action<TimeSpan> work)
    {
        for (var worked = TimeSpan.Zero; worked < scale.WarmUp; worked += scale.WarmUpStep)
        {
            var compiled = server.Ask("compiled");
            work(scale.WarmUpStep);
            if (server.Ask("compiled") - compiled < scale.FewMethods)
                return;
        }
    }

    /// <summary>A figure of those rounds that count.</summary>
    public Spread Of(Contender contender, Func<Measured, double> figure) => new(_rounds[contender].Where(measured => measured.Counts).Select(figure));

    /// <summary>A figure in proportion to another contender's in the same round.</summary>
    public Spread Ratio(Contender contender, Contender to, Func<Measured, double> figure) => new(
        from pair in _rounds[contender].Zip(_rounds[to])
        where pair.First.Counts && pair.Second.Counts
        select figure(pair.First) / figure(pair.Second));
}
