using StateRelay.Benchmarks.FanOut.Load;
using StateRelay.Benchmarks.FanOut.Peers;
using StateRelay.Benchmarks.FanOut.Tables;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>Goal J: what a connection takes that nothing happens on.</summary>
internal static class IdleConnections
{
    private const int First = 200;
    private const double Kilobyte = 1024;

    private static readonly Contender Listener = new("HttpListener, accepted and read", PeerCatalog.ListenerLoop, CrowdPlan.Bare);
    private static readonly Contender Kestrel = new("Kestrel, accepted and read", PeerCatalog.KestrelBare, CrowdPlan.Bare);
    private static readonly Contender[] Contenders = [Listener, Contender.RelayV1, Kestrel, Contender.MappedV1, Contender.SignalR];

    public static Section Run(Scale scale)
    {
        var section = new Section(
            $"J: {scale.IdleConnections:N0} idle connections",
            "server", "resident a connection, KiB", "after a full collection, KiB", "managed, KiB");
        var resident = Contenders.ToDictionary(contender => contender, contender => Run(contender, scale, section));
        return section
            .Note($"Memory of the process with {scale.IdleConnections:N0} connections, less that before the first of them and after {First} others "
                + "had come and gone, divided by their number. StateRelay's clients speak v1 and follow events.")
            .AtMost("on HttpListener at most 2 KiB more than the bare transport, after a full collection", 2, resident[Contender.RelayV1] - resident[Listener])
            .AtMost("on Kestrel at most 2 KiB more than the bare transport, after a full collection", 2, resident[Contender.MappedV1] - resident[Kestrel]);
    }

    private static double Run(Contender contender, Scale scale, Section section)
    {
        using var server = ServerProcess.Start(contender.Peer);
        using (var first = new Crowd(server.Port, Math.Min(First, scale.IdleConnections), contender.Plan))
            first.Connect();
        if (!Round.AllAreKnown(server, 0))
            section.Failed([$"{contender.Name}: clients that left are still there"]);

        var managed = server.Ask("collect");
        var resident = server.Resident;
        using var crowd = new Crowd(server.Port, scale.IdleConnections, contender.Plan);
        crowd.Connect();
        if (crowd.Served != scale.IdleConnections || !Round.AllAreKnown(server, scale.IdleConnections))
        {
            section.Failed([$"{contender.Name}: {crowd.Served} of {scale.IdleConnections} served ({crowd.FirstProblem})"]);
            return double.NaN;
        }

        crowd.Read(scale.Settle);
        var before = server.Resident - resident;
        managed = server.Ask("collect") - managed;
        resident = server.Resident - resident;
        section.Row(contender.Name, Each(before), Each(resident), Each(managed));
        return resident / Kilobyte / scale.IdleConnections;

        string Each(long bytes) => Spread.Short(bytes / Kilobyte / scale.IdleConnections);
    }
}
