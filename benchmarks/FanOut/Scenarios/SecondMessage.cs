using StateRelay.Benchmarks.FanOut.Load;
using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>Goal N: the second of two small messages to a client that answers every second one.</summary>
internal static class SecondMessage
{
    private const double LateMilliseconds = 30;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly Contender[] Contenders = [Contender.RelayPlain, Contender.MappedPlain, Contender.ListenerLoop];

    public static Section Run(Scale scale)
    {
        var section = new Section(
            "N: the second of two small messages",
            "server", $"later than {LateMilliseconds} ms, of {scale.Pairs}", "milliseconds, median and range");
        var late = Contenders.Select(contender => Run(contender, scale, section)).ToArray();
        return section
            .Note($"{scale.Pairs} times two messages of 256 bytes, one after the other, to a client that answers after every second one.")
            .AtMost("none later than 30 ms, on HttpListener", 0, late[0]);
    }

    private static double Run(Contender contender, Scale scale, Section section)
    {
        using var server = ServerProcess.Start(contender.Peer);
        var plan = contender.Plan with { AnswerToEverySecond = """{"type":"keepalive"}""", PollMilliseconds = 0 };
        using var crowd = new Crowd(server.Port, 1, plan);
        crowd.Connect();
        Round.AllAreKnown(server, 1);
        var times = new List<double>();
        for (var pair = 1; pair <= scale.Pairs; pair++)
        {
            crowd.Latency.Clear();
            server.Ask("publish 2");
            if (!crowd.ReadUntil(() => crowd.Messages == 2 * pair, Patience))
            {
                section.Failed([$"{contender.Name}: {crowd.Messages} of {2 * pair} messages came ({crowd.FirstProblem})"]);
                return double.NaN;
            }

            times.Add(crowd.Latency.At(1));
            crowd.Read(Pause);
        }

        var late = times.Count(time => time > LateMilliseconds);
        section.Row(contender.Name, $"{late}", $"{new Spread(times)}");
        return late;
    }
}
