using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;

namespace StateRelay.Hosting;

/// <summary>
/// Runs the server with the host: listens before any hosted service starts, and stops after all have stopped, so that viewers
/// still see what the services say at their end. One that is mapped into an application stops before any other, because the
/// application's own server is one of those services and cuts off what it has when its time is up.
/// </summary>
internal sealed class RelayService(HostedRelay relay, StateRelayHostOptions options, ILogger logger) : IHostedLifecycleService
{
    private readonly WebServer _server = relay.Server;

    // Touched by the host's starting and stopping only, which never overlap.
    private List<IDisposable> _listening = [];
    private bool _started;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        _listening = relay.Listen();
        try
        {
            await _server.StartAsync(cancellationToken).ConfigureAwait(false);
            _started = true;
        }
        catch (WebServerBindException error) when (!options.RequirePort)
        {
            Log.RunsWithoutPage(logger, error.Message);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (_server.IsMapped)
            _server.Announce();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) =>
        _started && _server.IsMapped ? _server.ShutdownAsync(cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_started)
            await _server.ShutdownAsync(cancellationToken).ConfigureAwait(false);
        foreach (var listening in _listening)
            listening.Dispose();
    }
}
