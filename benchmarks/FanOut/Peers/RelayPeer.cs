namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>StateRelay on <c>HttpListener</c>, as a program embeds it.</summary>
internal sealed class RelayPeer : IPeer
{
    private readonly Relayed _relayed;
    private readonly WebServer _server;

    public RelayPeer(bool changesState = false, Secret? webhooks = null)
    {
        var options = new WebServerOptions();
        Relayed.Set(options);
        _relayed = new Relayed { ChangesState = changesState };
        _server = new WebServer(_relayed.State, options).AddEvents(_relayed.Hub, _relayed.People);
        if (webhooks is not null)
            _server.AddGitHubWebhooks(_relayed.Hub, new GitHubWebhookOptions { Secrets = { webhooks } });
    }

    public int Clients => _server.ClientCount;

    public async Task<int> StartAsync()
    {
        await _server.StartAsync();
        return _server.Address.Port;
    }

    public ValueTask PublishAsync(ReadOnlyMemory<string> burst)
    {
        _relayed.Publish(burst);
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _relayed.Dispose();
    }
}
