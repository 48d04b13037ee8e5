using Microsoft.Extensions.Logging;

using StateRelay.Connections;
using StateRelay.Dashboard;
using StateRelay.Diagnostics;
using StateRelay.Http;
using StateRelay.Security;

namespace StateRelay;

/// <summary>One server from its start to its end: the rooms put together, and the one shutdown that takes them apart.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly ListenerHost _listener;
    private readonly Router _router;
    private readonly AlarmClock _alarms;
    private readonly Instruments _instruments;
    private readonly ILogger _logger;
    private readonly TimeSpan _shutdownTimeout;

    // Cancelled when the shutdown's time is up, or a caller's. Never disposed: a caller may come late.
    private readonly CancellationTokenSource _deadline;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private Task? _shutdown;
    private volatile bool _stopping;

    private RunningServer(
        ListenerHost listener,
        Instruments instruments,
        WebServerOptions options,
        IEnumerable<KeyValuePair<string, StateStore>> states,
        ILoggerFactory loggers,
        TimeProvider clock)
    {
        _listener = listener;
        _instruments = instruments;
        _logger = loggers.CreateLogger("StateRelay.WebServer");
        _shutdownTimeout = options.ShutdownTimeout;
        _deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _alarms = new AlarmClock(clock);

        var connections = loggers.CreateLogger("StateRelay.Connections");
        var stateLogger = loggers.CreateLogger("StateRelay.State");
        Hub = new Hub(instruments);
        Topics = [.. states.Select(state => new StateTopic(state.Key, state.Value, options, clock, instruments, stateLogger))];
        foreach (var topic in Topics)
            Hub.AddTopic(topic);

        var gate = new ViewerGate(options.ViewerToken, listener.Port);
        Address = listener.Binding.Address(listener.Port);
        ViewerLink = gate.Link(Address);

        var origins = new OriginRules(options.AllowedOrigins);
        var limiter = new ConnectionLimiter(options.MaxConnections, options.MaxConnectionsPerAddress);
        var handler = new WebSocketHandler(Hub, origins, limiter, options, _alarms, clock, instruments, connections);
        var http = loggers.CreateLogger("StateRelay.Http");
        _router = new Router(
            new Doorkeeper(new HostRules([.. listener.Binding.Names, .. options.AllowedHosts]), gate, options.AuthorizeViewer, http),
            [
                .. Page.Routes(),
                new StateEndpoint(Topics.Select(topic => topic.Timeline), origins).Route,
                new HealthEndpoint(() => _stopping).Route,
                new Route("/ws", ["GET"], handler.HandleAsync),
            ],
            http);
    }

    public Uri Address { get; }

    /// <summary>The address with the viewer token in it; a secret. Null when no token is asked for.</summary>
    public Uri? ViewerLink { get; }

    public Hub Hub { get; }

    /// <summary>The states, the first one first.</summary>
    public IReadOnlyList<StateTopic> Topics { get; }

    /// <summary>Begins to listen and to answer.</summary>
    /// <exception cref="WebServerBindException">The host or port cannot be had; nothing is left behind.</exception>
    public static async Task<RunningServer> StartAsync(
        WebServerOptions options,
        IEnumerable<KeyValuePair<string, StateStore>> states,
        ILoggerFactory loggers,
        TimeProvider clock)
    {
        var instruments = new Instruments();
        ListenerHost? listener = null;
        try
        {
            listener = ListenerHost.Bind(options.Host, options.Port, options.AllowedHosts, new ListenerServices(
                clock, options.WriteTimeout, options.MaxConcurrentRequests, instruments, loggers.CreateLogger("StateRelay.Http")));
            var server = new RunningServer(listener, instruments, options, states, loggers, clock);
            listener.Serve(server._router.HandleAsync);
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
        Log.ServerStopping(_logger, Address, Hub.ClientCount);
        _deadline.CancelAfter(_shutdownTimeout);

        // 1 refuse what is new; the listener stays up to say so
        _stopping = true;
        _router.Close();

        // 2 tell every client, at once
        await Hub.DrainAsync(_deadline.Token).ConfigureAwait(false);

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
        Hub.Dispose();
        _alarms.Dispose();
        _instruments.Dispose();
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
