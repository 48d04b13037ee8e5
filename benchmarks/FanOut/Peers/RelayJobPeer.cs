namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>The least that a program embeds: the page of one job.</summary>
internal sealed class RelayJobPeer : IPeer
{
    private readonly OperationTracker _job = new("Nightly import");
    private readonly WebServer _server;

    public RelayJobPeer() => _server = new WebServer(_job.State, new WebServerOptions { Port = null });

    public int Clients => _server.ClientCount;

    public async Task<int> StartAsync()
    {
        await _server.StartAsync();
        return _server.Address.Port;
    }

    public ValueTask PublishAsync(ReadOnlyMemory<string> burst) => throw new NotSupportedException("A job publishes nothing of itself.");

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
