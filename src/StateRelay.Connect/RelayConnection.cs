using System.Net.WebSockets;
using System.Runtime.CompilerServices;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Connect;
using StateRelay.Connections;
using StateRelay.Protocol;

namespace StateRelay;

/// <summary>
/// Follows states and events of one server over one WebSocket, for as long as it takes: connects when something is followed, answers pings,
/// notices a server that fell silent, comes back and goes on from where it was. Each reading is a subscription of its own. Safe for use by
/// any thread.
/// </summary>
public sealed class RelayConnection : IAsyncDisposable
{
    private const string EventsTopic = "events";
    private const int MaxTopicChars = 100;

    private readonly RelayConnectionOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SocketOpener _open;
    private readonly Backoff _backoff;
    private readonly StatusTeller _status;
    private readonly FollowerList _followers = new();
    private readonly Bell _newFollower = new();
    private readonly CancellationTokenSource _stopping = new();

    // Guarded by the gate of the followers.
    private Task? _loop;
    private Exception? _endedBy;

    /// <summary>Makes a connection; nothing is sent until something is followed.</summary>
    /// <param name="address">
    /// Where the server's WebSocket is, for example <c>ws://localhost:8080/ws</c>; <c>http</c> and <c>https</c> stand for <c>ws</c> and
    /// <c>wss</c>.
    /// </param>
    /// <param name="options">How it connects and comes back, copied; null for the defaults.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="clock">Times everything; null for the system's clock.</param>
    /// <exception cref="ArgumentException">The address cannot be, or options break a rule; the message names every one.</exception>
    public RelayConnection(Uri address, RelayConnectionOptions? options = null, ILoggerFactory? loggers = null, TimeProvider? clock = null)
        : this(address, options, loggers, clock ?? TimeProvider.System, null, Random.Shared.NextDouble)
    {
    }

    internal RelayConnection(Uri address, RelayConnectionOptions? options, ILoggerFactory? loggers, TimeProvider clock, SocketOpener? open, Func<double> random)
    {
        ArgumentNullException.ThrowIfNull(address);
        _options = options?.Copy() ?? new RelayConnectionOptions();
        var problems = string.Join(' ', _options.Problems());
        if (problems.Length > 0)
            throw new ArgumentException(problems, nameof(options));

        Address = SocketAddress(address);
        _clock = clock;
        _logger = loggers?.CreateLogger("StateRelay.Connect") ?? NullLogger.Instance;
        _open = open ?? new NetworkOpener(_options.Handler, clock).OpenAsync;
        _backoff = new Backoff(_options.MinBackoff, _options.MaxBackoff, random);
        _status = new StatusTeller(_options.StatusChanged, _logger);
    }

    /// <summary>Where the server's WebSocket is.</summary>
    public Uri Address { get; }

    /// <summary>How it stands now.</summary>
    public RelayStatus Status => _status.Newest;

    /// <summary>
    /// Follows a state: gives it as it is, then each newer version that the server sends. Whoever takes them slowly skips to the newest,
    /// and holds up nobody. Every one existed on the server; within one <see cref="FollowedState.Epoch"/> they never go back.
    /// </summary>
    /// <param name="topic">The name of the state.</param>
    /// <param name="cancellationToken">Ends it, without an exception.</param>
    /// <exception cref="RelayRefusedException">While it is read: the server has refused for good.</exception>
    /// <exception cref="RelayUnreachableException">While it is read: as many attempts have failed as may.</exception>
    /// <exception cref="ObjectDisposedException">While it is read: the connection had been stopped before.</exception>
    public IAsyncEnumerable<FollowedState> FollowStateAsync(string topic = "state", CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topic.Length, MaxTopicChars, nameof(topic));
        return StatesAsync(topic, cancellationToken);
    }

    /// <summary>
    /// Follows events: gives those that follow, each once and in order, and a gap where some may be gone. Keep the position of the last
    /// one to go on from it, also in another process.
    /// </summary>
    /// <param name="wanted">Which events.</param>
    /// <param name="since">Begin after this position, as far as the server holds that; null for what happens from now on.</param>
    /// <param name="confirmed">
    /// Is told, between two events, each time the server has confirmed the subscription: at first, and after each interruption. What it
    /// throws ends the reading.
    /// </param>
    /// <param name="cancellationToken">Ends it, without an exception.</param>
    /// <exception cref="ArgumentException">What is wanted breaks a rule, or the position cannot be.</exception>
    /// <exception cref="RelayRefusedException">While it is read: the server has refused for good.</exception>
    /// <exception cref="RelayUnreachableException">While it is read: as many attempts have failed as may.</exception>
    /// <exception cref="ObjectDisposedException">While it is read: the connection had been stopped before.</exception>
    public IAsyncEnumerable<RelayEvent> FollowEventsAsync(
        Subscription wanted, EventPosition? since = null, Action<ConfirmedSubscription>? confirmed = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (wanted.Validate() is { } problem)
            throw new ArgumentException(problem.Message, nameof(wanted));
        if (since is { } position && (string.IsNullOrEmpty(position.Epoch) || position.Seq is < 0 or > ClientMessage.MaxNumber))
            throw new ArgumentException($"{position} is no position.", nameof(since));
        return EventsAsync(wanted, since, confirmed, cancellationToken);
    }

    /// <summary>
    /// Tells the server that the end of its work was seen, which a host may wait for (<see cref="WebServer.WaitForCompletionAckAsync"/>): a
    /// program that follows and never says so makes it wait in vain. Is not said where the state is no longer followed, or while there is
    /// no connection.
    /// </summary>
    /// <param name="seen">The state that shows the end.</param>
    public void Acknowledge(FollowedState seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        lock (_followers.Gate)
            _followers.Session_NeedsGate?.Acknowledge_NeedsGate(seen);
    }

    /// <summary>
    /// Stops: says goodbye, interrupts any wait, and ends every reading without an exception. May be called at any time, by anybody, any
    /// number of times; completes when the connection is gone.
    /// </summary>
    public async Task StopAsync()
    {
        Task? loop;
        lock (_followers.Gate)
        {
            loop = _loop;
            _loop ??= Task.CompletedTask;
            _endedBy ??= new ObjectDisposedException(nameof(RelayConnection), "The connection was stopped.");
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        _newFollower.Ring();
        if (loop is null)
            _status.Tell(new RelayStatus(RelayPhase.Ended));
        else
            await loop.ConfigureAwait(false);
    }

    /// <inheritdoc cref="StopAsync"/>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private async IAsyncEnumerable<FollowedState> StatesAsync(string topic, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var follower = new StateFollower(topic);
        Join(follower);
        await using var ending = RingWhenCancelled(follower, cancellationToken).ConfigureAwait(false);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                FollowedState? state;
                bool isOver;
                follower.Bell.Take();
                lock (_followers.Gate)
                {
                    state = follower.Next();
                    isOver = state is null && follower.HasEnded;
                }

                if (state is not null)
                    yield return state;
                else if (isOver)
                    break;
                else
                    await follower.Bell.WaitAsync().ConfigureAwait(false);
            }

            ThrowIfFailed(follower);
        }
        finally
        {
            Leave(follower);
        }
    }

    private async IAsyncEnumerable<RelayEvent> EventsAsync(
        Subscription wanted, EventPosition? since, Action<ConfirmedSubscription>? confirmed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var follower = new EventFollower(EventsTopic, wanted, since, _options.MaxBufferedEvents);
        Join(follower);
        await using var ending = RingWhenCancelled(follower, cancellationToken).ConfigureAwait(false);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                EventItem item;
                bool isThere, isOver;
                follower.Bell.Take();
                lock (_followers.Gate)
                {
                    isThere = follower.TryTake(out item, out var hasRoomAgain);
                    isOver = !isThere && follower.HasEnded;
                    if (hasRoomAgain)
                        _followers.Session_NeedsGate?.Ask_NeedsGate(follower);
                }

                if (item.Event is { } happened)
                    yield return happened;
                else if (isThere)
                    confirmed?.Invoke(item.Confirmed!);
                else if (isOver)
                    break;
                else
                    await follower.Bell.WaitAsync().ConfigureAwait(false);
            }

            ThrowIfFailed(follower);
        }
        finally
        {
            Leave(follower);
        }
    }

    private void Join(Follower follower)
    {
        lock (_followers.Gate)
        {
            if (_endedBy is not null)
                throw Fresh(_endedBy);
            _followers.Add_NeedsGate(follower);
            _loop ??= Task.Run(RunAsync);
        }

        _newFollower.Ring();
    }

    private void Leave(Follower follower)
    {
        Session? session;
        lock (_followers.Gate)
        {
            _followers.Remove_NeedsGate(follower);
            session = _followers.Session_NeedsGate;
        }

        session?.LeaveIfIdle();
    }

    private static CancellationTokenRegistration RingWhenCancelled(Follower follower, CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static follower => ((Follower)follower!).Bell.Ring(), follower);

    private void ThrowIfFailed(Follower follower)
    {
        Exception? error;
        lock (_followers.Gate)
            error = follower.Error;
        if (error is not null)
            throw Fresh(error);
    }

    // Thrown to several: each gets one of its own, whose stack is its own.
    private static Exception Fresh(Exception error) => error switch
    {
        RelayRefusedException refused => new RelayRefusedException(refused.Message)
        {
            StatusCode = refused.StatusCode,
            CloseCode = refused.CloseCode,
            Error = refused.Error,
        },
        RelayUnreachableException unreachable => new RelayUnreachableException(unreachable.Message, unreachable.InnerException),
        _ => new ObjectDisposedException(nameof(RelayConnection), "The connection was stopped."),
    };

    /// <summary>Connects, and connects again, until it is stopped or refused.</summary>
    private async Task RunAsync()
    {
        Exception? error = null;
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                _newFollower.Take();
                if (!HasFollowers)
                {
                    _status.Tell(new RelayStatus(RelayPhase.Idle) { Failures = _backoff.Failures });
                    await _newFollower.WaitAsync().ConfigureAwait(false);
                    continue;
                }

                _status.Tell(new RelayStatus(RelayPhase.Connecting) { Failures = _backoff.Failures });
                var ending = await ConnectAndServeAsync().ConfigureAwait(false);
                if (_stopping.IsCancellationRequested)
                    break;
                if (ending.Kind == EndingKind.Refused || (ending.Kind == EndingKind.ComeBack && IsTheLast(ending, out ending)))
                {
                    error = ending.Error;
                    Log.GivenUp(_logger, Address, ending.Why);
                    break;
                }

                if (ending.Kind == EndingKind.ComeBack)
                    await WaitAsync(ending).ConfigureAwait(false);
            }
        }
        finally
        {
            End(error);
        }
    }

    private bool HasFollowers
    {
        get
        {
            lock (_followers.Gate)
                return _followers.Count_NeedsGate > 0;
        }
    }

    private bool IsTheLast(Ending ending, out Ending last)
    {
        last = ending;
        if (_backoff.Failures + 1 < _options.MaxAttempts || _options.MaxAttempts is null)
            return false;
        last = ending with { Error = new RelayUnreachableException(ending.Why, ending.Error) };
        return true;
    }

    private async Task WaitAsync(Ending ending)
    {
        var wait = _backoff.Next(ending);
        Log.Waiting(_logger, Address, ending.Why, _backoff.Failures, wait);
        _status.Tell(new RelayStatus(RelayPhase.Waiting)
        {
            Failures = _backoff.Failures,
            Until = _clock.GetUtcNow() + wait,
            Why = ending.Why,
            Error = ending.Error,
        });
        try
        {
            await Task.Delay(wait, _clock, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped: whoever waits for the time to pass need not.
        }
    }

    private void End(Exception? error)
    {
        lock (_followers.Gate)
            _endedBy ??= error ?? new ObjectDisposedException(nameof(RelayConnection));
        _status.Tell(new RelayStatus(RelayPhase.Ended) { Failures = _backoff.Failures, Why = error?.Message, Error = error });
        _followers.EndAll(error);
    }

    private async Task<Ending> ConnectAndServeAsync()
    {
        WebSocket socket;
        try
        {
            using var patience = new CancellationTokenSource(_options.ConnectTimeout, _clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stopping.Token);
            var token = await TokenAsync(either.Token).ConfigureAwait(false);
            socket = await _open(Address, token, either.Token).ConfigureAwait(false);
        }
        catch (HandshakeRefusedException refused)
        {
            return Ending.OfStatus(refused.Status, refused.RetryAfter);
        }
        catch (TokenException failed)
        {
            return Ending.Lost("The token provider failed.", failed.InnerException);
        }
        catch (OperationCanceledException error)
        {
            return Ending.Lost("There was no connection in time.", error);
        }
        catch (Exception error)
        {
            return Ending.Lost("There is no connection.", error);
        }

        using (socket)
        using (var session = new Session(socket, _followers, _options, _clock, _logger, Connected))
        {
            var ending = await session.RunAsync(_stopping.Token).ConfigureAwait(false);
            if (session.IsStable)
                _backoff.Reset();
            return ending;
        }
    }

    private void Connected(bool? recovered)
    {
        Log.Connected(_logger, Address);
        _status.Tell(new RelayStatus(RelayPhase.Connected) { Recovered = recovered, Failures = _backoff.Failures });
    }

    private async ValueTask<Secret?> TokenAsync(CancellationToken cancellationToken)
    {
        if (_options.TokenProvider is not { } provider)
            return _options.Token;
        try
        {
            // A provider that does not heed the token is not waited for either.
            return await provider(cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException("RelayConnectionOptions.TokenProvider gave null.");
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            Log.TokenProviderFailed(_logger, error);
            throw new TokenException(error);
        }
    }

    private static Uri SocketAddress(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("ws" or "wss" or "http" or "https"))
            throw new ArgumentException("The address must be absolute, of ws, wss, http or https.", nameof(address));
        if (address.UserInfo.Length > 0)
            throw new ArgumentException("The address may not hold a name or a password.", nameof(address));
        var port = address.IsDefaultPort ? -1 : address.Port;
        return new UriBuilder(address) { Scheme = address.Scheme is "https" or "wss" ? "wss" : "ws", Port = port, Fragment = "" }.Uri;
    }

    private sealed class TokenException(Exception inner) : Exception(inner.Message, inner);
}
