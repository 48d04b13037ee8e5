namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>What StateRelay serves here, whichever server it runs on: events of a hub for people of 50 organizations, and a state.</summary>
internal sealed class Relayed : IDisposable
{
    public const int Organizations = 50;

    /// <summary>Whether what is published changes the state; else it is broadcast to everyone.</summary>
    public bool ChangesState { get; init; }

    public Hub Hub { get; } = new();

    public StateStore<Fleet> State { get; } = new(new Fleet(), FleetJson.Default.Fleet);

    public IClientAuthenticator People { get; } = new StaticTokenAuthenticator(Enumerable.Range(0, Organizations).Select(index =>
        KeyValuePair.Create(new Secret($"token{index}"), new ClientIdentity($"person{index}") { Organizations = [$"org{index}"] })));

    /// <summary>The limits are raised to what one machine asks of the server here; all else stays as it comes.</summary>
    public static void Set(WebServerOptions options)
    {
        options.Port = null;
        options.MaxConnections = 100_000;
        options.MaxConnectionsPerAddress = 100_000;
        options.MaxConnectsPerMinute = 1_000_000;

        // Half a tick of the state, so that each tick is a version.
        options.CoalescingInterval = TimeSpan.FromMilliseconds(50);
    }

    public void Publish(ReadOnlyMemory<string> burst)
    {
        foreach (var text in burst.Span)
        {
            if (ChangesState)
                State.Mutate(fleet => fleet.Change(text));
            else
                Hub.Broadcast(new Event("tick") { DeliveryId = text }, EventAudience.Everyone);
        }
    }

    public void Dispose() => Hub.Dispose();
}
