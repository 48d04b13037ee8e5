using StateRelay.Connections;
using StateRelay.Dashboard;
using StateRelay.Diagnostics;
using StateRelay.GitHub;
using StateRelay.Http;
using StateRelay.Security;

namespace StateRelay;

/// <summary>
/// The rooms put together, whatever server brings the requests: answers each of them, and drains when that server is to stop.
/// Knows no listener and no address. Safe for use by any thread.
/// </summary>
internal sealed class Relay : IDisposable
{
    private readonly Router _router;
    private readonly AlarmClock _alarms;
    private readonly Instruments _instruments;
    private readonly EventsOverview? _overview;
    private readonly WebhookEndpoint? _webhooks;
    private volatile bool _stopping;

    /// <summary>Puts the rooms together.</summary>
    /// <param name="plan">What is served.</param>
    /// <param name="hosts">The hosts that a request may name.</param>
    /// <param name="gate">Knows the viewer token.</param>
    /// <param name="instruments">Disposed with the relay.</param>
    public Relay(ServerPlan plan, HostRules hosts, ViewerGate gate, Instruments instruments)
    {
        var (options, loggers, clock) = (plan.Options, plan.Loggers, plan.Clock);
        _instruments = instruments;
        _alarms = new AlarmClock(clock);

        var connections = loggers.CreateLogger("StateRelay.Connections");
        var stateLogger = loggers.CreateLogger("StateRelay.State");
        Roster = new Roster(instruments);
        if (plan.Events is { } events)
            Roster.AddEvents(events);
        if (plan.Webhooks is { } webhooks)
        {
            _webhooks = new WebhookEndpoint(
                webhooks.Options, webhooks.Hub.CommitCache, (happened, audience) => webhooks.Hub.Broadcast(happened, audience), clock, instruments, loggers.CreateLogger("StateRelay.GitHub"));
        }

        if (plan.Events is { Hub: var hub } && options.ShowsEvents())
            _overview = new EventsOverview(hub.Report, () => hub.Log.Head, plan.Webhooks?.Hub == hub ? _webhooks!.Tally : null, clock);
        var shown = _overview is null ? plan.States : [.. plan.States, new(EventsOverview.Topic, _overview.State)];
        Topics = [.. shown.Select(state => new StateTopic(state.Key, state.Value, options, clock, instruments, stateLogger))];
        foreach (var topic in Topics)
            Roster.AddTopic(topic);

        var origins = new OriginRules(options.AllowedOrigins);
        var limiter = new ConnectionLimiter(options.MaxConnections, options.MaxConnectionsPerAddress);
        var http = loggers.CreateLogger("StateRelay.Http");
        var door = new Doorkeeper(hosts, gate, options.AuthorizeViewer, http);
        var handler = new WebSocketHandler(Roster, options, _alarms, clock, instruments, connections);
        _router = new Router(
            door,
            [
                .. Page.Routes([.. Topics.Select(topic => topic.Timeline.Topic)]),
                new StateEndpoint([.. Topics.Select(topic => topic.Timeline)], origins).Route,
                .. new HealthEndpoint(() => _stopping, plan.Health).Routes,
                new WebSocketEndpoint(handler, Roster, door, origins, limiter, new AddressRates(options.MaxConnectsPerMinute, clock), options, instruments, connections).Route,
                .. _webhooks is null ? [] : (Route[])[_webhooks.Route],
            ],
            http);
    }

    /// <summary>Who is connected.</summary>
    public Roster Roster { get; }

    /// <summary>The states, the first one first.</summary>
    public IReadOnlyList<StateTopic> Topics { get; }

    /// <summary>Whether new clients and requests are refused.</summary>
    public bool IsStopping => _stopping;

    /// <summary>Makes the first version of every state, which the first who ask would wait for.</summary>
    public void MakeFirstVersions()
    {
        foreach (var topic in Topics)
            topic.Timeline.Latest();
    }

    /// <summary>Answers one request; completes when it is answered, or its WebSocket lives. Never throws.</summary>
    public Task HandleAsync(HttpExchange exchange) => _router.HandleAsync(exchange);

    /// <summary>
    /// Refuses what is new, says goodbye to all clients at once, and completes when they are gone; those who are still there at
    /// the deadline are cut off. Requests under way are their server's affair.
    /// </summary>
    public async Task DrainAsync(CancellationToken deadline)
    {
        _stopping = true;
        _router.Close();
        await Roster.DrainAsync(deadline).ConfigureAwait(false);
    }

    /// <summary>Lets go of states and timers. After <see cref="DrainAsync"/>, when no request is under way any more.</summary>
    public void Dispose()
    {
        Roster.Dispose();
        _overview?.Dispose();
        _webhooks?.Dispose();
        _alarms.Dispose();
        _instruments.Dispose();
    }
}
