using System.Buffers;

using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>
/// What one client is owed: answers to what it said, and whatever is newer than its positions. It holds positions, not copies, so
/// a client that stops reading costs nothing more. One class a dialect.
/// </summary>
internal abstract class Outbox : IFollower, IDisposable
{
    /// <summary>Messages of a client that wait to be acted on; one that sends more without reading is not read from meanwhile.</summary>
    public const int MaxUnanswered = 16;

    /// <summary>Most events owed at once; whoever is owed more is owed them after these.</summary>
    private protected const int MaxEventsOwed = 64;

    /// <summary>The largest frame that several messages are joined into.</summary>
    private const int MaxJoinedBytes = 64 * 1024;

    // Any thread may use these.
    private readonly Unanswered _said = new(MaxUnanswered);
    private DisconnectReason? _reason;
    private long _lastHeard;
    private volatile bool _isServed;

    // Only the client's sending task touches these.
    private readonly Queue<ReadOnlyMemory<byte>> _owed = new();
    private bool _owesMore = true;
    private byte[]? _joined;

    private protected Outbox(string id, AlarmClock clock)
    {
        Id = id;
        Clock = clock;
        _lastHeard = clock.Now.Ticks;
    }

    /// <summary>The connection's.</summary>
    public string Id { get; }

    /// <summary>Why the connection is to end; null while it lives. The first reason given is the one kept.</summary>
    public DisconnectReason? Reason => Volatile.Read(ref _reason);

    /// <summary>Whether a client's tasks send what is owed here, and leave the topics in the end.</summary>
    public bool IsServed => _isServed;

    /// <summary>When to look again even if nobody rings; null for never. Valid after <see cref="Next"/> gave nothing.</summary>
    public TimeSpan? WakeAt { get; private set; }

    private protected AlarmClock Clock { get; }

    /// <summary>When the client last said something.</summary>
    private protected TimeSpan LastHeard => new(Volatile.Read(ref _lastHeard));

    /// <summary>Whether several messages may share a frame.</summary>
    private protected abstract bool Joins { get; }

    /// <summary>Rung when there may be something new; the sending task waits for it.</summary>
    public Bell Bell { get; } = new();

    /// <summary>The client's tasks are about to begin.</summary>
    public void Serve() => _isServed = true;

    /// <summary>Ends the connection, for the first reason given.</summary>
    public void Close(DisconnectReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is not null)
            return;
        _said.Close();
        Bell.Ring();
    }

    /// <summary>The client has said something, whatever it is.</summary>
    public void Hear() => Volatile.Write(ref _lastHeard, Clock.Now.Ticks);

    /// <summary>Hands over what the client said; waits while the client has too much unanswered. False when the connection is to end.</summary>
    public async ValueTask<bool> PostAsync(ClientMessage message)
    {
        if (!await _said.AddAsync(message).ConfigureAwait(false))
            return false;
        Bell.Ring();
        return true;
    }

    /// <summary>The next frame to send, valid until the next call; empty when nothing is owed now. For the sending task.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        ReturnJoined();
        if (_owed.Count == 0 && (Bell.Take() || _owesMore))
        {
            _owesMore = false;
            WakeAt = null;
            if (_said.TakeAll() is { } said)
            {
                foreach (var message in said)
                    Answer(message);
            }

            Gather();
        }

        if (!_owed.TryDequeue(out var first))
            return default;
        return Joins && _owed.Count > 0 ? Join(first) : first;
    }

    /// <summary>The last frame before the connection is closed; empty when the dialect has none.</summary>
    public abstract ReadOnlyMemory<byte> Farewell(DisconnectReason reason);

    /// <summary>Leaves the topics. For the sending task, after its last <see cref="Next"/>.</summary>
    public virtual void Dispose()
    {
        _said.Close();
        ReturnJoined();
    }

    /// <summary>Acts on what the client said.</summary>
    private protected abstract void Answer(ClientMessage message);

    /// <summary>Owes what is newer than the client's positions, and moves them.</summary>
    private protected abstract void Gather();

    private protected void Owe(ReadOnlyMemory<byte> message) => _owed.Enqueue(message);

    /// <summary>There is more to gather once what is owed now was sent, though nobody rings.</summary>
    private protected void OweMore() => _owesMore = true;

    private protected bool OwesNothing => _owed.Count == 0;

    private protected void WakeNoLaterThan(TimeSpan due) => WakeAt = WakeAt is { } earlier && earlier <= due ? earlier : due;

    /// <summary>Joins messages into one array frame: <paramref name="first"/> and those after it that fit.</summary>
    private ReadOnlyMemory<byte> Join(ReadOnlyMemory<byte> first)
    {
        var count = 1;
        var length = first.Length + 2;
        foreach (var message in _owed)
        {
            if (length + 1 + message.Length > MaxJoinedBytes)
                break;
            length += 1 + message.Length;
            count++;
        }

        if (count == 1)
            return first;

        _joined = ArrayPool<byte>.Shared.Rent(length);
        _joined[0] = (byte)'[';
        first.Span.CopyTo(_joined.AsSpan(1));
        var end = 1 + first.Length;
        for (; count > 1; count--)
        {
            var message = _owed.Dequeue().Span;
            _joined[end] = (byte)',';
            message.CopyTo(_joined.AsSpan(end + 1));
            end += 1 + message.Length;
        }

        _joined[end] = (byte)']';
        return _joined.AsMemory(0, length);
    }

    private void ReturnJoined()
    {
        if (_joined is null)
            return;
        ArrayPool<byte>.Shared.Return(_joined);
        _joined = null;
    }
}
