namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>A server that sends what is published to every client: StateRelay, or one that people would write or take instead.</summary>
internal interface IPeer : IAsyncDisposable
{
    /// <summary>Clients that a message would reach now.</summary>
    int Clients { get; }

    /// <summary>Begins to listen on a free port of this machine; gives the port.</summary>
    Task<int> StartAsync();

    /// <summary>Publishes messages together. Completes when the program that publishes may go on.</summary>
    ValueTask PublishAsync(ReadOnlyMemory<string> burst);
}
