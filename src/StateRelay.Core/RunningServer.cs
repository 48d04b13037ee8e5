using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;
using StateRelay.Http;
using StateRelay.Security;

namespace StateRelay;

/// <summary>One server from its start to its end: a relay, the listener that brings it requests, and the one shutdown of both.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly ListenerHost _listener;
    private readonly ILogger _logger;
    private readonly TimeSpan _shutdownTimeout;

    // Cancelled when the shutdown's time is up, or a caller's. Never disposed: a caller may come late.
    private readonly CancellationTokenSource _deadline;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private Task? _shutdown;

    private RunningServer(ListenerHost listener, ServerPlan plan, Instruments instruments)
    {
        _listener = listener;
        _logger = plan.Loggers.CreateLogger("StateRelay.WebServer");
        _shutdownTimeout = plan.Options.ShutdownTimeout;
        _deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, plan.Clock);

        var gate = new ViewerGate(plan.Options.ViewerToken, listener.Port);
        Address = listener.Binding.Address(listener.Port);
        ViewerLink = gate.Link(Address);
        Relay = new Relay(plan, new HostRules([.. listener.Binding.Names, .. plan.Options.AllowedHosts]), gate, instruments);
    }

    public Uri Address { get; }

    /// <summary>The address with the viewer token in it; a secret. Null when no token is asked for.</summary>
    public Uri? ViewerLink { get; }

    public Relay Relay { get; }

    /// <summary>Begins to listen and to answer.</summary>
    /// <exception cref="WebServerBindException">The host or port cannot be had; nothing is left behind.</exception>
    public static async Task<RunningServer> StartAsync(ServerPlan plan)
    {
        var options = plan.Options;
        var instruments = new Instruments();
        ListenerHost? listener = null;
        try
        {
            listener = ListenerHost.Bind(options.Host, options.Port, options.AllowedHosts, new ListenerServices(
                plan.Clock, options.WriteTimeout, options.MaxConcurrentRequests, instruments, plan.Loggers.CreateLogger("StateRelay.Http")));
            var server = new RunningServer(listener, plan, instruments);
            listener.Serve(server.Relay.HandleAsync);
            server.Announce(options);
            return server;
        }
        catch
        {
            if (listener is not null)
                await listener.StopAsync().ConfigureAwait(false);
            instruments.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Stops, once: however many call, all wait for the same shutdown. What is still open when the time is up, or when a caller's
    /// <paramref name="deadline"/> is cancelled, is cut off.
    /// </summary>
    public async Task ShutdownAsync(CancellationToken deadline)
    {
        Task shutdown;
        lock (_gate)
            shutdown = _shutdown ??= Task.Run(StopAsync, CancellationToken.None);

        await using var hurry = deadline.Register(_deadline.Cancel).ConfigureAwait(false);
        await shutdown.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await ShutdownAsync(CancellationToken.None).ConfigureAwait(false);

    private async Task StopAsync()
    {
        Log.ServerStopping(_logger, Address, Relay.Hub.ClientCount);
        _deadline.CancelAfter(_shutdownTimeout);

        // 1 refuse what is new; the listener stays up to say so. 2 tell every client, at once
        await Relay.DrainAsync(_deadline.Token).ConfigureAwait(false);

        // 3 let requests under way finish
        try
        {
            await _listener.WhenDoneAsync(_deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Log.ShutdownCutOff(_logger, Address);
        }

        // 4 cut off what remains
        _listener.AbortAll();

        // 5 release the port
        await _listener.StopAsync().ConfigureAwait(false);
        _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        Relay.Dispose();
        Log.ServerStopped(_logger, Address);
    }

    private void Announce(WebServerOptions options)
    {
        if (options.ViewerToken is null)
            Log.ServerListening(_logger, Address);
        else
            Log.ServerListeningForViewers(_logger, Address);
        if (_listener.Binding.IsExposed && options.ViewerToken is null && options.AuthorizeViewer is null)
            Log.ServerOpenToAll(_logger, options.Host);
    }
}
