using System.Diagnostics.Metrics;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Connections;
using StateRelay.Dashboard;
using StateRelay.Http;

namespace StateRelay;

/// <summary>
/// Shows states to viewers: a page at <c>/</c>, JSON at <c>/api/state</c>, a WebSocket at <c>/ws</c>, health at <c>/healthz</c> and <c>/readyz</c>. Listens on this
/// machine only unless <see cref="WebServerOptions.Host"/> says otherwise. Safe for use by any thread.
/// </summary>
/// <remarks>
/// A server starts once. A start that fails leaves it as it was, so that it may be tried again; one that was shut down stays so,
/// and a new one may take its port at once.
/// </remarks>
public sealed class WebServer : IAsyncDisposable
{
    private const string DefaultTopic = "state";
    private const int MaxNameLength = 64;

    // The events themselves, and what viewers see of them.
    private static readonly string[] NamesOfEvents = [EventTopic.DefaultName, EventsOverview.Topic];

    private readonly WebServerOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly List<KeyValuePair<string, StateStore>> _states = [];
    private EventTopic? _events;
    private WebhookPlan? _webhooks;
    private Phase _phase;
    private Func<WebServerOptions, TransportServices, ITransport>? _openElsewhere;

    // Set once, when the server runs.
    private volatile RunningServer? _running;

    /// <summary>Makes a server on a port of this machine; nothing listens until <see cref="StartAsync"/>.</summary>
    /// <param name="state">What to show. Not null.</param>
    /// <param name="port">The TCP port, 1024 to 65535.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <exception cref="ArgumentNullException">There is no state.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is not 1024 to 65535.</exception>
    public WebServer(StateStore state, int port = 8080, ILoggerFactory? loggers = null)
        : this(state, OnPort(port), loggers)
    {
    }

    /// <summary>Makes a server; nothing listens until <see cref="StartAsync"/>.</summary>
    /// <param name="state">What to show. Not null.</param>
    /// <param name="options">How to listen and whom to let in; copied, so that later changes have no effect.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="clock">Times everything; null for the system's clock.</param>
    /// <exception cref="ArgumentNullException">There is no state or no options.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is not 1024 to 65535; the message names every other broken rule too.</exception>
    /// <exception cref="ArgumentException">Options break a rule; the message names every one.</exception>
    public WebServer(StateStore state, WebServerOptions options, ILoggerFactory? loggers = null, TimeProvider? clock = null)
        : this(options, loggers, clock)
    {
        ArgumentNullException.ThrowIfNull(state);
        _states.Add(new(DefaultTopic, state));
    }

    /// <summary>Makes a server that relays events and shows no state; nothing listens until <see cref="StartAsync"/>.</summary>
    /// <param name="hub">Whose events clients may follow.</param>
    /// <param name="authenticator">Finds out who a client is.</param>
    /// <param name="options">How to listen and whom to let in, copied; null for the defaults.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="clock">Times everything; null for the system's clock.</param>
    /// <exception cref="ArgumentNullException">There is no hub or no authenticator.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is not 1024 to 65535; the message names every other broken rule too.</exception>
    /// <exception cref="ArgumentException">Options break a rule; the message names every one.</exception>
    public WebServer(Hub hub, IClientAuthenticator authenticator, WebServerOptions? options = null, ILoggerFactory? loggers = null, TimeProvider? clock = null)
        : this(options ?? new WebServerOptions(), loggers, clock) =>
        AddEvents(hub, authenticator);

    private WebServer(WebServerOptions options, ILoggerFactory? loggers, TimeProvider? clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Copy();
        Check(_options);
        _loggers = loggers ?? NullLoggerFactory.Instance;
        _clock = clock ?? TimeProvider.System;
    }

    private enum Phase
    {
        New,
        Starting,
        Running,
        Disposed,
    }

    /// <summary>Where the page is, with the port that is really listened on.</summary>
    /// <exception cref="InvalidOperationException">The server was not started.</exception>
    public Uri Address => Running.Address;

    /// <summary>
    /// The address with <see cref="WebServerOptions.ViewerToken"/> in it, which opens the page in a browser; null when no token is
    /// asked for. It is a secret: show it to whoever may see the state, and keep it out of logs.
    /// </summary>
    /// <exception cref="InvalidOperationException">The server was not started.</exception>
    public Uri? ViewerLink => Running.ViewerLink;

    /// <summary>WebSocket clients connected now; 0 while the server does not run.</summary>
    public int ClientCount => _running?.Relay.Roster.ClientCount ?? 0;

    /// <summary>Makes the meter; null for one of its own. Set before the start.</summary>
    internal IMeterFactory? Meters { get; init; }

    /// <summary>Answers for the program; null where the server answers for itself alone. Set before the start.</summary>
    internal HealthInquiry? Health { get; init; }

    /// <summary>Whether viewers are served.</summary>
    internal bool IsServing => _running is { Relay.IsStopping: false };

    /// <summary>Whether another server than a listener of its own brings the requests.</summary>
    internal bool IsMapped
    {
        get
        {
            lock (_gate)
                return _openElsewhere is not null;
        }
    }

    private RunningServer Running => _running ?? throw NotStarted();

    /// <summary>Shows one more state, under a name that viewers ask for; the first one's name is <c>state</c>.</summary>
    /// <param name="name">1 to 64 letters, digits, <c>-</c>, <c>_</c> or <c>.</c>; not taken yet.</param>
    /// <param name="state">What to show.</param>
    /// <returns>This server.</returns>
    /// <exception cref="ArgumentException">The name is not one, or is taken.</exception>
    /// <exception cref="InvalidOperationException">The server was already started.</exception>
    public WebServer AddState(string name, StateStore state)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(state);
        if (name.Length is 0 or > MaxNameLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new ArgumentException($"A state's name is 1 to {MaxNameLength} letters, digits, '-', '_' or '.', but this one is '{name}'.", nameof(name));

        lock (_gate)
        {
            if (_phase != Phase.New)
                throw AlreadyStarted();
            if (_states.Any(other => other.Key == name) || (_events is not null && NamesOfEvents.Contains(name)))
                throw new ArgumentException($"The name '{name}' is taken.", nameof(name));
            _states.Add(new(name, state));
        }

        return this;
    }

    /// <summary>
    /// Lets clients follow the events of a hub: with v1 the topic <c>events</c>, or in the plain event dialect. The hub stays the
    /// program's: stopping the server does not stop it, and several servers may serve the same.
    /// </summary>
    /// <param name="hub">Whose events.</param>
    /// <param name="authenticator">Finds out who a client is; each must show a token.</param>
    /// <returns>This server.</returns>
    /// <exception cref="InvalidOperationException">The server was already started, or has events already.</exception>
    /// <exception cref="ArgumentException">A state has the name <c>events</c> or <c>relay</c>.</exception>
    public WebServer AddEvents(Hub hub, IClientAuthenticator authenticator)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(authenticator);
        lock (_gate)
        {
            if (_phase != Phase.New)
                throw AlreadyStarted();
            if (_events is not null)
                throw new InvalidOperationException("The server has the events of a hub already.");
            if (_states.Find(state => NamesOfEvents.Contains(state.Key)) is { Key: { } taken })
                throw new ArgumentException($"There is a state named '{taken}', which is a name that events need.", nameof(hub));
            _events = new EventTopic(EventTopic.DefaultName, hub, authenticator);
        }

        return this;
    }

    /// <summary>
    /// Takes in deliveries of GitHub's webhooks, by default at <c>/webhook</c>, and hands what they tell to a hub: to everybody who may
    /// see it and wants it. Nothing of a delivery is kept but what happened and whom it concerns.
    /// </summary>
    /// <param name="hub">Whom it is handed to; usually the one given to <see cref="AddEvents"/>.</param>
    /// <param name="options">The secrets, the types and the limits; copied.</param>
    /// <returns>This server.</returns>
    /// <exception cref="InvalidOperationException">The server was already started, or takes in deliveries already.</exception>
    /// <exception cref="ArgumentException">Options break a rule, for example hold no secret; the message names every one.</exception>
    public WebServer AddGitHubWebhooks(Hub hub, GitHubWebhookOptions options)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(options);
        var copy = options.Copy();
        if (copy.Problems().ToArray() is [_, ..] problems)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));

        lock (_gate)
        {
            if (_phase != Phase.New)
                throw AlreadyStarted();
            if (_webhooks is not null)
                throw new InvalidOperationException("The server takes in GitHub's deliveries already.");
            _webhooks = new WebhookPlan(hub, copy);
        }

        return this;
    }

    /// <summary>Begins to listen; when it completes, viewers are answered.</summary>
    /// <exception cref="InvalidOperationException">The server was started before, or shut down.</exception>
    /// <exception cref="WebServerBindException">The host or port cannot be had. The server may be started again.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before it began. The server may be started again.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ServerPlan plan;
        Func<WebServerOptions, TransportServices, ITransport> open;
        lock (_gate)
        {
            if (_phase != Phase.New)
                throw AlreadyStarted();
            _phase = Phase.Starting;
            plan = new ServerPlan(_options, _states.ToArray(), _events, _webhooks, _loggers, _clock, Meters, Health);
            open = _openElsewhere ?? ListenerHost.Bind;
        }

        RunningServer running;
        try
        {
            // Names are resolved meanwhile: not on the caller's thread.
            running = await Task.Run(() => RunningServer.StartAsync(plan, open), CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            lock (_gate)
                _phase = _phase == Phase.Starting ? Phase.New : _phase;
            throw;
        }

        lock (_gate)
        {
            if (_phase == Phase.Starting)
            {
                _phase = Phase.Running;
                _running = running;
                return;
            }
        }

        await running.ShutdownAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        throw new ObjectDisposedException(nameof(WebServer), "The server was disposed while it started.");
    }

    /// <summary>
    /// Stops: refuses what is new with 503, says goodbye to every client at once, lets requests finish, cuts off what remains when
    /// <see cref="WebServerOptions.ShutdownTimeout"/> is over, and frees the port. May be called often and at the same time: all
    /// calls wait for the one shutdown.
    /// </summary>
    /// <param name="deadline">Cancel it to cut off at once what is still open; the shutdown then completes without an exception.</param>
    /// <exception cref="InvalidOperationException">The server was not started.</exception>
    public Task ShutdownAsync(CancellationToken deadline = default) => Running.ShutdownAsync(deadline);

    /// <summary>
    /// Waits until a viewer of the first state has shown its end: the newest milestone told, or whatever is newest now where none
    /// was. Ends at once when nobody is connected.
    /// </summary>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait by <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="InvalidOperationException">The server was not started.</exception>
    public Task<CompletionAck> WaitForCompletionAckAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Running.Relay.Topics is [var first, ..]
            ? first.WaitForCompletionAckAsync(timeout, cancellationToken)
            : throw new InvalidOperationException("The server shows no state.");

    /// <summary>Shuts down if the server was started.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
            _phase = Phase.Disposed;
        if (_running is { } running)
            await running.ShutdownAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Lets another server bring the requests, once, before the start: no port is opened then.</summary>
    /// <exception cref="InvalidOperationException">The server was already started, or already has another one.</exception>
    internal void ServeThrough(Func<WebServerOptions, TransportServices, ITransport> open)
    {
        lock (_gate)
        {
            if (_phase != Phase.New)
                throw AlreadyStarted();
            if (_openElsewhere is not null)
                throw new InvalidOperationException("The relay is mapped already; a relay has one place.");
            _openElsewhere = open;
        }
    }

    /// <summary>Logs where the page is, for one whose address was not known when it started.</summary>
    internal void Announce() => Running.Announce();

    private static WebServerOptions OnPort(int port)
    {
        var options = new WebServerOptions { Port = port };
        return options.PortProblem() is { } problem
            ? throw new ArgumentOutOfRangeException(nameof(port), port, problem)
            : options;
    }

    private static void Check(WebServerOptions options)
    {
        if (options.Problems() is not { Count: > 0 } problems)
            return;
        var message = string.Join(' ', problems);
        throw options.PortProblem() is not null
            ? new ArgumentOutOfRangeException(nameof(options), options.Port, message)
            : new ArgumentException(message, nameof(options));
    }

    private static InvalidOperationException NotStarted() => new("The server was not started.");

    private static InvalidOperationException AlreadyStarted() => new("The server was already started.");
}
