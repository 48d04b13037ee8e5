using System.Diagnostics;

using StateRelay.Benchmarks.FanOut.Load;
using StateRelay.Benchmarks.FanOut.Peers;
using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>Goal L: GitHub's deliveries in, events out to those who follow the organization.</summary>
internal static class Webhooks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly CrowdPlan Followers = CrowdPlan.PlainEvents with
    {
        Headers = "Authorization: Bearer token{i}\r\n",
        First = """{"organization":"org{i}"}""",
        Groups = Relayed.Organizations,
        InOrder = false,
        PollMilliseconds = 0,
    };

    private static readonly Contender Relay = new("StateRelay on HttpListener", PeerCatalog.RelayWebhooks, Followers);
    private static readonly Contender Listener =
        new("HttpListener, checks the signature and loops over clients", PeerCatalog.ListenerWebhooks, Followers);

    public static Section Run(Scale scale)
    {
        var contest = Contest.Run([Relay, Listener], scale, (server, contender, settle, window) =>
            Deliver(server, contender.Plan, scale.Subscribers, settle, window));
        var section = new Section(
            $"L: webhooks, {scale.Subscribers:N0} subscribers in {Relayed.Organizations} organizations",
            "server", "deliveries a second", "× the loop", "p50, ms", "p99, ms", "p99 × the loop", "server's CPU a delivery, µs");
        foreach (var contender in (Contender[])[Relay, Listener])
        {
            section.Row(
                contender.Name,
                $"{contest.Of(contender, Measured.PublishRate)}",
                $"{contest.Ratio(contender, Listener, Measured.PublishRate)}",
                $"{contest.Of(contender, round => round.P50)}",
                $"{contest.Of(contender, round => round.P99)}",
                $"{contest.Ratio(contender, Listener, round => round.P99)}",
                $"{contest.Of(contender, round => round.ServerCpu / round.Published * 1e6)}");
        }

        return section
            .Note("Signed deliveries of 5 KB over 8 connections, each sending the next when the last was answered; the time is from sending a "
                + "delivery until a subscriber has its event. The ancestor cannot be run here: it is compared with what one writes by hand.")
            .AtLeast("at least 2 × the deliveries a second", 2, contest.Ratio(Relay, Listener, Measured.PublishRate).Median)
            .AtMost("at most half the p99", 0.5, contest.Ratio(Relay, Listener, round => round.P99).Median)
            .Failed(contest.Faults);
    }

    private static Measured Deliver(ServerProcess server, CrowdPlan plan, int subscribers, TimeSpan settle, TimeSpan window)
    {
        using var crowd = new Crowd(server.Port, subscribers, plan);
        crowd.Connect();
        if (crowd.Served != subscribers || !Round.AllAreKnown(server, subscribers))
            return new Measured { Faults = [$"{crowd.Served} of {subscribers} served ({crowd.FirstProblem})"] };

        using var deliveries = new Deliveries(server.Port, Relayed.Organizations, PeerCatalog.Secret);
        deliveries.Start(crowd);
        crowd.Read(settle);
        crowd.Latency.Clear();
        var (accepted, messages, cpu, began) = (deliveries.AcceptedInAll, crowd.Messages, server.Cpu, Stopwatch.GetTimestamp());
        crowd.Read(window);
        var measured = new Measured
        {
            Faults = [],
            Seconds = Stopwatch.GetElapsedTime(began).TotalSeconds,
            Published = deliveries.AcceptedInAll - accepted,
            Messages = crowd.Messages - messages,
            ServerCpu = server.Cpu - cpu,
            P50 = crowd.Latency.At(0.5),
            P99 = crowd.Latency.At(0.99),
        };

        deliveries.Stop();
        crowd.ReadUntil(() => deliveries.AreAllAnswered && crowd.Clients.All(HasEverything), Patience);
        var without = crowd.Clients.Count(client => !HasEverything(client));
        var faults = new List<string>();
        if (without > 0)
            faults.Add($"{without} subscribers without every event, or with more");
        if (deliveries.Refused > 0)
            faults.Add($"{deliveries.Refused} deliveries not accepted ({deliveries.FirstProblem})");
        if (crowd.Lost + crowd.ProtocolErrors > 0)
            faults.Add($"{crowd.Lost} subscribers lost, {crowd.ProtocolErrors} protocol errors ({crowd.FirstProblem})");
        return measured with { Faults = faults };

        bool HasEverything(Connection client) => client.Messages == deliveries.Accepted[client.Index % Relayed.Organizations];
    }
}
