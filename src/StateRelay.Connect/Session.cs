using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;

using Microsoft.Extensions.Logging;

using StateRelay.Connections;

namespace StateRelay.Connect;

/// <summary>
/// One socket's life: one task that reads, one that sends, and a timer that ends both when the server falls silent. Whatever ends one of
/// them ends all, and the first reason counts.
/// </summary>
internal sealed class Session : IDisposable
{
    private const int MaxOutgoing = 2_048;
    private const int MaxDepth = 1_024;
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseLinger = TimeSpan.FromSeconds(2);
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaxDepth };

    private readonly WebSocket _socket;
    private readonly FollowerList _followers;
    private readonly RelayConnectionOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Action<bool?> _connected;
    private readonly ITimer _alarm;
    private readonly Channel<byte[]> _outgoing = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxOutgoing) { SingleReader = true });

    // Any thread; the first one counts.
    private Ending? _ending;

    // Written by the reading task, read by the alarm.
    private long _lastHeard;

    // Guarded by the gate of the followers.
    private TimeSpan _patience;
    private long _lastId;
    private bool _heardHello;
    private bool _isStuck;
    private long? _connectedAt;

    // The reading task alone.
    private Goodbye? _goodbye;
    private Ending? _endNext;

    /// <param name="socket">Open; disposed by whoever made it.</param>
    /// <param name="followers">What is followed.</param>
    /// <param name="options">Limits.</param>
    /// <param name="clock">Times everything.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="connected">
    /// Called once, when everything that is followed was confirmed: whether it goes on where it had stopped.
    /// </param>
    public Session(WebSocket socket, FollowerList followers, RelayConnectionOptions options, TimeProvider clock, ILogger logger, Action<bool?> connected)
    {
        (_socket, _followers, _options, _clock, _logger, _connected) = (socket, followers, options, clock, logger, connected);
        _lastHeard = clock.GetTimestamp();
        _patience = options.ConnectTimeout;
        _alarm = clock.CreateTimer(static self => ((Session)self!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether everything was confirmed so long ago that this counts as a connection that holds.</summary>
    public bool IsStable
    {
        get
        {
            lock (_followers.Gate)
                return _connectedAt is { } since && _clock.GetElapsedTime(since) >= _options.StableAfter;
        }
    }

    /// <summary>Subscribes to everything that is followed, and stays until the end. Completes when both tasks have.</summary>
    public async Task<Ending> RunAsync(CancellationToken stop)
    {
        lock (_followers.Gate)
        {
            _followers.Session_NeedsGate = this;
            foreach (var follower in _followers.All_NeedsGate)
                Ask_NeedsGate(follower);
            SetAlarm_NeedsGate();
        }

        LeaveIfIdle();
        await using (stop.UnsafeRegister(static self => ((Session)self!).End(Ending.Stopped), this).ConfigureAwait(false))
            await Task.WhenAll(SendAsync(), ReadAsync()).ConfigureAwait(false);

        lock (_followers.Gate)
        {
            _followers.Session_NeedsGate = null;
            foreach (var follower in _followers.All_NeedsGate)
                follower.Detach();
        }

        return _ending!;
    }

    public void Dispose() => _alarm.Dispose();

    /// <summary>Asks the server for what somebody follows, from its position, if it has room.</summary>
    public void Ask_NeedsGate(Follower follower)
    {
        Drop_NeedsGate(follower);
        if (!follower.HasRoom)
            return;
        Say_NeedsGate(follower.Ask(++_lastId, _clock.GetTimestamp()));
        SetAlarm_NeedsGate();
    }

    /// <summary>Asks the server for no more of what somebody followed.</summary>
    public void Drop_NeedsGate(Follower follower)
    {
        if (follower.Sub is { } sub)
            Say_NeedsGate(ClientFrames.Unsubscribe(++_lastId, sub));

        // What was asked for and not answered yet is ended when the answer comes.
        follower.Detach();
    }

    /// <summary>Tells the server that the end of its work was seen in a state.</summary>
    public void Acknowledge_NeedsGate(FollowedState seen)
    {
        if (_followers.All_NeedsGate.OfType<StateFollower>().FirstOrDefault(follower => follower.IsOf(seen))?.Sub is { } sub)
            Say_NeedsGate(ClientFrames.CompletionAck(sub, seen.Seq));
    }

    /// <summary>Ends the connection politely when nothing is followed any more.</summary>
    public void LeaveIfIdle()
    {
        lock (_followers.Gate)
        {
            if (_followers.Count_NeedsGate > 0)
                return;
        }

        End(Ending.NothingToFollow);
    }

    /// <summary>
    /// Ends the connection, politely: what is to be said is said, then the close frame, and the server has a moment to answer.
    /// </summary>
    private void End(Ending ending)
    {
        if (Interlocked.CompareExchange(ref _ending, ending, null) is not null)
            return;
        lock (_followers.Gate)
            SetAlarm_NeedsGate();
        _outgoing.Writer.TryComplete();
    }

    /// <summary>Ends the connection at once: there is nobody to be polite to.</summary>
    private void Cut(Ending ending)
    {
        Interlocked.CompareExchange(ref _ending, ending, null);
        _outgoing.Writer.TryComplete();
        _socket.Abort();
    }

    private void Say_NeedsGate(byte[] message)
    {
        if (_outgoing.Writer.TryWrite(message) || _ending is not null)
            return;
        _isStuck = true;
        SetAlarm_NeedsGate();
    }

    // The sending task.

    private async Task SendAsync()
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                await SendAsync(message).ConfigureAwait(false);

            using var deadline = new CancellationTokenSource(CloseLinger, _clock);
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (IsLoss(error))
        {
            Cut(Ending.Lost("The connection was lost.", error));
        }
        catch (Exception error)
        {
            Log.Failed(_logger, error);
            Cut(Ending.Lost("Something failed here.", error));
        }
    }

    private async Task SendAsync(byte[] message)
    {
        using var deadline = new CancellationTokenSource(WriteTimeout, _clock);
        await _socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, deadline.Token).ConfigureAwait(false);
    }

    private static bool IsLoss(Exception error) =>
        error is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException;

    // The alarm.

    private void Look()
    {
        if (_ending is not null)
        {
            // The server had its moment.
            _socket.Abort();
            return;
        }

        string? late = null;
        lock (_followers.Gate)
        {
            if (_isStuck)
                late = "The server does not read what it is sent.";
            else if (Silence >= _patience)
                late = _heardHello ? "The server fell silent." : "The server did not say hello in time.";
            else if (_followers.All_NeedsGate.Any(follower => follower.Pending is not null && _clock.GetElapsedTime(follower.AskedAt) >= _options.ConfirmTimeout))
                late = "The server did not answer a subscription in time.";
            else
                SetAlarm_NeedsGate();
        }

        if (late is not null)
            Cut(Ending.Lost(late));
    }

    private TimeSpan Silence => _clock.GetElapsedTime(Volatile.Read(ref _lastHeard));

    private void SetAlarm_NeedsGate()
    {
        var due = _ending is not null ? CloseLinger : _isStuck ? TimeSpan.Zero : NextDeadline_NeedsGate();

        // Timers count whole milliseconds and would ring a fraction too early.
        _alarm.Change(TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(due.TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private TimeSpan NextDeadline_NeedsGate()
    {
        var due = _patience - Silence;
        foreach (var follower in _followers.All_NeedsGate)
        {
            if (follower.Pending is not null && _options.ConfirmTimeout - _clock.GetElapsedTime(follower.AskedAt) is var left && left < due)
                due = left;
        }

        return due;
    }

    // The reading task.

    private async Task ReadAsync()
    {
        using var reader = new MessageReader(_socket, _options.MaxMessageBytes);
        try
        {
            while (true)
            {
                var (kind, utf8) = await ReceiveAsync(reader).ConfigureAwait(false);
                Volatile.Write(ref _lastHeard, _clock.GetTimestamp());
                switch (kind)
                {
                    case ReceivedKind.Text when _ending is null:
                        Take(utf8);
                        break;
                    case ReceivedKind.Text or ReceivedKind.Binary:
                        break;
                    case ReceivedKind.Close:
                        End(Ending.OfClose((int?)_socket.CloseStatus ?? 1005, _socket.CloseStatusDescription, _goodbye));
                        return;
                    case ReceivedKind.TooBig:
                        Cut(Ending.Lost($"The server sent more than {_options.MaxMessageBytes} bytes at once (RelayConnectionOptions.MaxMessageBytes)."));
                        return;
                    case ReceivedKind.ProtocolError:
                        Cut(Ending.Lost("The server sent something that is not the WebSocket protocol."));
                        return;
                    default:
                        Cut(_goodbye is { } goodbye ? Ending.OfClose(goodbye.Code, goodbye.Reason, goodbye) : Ending.Lost("The connection was lost."));
                        return;
                }
            }
        }
        catch (Exception error)
        {
            Log.Failed(_logger, error);
            Cut(Ending.Lost("Something failed here.", error));
        }
    }

    private static async ValueTask<(ReceivedKind Kind, ReadOnlyMemory<byte> Utf8)> ReceiveAsync(MessageReader reader)
    {
        try
        {
            var arrived = await reader.WaitAsync().ConfigureAwait(false);
            return await reader.ReadAsync(arrived).ConfigureAwait(false);
        }
        catch (Exception error) when (MessageReader.EndOf(error) is { } end)
        {
            return (end, default);
        }
    }

    /// <summary>Takes one message, one frame or several that are one step: all are applied before a consumer sees any of it.</summary>
    private void Take(ReadOnlyMemory<byte> utf8)
    {
        var woken = new HashSet<Follower>();
        Connection? connection = null;
        try
        {
            using var document = JsonDocument.Parse(utf8, Reading);
            lock (_followers.Gate)
            {
                if (document.RootElement.ValueKind == JsonValueKind.Array)
                {
                    foreach (var frame in document.RootElement.EnumerateArray())
                        Take_NeedsGate(frame, woken);
                }
                else
                {
                    Take_NeedsGate(document.RootElement, woken);
                }

                connection = NewlyConnected_NeedsGate();
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            Cut(Ending.Lost("The server sent something that cannot be read.", error));
        }

        foreach (var follower in woken)
            follower.Bell.Ring();
        if (connection is { } made)
            _connected(made.Recovered);
        if (_endNext is { } ending)
            End(ending);
        LeaveIfIdle();
    }

    private void Take_NeedsGate(JsonElement element, HashSet<Follower> woken)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return;

        var frame = new ServerFrame(element);
        switch (frame.Type)
        {
            case "hello":
                var ping = frame.Object("ping");
                _patience = (ping?.Milliseconds("interval") ?? TimeSpan.FromSeconds(25)) + (ping?.Milliseconds("timeout") ?? TimeSpan.FromSeconds(10));
                _heardHello = true;
                SetAlarm_NeedsGate();
                break;
            case "ping":
                Say_NeedsGate(ClientFrames.Pong(frame));
                CheckHeads_NeedsGate(frame.Object("heads"));
                break;
            case "pong" or "unsubscribed":
                break;
            case "subscription_confirmed":
                Confirm_NeedsGate(frame, woken);
                break;
            case "error":
                TakeError_NeedsGate(frame, woken);
                break;
            case "goodbye":
                var retry = frame.Object("retry");
                var code = (int)Math.Min(frame.Number("code") ?? 1005, int.MaxValue);
                _goodbye = new Goodbye(code, frame.Text("reason"), retry?.Milliseconds("after"), retry?.Milliseconds("jitter"));
                break;
            case "state_snapshot" or "state_delta" or "state_event" or "event" or "gap":
                if (frame.Number("sub") is { } sub && _followers.All_NeedsGate.FirstOrDefault(follower => follower.Sub == sub) is { } theirs)
                    Act_NeedsGate(theirs, theirs.Take(frame.Type, frame), woken);
                break;
            default:
                Log.UnknownFrame(_logger, Shortened(frame.Type ?? "none"));
                break;
        }
    }

    private void Act_NeedsGate(Follower follower, Step step, HashSet<Follower> woken)
    {
        switch (step)
        {
            case Step.News:
                woken.Add(follower);
                break;
            case Step.AskAgain:
                Log.AskingAgain(_logger, follower.Topic);
                Ask_NeedsGate(follower);
                break;
            case Step.AskAnew:
                Log.DeltaDidNotFit(_logger, follower.Topic);
                follower.ForgetPosition();
                Ask_NeedsGate(follower);
                break;
            case Step.GiveUp:
                Log.ConsumerBehind(_logger, follower.Topic, _options.MaxBufferedEvents);
                Drop_NeedsGate(follower);
                break;
        }
    }

    private void Confirm_NeedsGate(ServerFrame frame, HashSet<Follower> woken)
    {
        if (frame.Number("sub") is not { } sub)
            return;
        if (Asked_NeedsGate(frame) is { } follower)
            Act_NeedsGate(follower, follower.Confirm(sub, frame), woken);
        else
            Say_NeedsGate(ClientFrames.Unsubscribe(++_lastId, sub));
    }

    private Follower? Asked_NeedsGate(ServerFrame answer) =>
        answer.Number("id") is { } id ? _followers.All_NeedsGate.FirstOrDefault(follower => follower.Pending == id) : null;

    private void TakeError_NeedsGate(ServerFrame frame, HashSet<Follower> woken)
    {
        var name = Shortened(frame.Text("error") ?? "error");
        if (Asked_NeedsGate(frame) is not { } follower)
        {
            Log.ServerError(_logger, name);
            return;
        }

        Log.SubscriptionRefused(_logger, follower.Topic, name);
        var why = $"The server refused the subscription to '{follower.Topic}': {name}, {frame.Text("message")}.";
        if (frame.Flag("temporary") == true)
        {
            _endNext = Ending.Lost(why);
            return;
        }

        _followers.Remove_NeedsGate(follower);
        follower.End(new RelayRefusedException(why) { Error = name });
        woken.Add(follower);
    }

    /// <summary>A head beyond where a follower has come means that something was lost on the way.</summary>
    private void CheckHeads_NeedsGate(ServerFrame? heads)
    {
        foreach (var (name, head) in heads?.Numbers() ?? [])
        {
            if (long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var sub)
                && _followers.All_NeedsGate.FirstOrDefault(follower => follower.Sub == sub) is { } behind && behind.IsBehind(head))
            {
                Log.AskingAgain(_logger, behind.Topic);
                Ask_NeedsGate(behind);
            }
        }
    }

    private Connection? NewlyConnected_NeedsGate()
    {
        if (_connectedAt is not null || !_heardHello || _ending is not null || _followers.All_NeedsGate.Any(follower => follower.Pending is not null))
            return null;

        _connectedAt = _clock.GetTimestamp();
        var outcomes = _followers.All_NeedsGate.Select(follower => follower.Recovered).ToArray();
        return new Connection(outcomes.Contains(false) ? false : outcomes.Contains(true) ? true : null);
    }

    private static string Shortened(string name) => name.Length <= 64 ? name : name[..64];

    /// <summary>Everything that is followed was confirmed.</summary>
    /// <param name="Recovered">Whether it goes on where it had stopped; null where there was nothing to go on from.</param>
    private readonly record struct Connection(bool? Recovered);
}
