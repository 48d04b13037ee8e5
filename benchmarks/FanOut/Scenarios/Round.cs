using System.Diagnostics;

using StateRelay.Benchmarks.FanOut.Load;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>
/// One round: connects a crowd, has messages published, measures for a while, stops, waits for what is on its way, and sees whether every
/// client got every message once and in order.
/// </summary>
internal static class Round
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Measured Run(ServerProcess server, CrowdPlan plan, int clients, Pace pace, TimeSpan settle, TimeSpan window)
    {
        using var crowd = new Crowd(server.Port, clients, plan);
        crowd.Connect();
        var faults = new List<string>();
        if (crowd.Served != clients || !AllAreKnown(server, clients))
            return new Measured { Faults = [$"{clients - crowd.Served} of {clients} clients not served: {crowd.FirstProblem}"] };

        var first = server.Ask(pace.Start);
        var credit = pace.PerSecond > 0 ? null : Credit(server, crowd);
        crowd.Read(settle, credit);
        var measured = Measure(server, crowd, window, credit);
        var last = server.Ask("stop");
        crowd.ReadUntil(() => crowd.Slowest >= last, Patience);

        var missing = crowd.Clients.Count(client =>
            !client.IsStuck && (client.Last != last || (!plan.MaySkip && (client.First != first || client.Messages != last - first + 1))));
        Note(missing, "clients without every message");
        Note(crowd.Gaps, "gaps");
        Note(crowd.Reordered, "messages out of order");
        Note(crowd.Lost, $"clients lost ({crowd.FirstProblem})");
        Note(crowd.ProtocolErrors, "protocol errors");
        Note(last < first ? 1 : 0, "round in which nothing was published");
        return measured with { Faults = faults };

        void Note(long count, string what)
        {
            if (count > 0)
                faults.Add($"{count} {what}");
        }
    }

    /// <summary>Waits until the server knows so many clients: a bare one takes them a little after their upgrade.</summary>
    public static bool AllAreKnown(ServerProcess server, int clients)
    {
        var began = Stopwatch.GetTimestamp();
        while (server.Ask("clients") != clients)
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
                return false;
            Thread.Sleep(5);
        }

        return true;
    }

    private static Measured Measure(ServerProcess server, Crowd crowd, TimeSpan window, Action? credit)
    {
        var (published, allocated) = (server.Ask("published"), server.Ask("allocated"));
        crowd.Latency.Clear();
        var (messages, frames, bytes) = (crowd.Messages, crowd.Frames, crowd.Bytes);
        var (serverCpu, clientCpu, began) = (server.Cpu, Libc.ThreadCpu(), Stopwatch.GetTimestamp());
        crowd.Read(window, credit);
        var took = Stopwatch.GetElapsedTime(began);
        (serverCpu, clientCpu) = (server.Cpu - serverCpu, Libc.ThreadCpu() - clientCpu);
        (messages, frames, bytes) = (crowd.Messages - messages, crowd.Frames - frames, crowd.Bytes - bytes);
        return new Measured
        {
            Faults = [],
            Seconds = took.TotalSeconds,
            Messages = messages,
            Frames = frames,
            Bytes = bytes,
            Published = server.Ask("published") - published,
            ServerCpu = serverCpu,
            ClientCpu = clientCpu,
            Allocated = server.Ask("allocated") - allocated,
            P50 = crowd.Latency.At(0.5),
            P99 = crowd.Latency.At(0.99),
        };
    }

    private static Action Credit(ServerProcess server, Crowd crowd)
    {
        var told = 0L;
        return () =>
        {
            if (crowd.Slowest is var slowest && slowest > told)
                server.Acknowledge(told = slowest);
        };
    }
}
