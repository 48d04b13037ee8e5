using StateRelay.Benchmarks.FanOut.Load;
using StateRelay.Benchmarks.FanOut.Peers;

namespace StateRelay.Benchmarks.FanOut.Scenarios;

/// <summary>A server that takes part in a scenario, and the clients that it is given.</summary>
/// <param name="Name">In tables.</param>
/// <param name="Peer">Its name in the <see cref="PeerCatalog"/>.</param>
/// <param name="Plan">How its clients speak.</param>
internal sealed record Contender(string Name, string Peer, CrowdPlan Plan)
{
    public static Contender Raw { get; } = new("raw: a write a message", PeerCatalog.Raw, CrowdPlan.Bare);

    public static Contender RawBatched { get; } = new("raw: a write a burst", PeerCatalog.RawBatched, CrowdPlan.Bare);

    public static Contender SignalR { get; } = new("SignalR, JSON, `Clients.All`", PeerCatalog.SignalR, CrowdPlan.SignalR);

    public static Contender ListenerLoop { get; } = new("HttpListener, loop over clients", PeerCatalog.ListenerLoop, CrowdPlan.Bare);

    public static Contender KestrelChannels { get; } = new("Kestrel, channel and task a client", PeerCatalog.KestrelChannels, CrowdPlan.Bare);

    public static Contender RelayPlain { get; } = new("StateRelay on HttpListener, plain", PeerCatalog.Relay, CrowdPlan.PlainEvents);

    public static Contender RelayV1 { get; } = new("StateRelay on HttpListener, v1", PeerCatalog.Relay, CrowdPlan.V1Events);

    public static Contender MappedPlain { get; } =
        new("StateRelay.AspNetCore on Kestrel, plain", PeerCatalog.MappedRelay, CrowdPlan.PlainEvents.Below(MappedRelayPeer.Place));

    public static Contender MappedV1 { get; } =
        new("StateRelay.AspNetCore on Kestrel, v1", PeerCatalog.MappedRelay, CrowdPlan.V1Events.Below(MappedRelayPeer.Place));
}
