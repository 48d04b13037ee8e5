using System.Net;
using System.Net.WebSockets;

using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;

namespace StateRelay.Connections;

/// <summary>
/// One connection: its socket, its outbox and the task that sends. Nothing else writes to the socket. Whoever makes it runs it,
/// and disposes the socket afterwards.
/// </summary>
internal sealed class Client
{
    /// <summary>How long a client may take to answer a close frame before the connection is cut.</summary>
    private static readonly TimeSpan CloseLinger = TimeSpan.FromSeconds(2);

    private readonly WebSocket _socket;
    private readonly AlarmClock _clock;
    private readonly Alarm _alarm;
    private readonly TimeSpan _writeTimeout;
    private readonly Instruments _instruments;
    private readonly ILogger _logger;

    // Set by the sending task, read by the alarm: when the write under way must be done, in ticks; 0 while there is none.
    private long _mustEndBy;

    public Client(string id, IPAddress address, WebSocket socket, Outbox outbox, WebServerOptions options, AlarmClock clock, Instruments instruments, ILogger logger)
    {
        Id = id;
        Address = address;
        Outbox = outbox;
        _socket = socket;
        _clock = clock;
        _alarm = new Alarm(clock, OnAlarm);
        _writeTimeout = options.WriteTimeout;
        _instruments = instruments;
        _logger = logger;
    }

    /// <summary>Names the connection in logs and to its client.</summary>
    public string Id { get; }

    public IPAddress Address { get; }

    public Outbox Outbox { get; }

    /// <summary>Whether the connection has ended or is to end.</summary>
    public bool IsClosed => Outbox.Reason is not null;

    /// <summary>Sends what the outbox owes until it is to end, then says goodbye. Never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            await SendAllAsync().ConfigureAwait(false);
            if (Outbox.Reason is { CanBeTold: true } reason)
                await SayGoodbyeAsync(reason).ConfigureAwait(false);
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

    /// <summary>Cuts the connection without a goodbye: for a client that cannot be told, or is out of time.</summary>
    public void Abort(DisconnectReason reason)
    {
        Outbox.Close(reason);
        _socket.Abort();
        _socket.Dispose();
    }

    /// <summary>Stops the alarm. After <see cref="RunAsync"/> and reading have ended.</summary>
    public void ClearAlarm() => _alarm.Clear();

    private async Task SendAllAsync()
    {
        while (true)
        {
            var frame = Outbox.Next();
            if (!frame.IsEmpty)
            {
                await SendAsync(frame).ConfigureAwait(false);
                continue;
            }

            if (Outbox.Reason is not null)
                return;
            if (Outbox.WakeAt is { } wakeAt)
                _alarm.Set(wakeAt);
            await Outbox.RungAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> frame)
    {
        var sending = _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        if (!sending.IsCompletedSuccessfully)
            await WithinAsync(sending.AsTask(), _writeTimeout).ConfigureAwait(false);
        _instruments.FramesSent.Add(1);
        _instruments.BytesSent.Add(frame.Length);
    }

    private async Task SayGoodbyeAsync(DisconnectReason reason)
    {
        var farewell = Outbox.Farewell(reason);
        if (!farewell.IsEmpty)
            await SendAsync(farewell).ConfigureAwait(false);
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return;

        var code = Outbox is V1Outbox ? (WebSocketCloseStatus)reason.Code : reason.PlainCode;
        await WithinAsync(_socket.CloseOutputAsync(code, reason.Text, CancellationToken.None), _writeTimeout).ConfigureAwait(false);

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
            Outbox.Ring();
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
}
