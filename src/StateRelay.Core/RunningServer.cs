using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;
using StateRelay.Http;
using StateRelay.Security;

namespace StateRelay;

/// <summary>One server from its start to its end: a relay, what brings it requests, and the one shutdown of both.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly ITransport _transport;
    private readonly ViewerGate _viewers;
    private readonly WebServerOptions _options;
    private readonly ILogger _logger;

    // Cancelled when the shutdown's time is up, or a caller's. Never disposed: a caller may come late.
    private readonly CancellationTokenSource _deadline;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private Task? _shutdown;

    private RunningServer(ITransport transport, ServerPlan plan, Instruments instruments)
    {
        _transport = transport;
        _options = plan.Options;
        _logger = plan.Loggers.CreateLogger("StateRelay.WebServer");
        _deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, plan.Clock);
        _viewers = new ViewerGate(_options.ViewerToken, transport.CookieSuffix);
        Relay = new Relay(plan, new HostRules([.. transport.HostNames, .. _options.AllowedHosts]), _viewers, instruments);
    }

    /// <summary>Where viewers find it.</summary>
    /// <exception cref="InvalidOperationException">The server that it is part of does not listen yet.</exception>
    public Uri Address => _transport.Address ?? throw new InvalidOperationException("The application that the relay is part of does not listen yet.");

    /// <summary>The address with the viewer token in it; a secret. Null when no token is asked for.</summary>
    public Uri? ViewerLink => _viewers.Link(Address);

    public Relay Relay { get; }

    /// <summary>Begins to listen and to answer.</summary>
    /// <param name="plan">What is served.</param>
    /// <param name="open">Makes the transport.</param>
    /// <exception cref="WebServerBindException">The host or port cannot be had; nothing is left behind.</exception>
    public static async Task<RunningServer> StartAsync(ServerPlan plan, Func<WebServerOptions, TransportServices, ITransport> open)
    {
        var options = plan.Options;
        var instruments = new Instruments(plan.Meters);
        ITransport? transport = null;
        try
        {
            var http = plan.Loggers.CreateLogger("StateRelay.Http");
            transport = open(options, new TransportServices(plan.Clock, options.WriteTimeout, options.MaxConcurrentRequests, instruments, http)
            {
                Proxies = new ProxyRules(options.TrustedProxies),
            });
            var server = new RunningServer(transport, plan, instruments);
            transport.Serve(server.Relay.HandleAsync);
            server.Announce();

            // Compiling what writes a state takes longer than all else here: nobody waits for that.
            ThreadPool.UnsafeQueueUserWorkItem(static relay => relay.MakeFirstVersions(), server.Relay, preferLocal: false);
            return server;
        }
        catch
        {
            if (transport is not null)
                await transport.StopAsync().ConfigureAwait(false);
            instruments.Dispose();
            throw;
        }
    }

    /// <summary>Logs where the page is, where that is known, and whether it is open to all.</summary>
    public void Announce()
    {
        if (_transport.Address is not { } address)
            return;
        if (_options.ViewerToken is null)
            Log.ServerListening(_logger, address);
        else
            Log.ServerListeningForViewers(_logger, address);
        if (_options.ViewerToken is null && _options.AuthorizeViewer is null)
            _transport.WarnWhenOpenToAll(_logger);
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
        using var activity = Activities.StartStop(Relay.Roster.ClientCount);
        Log.ServerStopping(_logger, _transport.Address, Relay.Roster.ClientCount);
        _deadline.CancelAfter(_options.ShutdownTimeout);

        // 1 refuse what is new; the transport stays up to say so. 2 tell every client, at once
        await Relay.DrainAsync(_deadline.Token).ConfigureAwait(false);

        // 3 let requests under way finish
        try
        {
            await _transport.WhenDoneAsync(_deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Log.ShutdownCutOff(_logger, _transport.Address);
        }

        // 4 cut off what remains
        _transport.AbortAll();

        // 5 release the port
        await _transport.StopAsync().ConfigureAwait(false);
        _deadline.CancelAfter(Timeout.InfiniteTimeSpan);
        Relay.Dispose();
        Log.ServerStopped(_logger, _transport.Address);
    }
}
