namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>Every peer by the name that a server's process is started with.</summary>
internal static class PeerCatalog
{
    public const string Raw = "raw", RawBatched = "raw-batched";
    public const string ListenerLoop = "listener-loop", ListenerGreeting = "listener-greeting", ListenerWebhooks = "listener-webhooks";
    public const string KestrelBare = "kestrel-bare", KestrelChannels = "kestrel-channels";
    public const string SignalR = "signalr", SignalRState = "signalr-state";
    public const string Relay = "relay", RelayState = "relay-state", RelayWebhooks = "relay-webhooks", RelayJob = "relay-job";
    public const string MappedRelay = "mapped-relay";

    /// <summary>The secret that webhooks are signed with.</summary>
    public const string Secret = "the secret of these benchmarks";

    /// <summary>Makes a peer; null for a name that none has.</summary>
    public static IPeer? Make(string name) => name switch
    {
        Raw => new RawPeer(batched: false),
        RawBatched => new RawPeer(batched: true),
        ListenerLoop => new ListenerLoopPeer(),
        ListenerGreeting => new ListenerLoopPeer(greets: true),
        ListenerWebhooks => new ListenerWebhooksPeer(Secret),
        KestrelBare => new KestrelBarePeer(),
        KestrelChannels => new KestrelChannelsPeer(),
        SignalR => new SignalRPeer(),
        SignalRState => new SignalRPeer(new Fleet()),
        Relay => new RelayPeer(),
        RelayState => new RelayPeer(changesState: true),
        RelayWebhooks => new RelayPeer(webhooks: new Secret(Secret)),
        MappedRelay => new MappedRelayPeer(),
        RelayJob => new RelayJobPeer(),
        _ => null,
    };
}
