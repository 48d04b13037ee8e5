using System.Buffers.Text;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;

using Microsoft.Extensions.Logging;

using StateRelay.Connections;
using StateRelay.Diagnostics;
using StateRelay.Protocol;

namespace StateRelay;

/// <summary>
/// One connection, from the server's side: one task that sends, one that reads, each alone with its half of the socket. Servers make their
/// own; a host makes one of any <see cref="WebSocket"/> that it has accepted itself, for a person whom it knows, and that person is sent
/// the events of a <see cref="Hub"/> in the plain event dialect. Whoever made it runs it, and disposes the socket afterwards. Safe for use
/// by any thread.
/// </summary>
public sealed class Client
{
    /// <summary>How long a client may take to answer a close frame before the connection is cut.</summary>
    private static readonly TimeSpan CloseLinger = TimeSpan.FromSeconds(2);

    private static readonly WebServerOptions DefaultOptions = new();

    private readonly WebSocket _socket;
    private readonly Dialect _dialect;
    private readonly WebServerOptions _options;
    private readonly AlarmClock _clock;
    private readonly Alarm _alarm;
    private readonly Instruments _instruments;
    private readonly ILogger _logger;
    private readonly Hub? _hub;
    private readonly ClientIdentity? _identity;
    private readonly Lock _gate = new();

    // Guarded by _gate, for clients that a host made.
    private EventPosition? _entered;

    private bool _wasRun;

    // Touched by the reading task alone: whether what comes next says what to follow. Who is known already has said so.
    private bool _mayFollow;

    // Set by the sending task, read by the alarm: when the write under way must be done, in ticks; 0 while there is none.
    private long _mustEndBy;

    /// <summary>Makes a client of a socket that the host has accepted. To be registered with its hub, and run.</summary>
    /// <param name="hub">Whose events it is sent.</param>
    /// <param name="socket">The connection; disposed by the caller, when <see cref="RunAsync"/> is over.</param>
    /// <param name="subscription">What it wishes to hear of.</param>
    /// <param name="identity">Who it is, and where they belong.</param>
    /// <param name="id">Names it in logs; null for a random one.</param>
    /// <exception cref="ArgumentException">The subscription breaks a rule, or can match nothing that they may see.</exception>
    public Client(Hub hub, WebSocket socket, Subscription subscription, ClientIdentity identity, string? id = null)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(identity);
        var refusal = SubscriptionDesk.Check(subscription, hub.AllowedTypes);
        (var inForce, refusal) = refusal is null ? SubscriptionDesk.Settle(subscription, AuthenticationResult.Admitted(identity), hub.AllowedTypes) : (null, refusal);
        if (refusal is not null)
            throw new ArgumentException(refusal.Message, nameof(subscription));

        Id = id ?? NewId();
        Address = IPAddress.None;
        Outbox = new PlainEventOutbox(Id, hub, inForce!, identity);
        (_hub, _identity, _socket, _dialect, _options) = (hub, identity, socket, Dialect.PlainEvents, DefaultOptions);
        (_clock, _instruments, _logger) = (hub.Alarms, hub.Instruments, hub.Logger);
        _alarm = new Alarm(_clock, OnAlarm);
    }

    internal Client(IPAddress address, WebSocket socket, Dialect dialect, Outbox outbox, WebServerOptions options, AlarmClock clock, Instruments instruments, ILogger logger)
    {
        Id = outbox.Id;
        _mayFollow = dialect == Dialect.PlainEvents;
        Address = address;
        Outbox = outbox;
        (_socket, _dialect, _options) = (socket, dialect, options);
        (_clock, _instruments, _logger) = (clock, instruments, logger);
        _alarm = new Alarm(clock, OnAlarm);
    }

    /// <summary>Names the connection in logs and to its client.</summary>
    public string Id { get; }

    /// <summary>Whether the connection has ended or is to end.</summary>
    public bool IsClosed => Outbox.Reason is not null;

    /// <summary>Whether events of private repositories reach it where tiers are enforced.</summary>
    public bool CanAccessPrivateRepos => _identity is { CanAccessPrivateRepos: true };

    internal IPAddress Address { get; }

    internal Outbox Outbox { get; }

    internal static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));

    /// <summary>
    /// Serves the connection until it is over: sends what it is owed, reads what it says, and closes with a code and a reason. Registers
    /// it first if nobody did. Never throws for what the other side does.
    /// </summary>
    /// <param name="stop">Cancel it to say goodbye.</param>
    /// <exception cref="InvalidOperationException">It was run before.</exception>
    public async Task RunAsync(CancellationToken stop = default)
    {
        if (Interlocked.Exchange(ref _wasRun, true))
            throw new InvalidOperationException("The client was run before.");
        Outbox.Serve();
        if (_hub is not null)
            Enter(_hub);

        using var stopping = stop.UnsafeRegister(static client => ((Client)client!).Close(), this);
        using var reader = new MessageReader(_socket, _options.MaxMessageBytes);
        var sending = SendAsync();

        // The reason it gives counts in case the end comes from here.
        DisconnectReason? ending = null;
        while (ending is null)
        {
            try
            {
                var arrived = await reader.WaitAsync().ConfigureAwait(false);
                ending = await HearAsync(reader, arrived).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                ending = MessageReader.EndOf(error) is { } end ? ReasonToEnd(end) : Failed(error);
            }
        }

        Outbox.Close(ending);
        await sending.ConfigureAwait(false);

        // Our close frame would be lost to a reset if the client still had something on its way; the alarm ends the wait.
        await reader.DiscardAsync().ConfigureAwait(false);
        _alarm.Clear();
    }

    /// <summary>Lets it in, once; gives the position from which it sees everything.</summary>
    internal EventPosition Enter(Hub hub)
    {
        if (!ReferenceEquals(hub, _hub))
            throw new ArgumentException("The client was made for another hub.", nameof(hub));

        lock (_gate)
        {
            if (_entered is { } entered)
                return entered;
            if (IsClosed || ((PlainEventOutbox)Outbox).Enter() is not { } position)
            {
                Close();
                position = hub.Head;
            }

            _entered = position;
            return position;
        }
    }

    internal void Leave(Hub hub)
    {
        if (!ReferenceEquals(hub, _hub))
            return;

        lock (_gate)
        {
            Close();

            // One that is run leaves when it has been sent what it is owed.
            if (!Outbox.IsServed)
                ((PlainEventOutbox)Outbox).Leave();
        }
    }

    private void Close() => Outbox.Close(DisconnectReason.Shutdown);

    /// <summary>Cuts the connection without a goodbye: for a client that cannot be told, or is out of time.</summary>
    internal void Abort(DisconnectReason reason)
    {
        Outbox.Close(reason);
        _socket.Abort();
        _socket.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var frame = Outbox.Next();
                if (!frame.IsEmpty)
                {
                    await WriteAsync(frame).ConfigureAwait(false);
                    continue;
                }

                if (Outbox.Reason is not null)
                    break;
                if (Outbox.WakeAt is { } wakeAt && !_alarm.IsSetBy(wakeAt))
                    _alarm.Set(wakeAt);
                await Outbox.Bell.WaitAsync().ConfigureAwait(false);
            }

            if (Outbox.Reason is { CanBeTold: true } reason)
                await SayGoodbyeAsync(reason).ConfigureAwait(false);
        }
        catch (WebSocketException error) when (error.WebSocketErrorCode == WebSocketError.InvalidState)
        {
            // The reading task came upon what breaks the protocol and the socket has said so; cut now, the client would not hear it.
            Log.WriteFailed(_logger, Id, error.GetType().Name);
            SetLimit(CloseLinger);
        }
        catch (Exception error) when (error is WebSocketException or ObjectDisposedException or OperationCanceledException or IOException or InvalidOperationException)
        {
            Log.WriteFailed(_logger, Id, error.GetType().Name);
            Abort(DisconnectReason.Lost);
        }
        catch (Exception error)
        {
            Log.ClientFailed(_logger, error, Id);
            Abort(DisconnectReason.InternalError);
        }
        finally
        {
            Outbox.Dispose();
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> frame)
    {
        var sending = _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        if (!sending.IsCompletedSuccessfully)
            await WithinAsync(sending.AsTask(), _options.WriteTimeout).ConfigureAwait(false);
        _instruments.FramesSent.Add(1);
        _instruments.BytesSent.Add(frame.Length);
    }

    private async Task SayGoodbyeAsync(DisconnectReason reason)
    {
        var farewell = Outbox.Farewell(reason);
        if (!farewell.IsEmpty)
            await WriteAsync(farewell).ConfigureAwait(false);
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return;

        var code = Outbox is V1Outbox ? (WebSocketCloseStatus)reason.Code : reason.PlainCode;
        await WithinAsync(_socket.CloseOutputAsync(code, reason.Text, CancellationToken.None), _options.WriteTimeout).ConfigureAwait(false);

        // The reading task sees the client's answer; if none comes, the alarm ends its wait.
        SetLimit(CloseLinger);
    }

    /// <summary>Awaits a write; if it is not done in time the alarm aborts the socket, which fails it.</summary>
    private async Task WithinAsync(Task write, TimeSpan limit)
    {
        SetLimit(limit);
        await write.ConfigureAwait(false);
        Volatile.Write(ref _mustEndBy, 0);
    }

    private void SetLimit(TimeSpan limit)
    {
        var due = _clock.Now + limit;
        Volatile.Write(ref _mustEndBy, due.Ticks);
        _alarm.Set(due);
    }

    private void OnAlarm()
    {
        var due = Volatile.Read(ref _mustEndBy);
        if (due == 0)
        {
            Outbox.Bell.Ring();
            return;
        }

        if (_clock.Now.Ticks < due)
        {
            _alarm.Set(new TimeSpan(due));
            return;
        }

        try
        {
            Abort(DisconnectReason.WriteTimeout);
        }
        catch (Exception error)
        {
            // This is the timer's thread: an error of the transport's would end the program.
            Log.ClientFailed(_logger, error, Id);
        }
    }

    /// <summary>Hands on the message that has come; gives the reason when the connection is to end.</summary>
    private async ValueTask<DisconnectReason?> HearAsync(MessageReader reader, ValueWebSocketReceiveResult arrived)
    {
        var (kind, utf8) = await reader.ReadAsync(arrived).ConfigureAwait(false);
        if (ReasonToEnd(kind) is { } reason)
            return reason;

        try
        {
            Outbox.Hear();
            _instruments.MessagesReceived.Add(1);
            foreach (var message in Read(kind, utf8))
            {
                if (!await Outbox.PostAsync(message).ConfigureAwait(false))
                    return DisconnectReason.Lost;
            }

            return null;
        }
        catch (Exception error)
        {
            return Failed(error);
        }
    }

    private DisconnectReason Failed(Exception error)
    {
        Log.ClientFailed(_logger, error, Id);
        return DisconnectReason.InternalError;
    }

    private IReadOnlyList<ClientMessage> Read(ReceivedKind kind, ReadOnlyMemory<byte> utf8)
    {
        if (_mayFollow)
        {
            _mayFollow = false;
            return [kind == ReceivedKind.Text ? ClientMessage.ParseFollow(utf8) : new ClientMessage.Bad(null, "a binary message")];
        }

        return kind switch
        {
            ReceivedKind.Text => ClientMessage.Parse(utf8),
            _ when _dialect == Dialect.V1 => [new ClientMessage.Bad(null, "a binary message")],
            _ => [new ClientMessage.Alive()],
        };
    }

    private static DisconnectReason? ReasonToEnd(ReceivedKind kind) => kind switch
    {
        ReceivedKind.Text or ReceivedKind.Binary => null,
        ReceivedKind.Close => DisconnectReason.ClientLeft,
        ReceivedKind.TooBig => DisconnectReason.MessageTooBig,
        ReceivedKind.ProtocolError => DisconnectReason.ProtocolError,
        _ => DisconnectReason.Lost,
    };
}
