using StateRelay.Benchmarks.FanOut.Load;
using StateRelay.Benchmarks.FanOut.Peers;
using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>Goal K: many come back at once, all from the same position.</summary>
internal static class Joins
{
    private static readonly TimeSpan BetweenVersions = TimeSpan.FromMilliseconds(300);

    private static readonly Contender Relay = new("StateRelay on HttpListener, v1 state, resuming", PeerCatalog.RelayState, CrowdPlan.V1State);
    private static readonly Contender Listener =
        new("HttpListener, accepted and sent one message", PeerCatalog.ListenerGreeting, CrowdPlan.Bare with { ReadyMark = "\"tick\"" });

    public static Section Run(Scale scale)
    {
        var deltas = new List<double>();
        var contest = Contest.Run([Listener, Relay], scale, (server, contender, _, _) =>
            contender == Relay ? Resume(server, scale, deltas) : Join(server, contender.Plan, scale));
        var section = new Section(
            $"K: {scale.Joins:N0} joins from the same position",
            "server", "joins a second", "× HttpListener", "server's CPU a join, µs");
        foreach (var contender in (Contender[])[Listener, Relay])
        {
            section.Row(
                contender.Name,
                $"{contest.Of(contender, Measured.Rate)}",
                $"{contest.Ratio(contender, Listener, Measured.Rate)}",
                $"{contest.Of(contender, Measured.Cpu)}");
        }

        return section
            .Note("All connect, 64 handshakes under way at once, and are served when they have the delta of two ticks of a state of 1,000 items "
                + "(StateRelay), or a message of 256 bytes. Deltas computed are StateRelay's own count (`staterelay.deltas`).")
            .AtMost($"one delta computed for {scale.Joins:N0} joins", 1, deltas.Count == 0 ? double.NaN : deltas.Max())
            .AtLeast("at least 0.8 × the bare transport's joins a second", 0.8, contest.Ratio(Relay, Listener, Measured.Rate).Median)
            .Failed(contest.Faults);
    }

    private static Measured Resume(ServerProcess server, Scale scale, List<double> deltas)
    {
        // Somebody must watch, or no versions are made.
        using var watcher = new Crowd(server.Port, 1, CrowdPlan.V1State);
        watcher.Connect();
        var position = Position(server.Port);
        for (var tick = 0; tick < 2; tick++)
        {
            var published = server.Ask("publish 1");
            watcher.ReadUntil(() => watcher.Slowest == published, BetweenVersions);
            watcher.Read(BetweenVersions);
        }

        var before = server.Ask("deltas");
        var measured = Join(server, CrowdPlan.V1State with
        {
            First = $$$"""{"type":"subscribe","id":1,"topic":"state","since":{"epoch":"{{{position.Epoch}}}","seq":{{{position.Seq}}}}}""",
            ReadyMark = "\"state_delta\"",
        }, scale);
        deltas.Add(server.Ask("deltas") - before);
        return measured;
    }

    private static Measured Join(ServerProcess server, CrowdPlan plan, Scale scale)
    {
        using var crowd = new Crowd(server.Port, scale.Joins, plan);
        var cpu = server.Cpu;
        var took = crowd.Connect();
        cpu = server.Cpu - cpu;
        return new Measured
        {
            Faults = crowd.Served == scale.Joins ? [] : [$"{crowd.Served} of {scale.Joins} served ({crowd.FirstProblem})"],
            Seconds = took.TotalSeconds,
            Messages = scale.Joins,
            ServerCpu = cpu,
        };
    }

    /// <summary>The position of the state now: the tag of its document.</summary>
    private static (string Epoch, string Seq) Position(int port)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var answer = http.Send(new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{port}/api/state"));
        return answer.Headers.ETag!.Tag.Trim('"').Split(':') is [var epoch, var seq]
            ? (epoch, seq)
            : throw new IOException("The state's tag is no position.");
    }
}
