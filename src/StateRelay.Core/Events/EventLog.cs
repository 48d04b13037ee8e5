using StateRelay.State;

namespace StateRelay.Events;

/// <summary>
/// What happened lately, numbered from 1 without holes. Holds no more events than it may, no more bytes, and none older than it may;
/// the newest stays however large it is. Readers keep positions. Safe for use by any thread.
/// </summary>
/// <param name="maxEvents">Most events held, at least 1.</param>
/// <param name="maxBytes">Most bytes that those before the newest may take together with it.</param>
/// <param name="maxAge">An event older than this is no longer held.</param>
internal sealed class EventLog(int maxEvents, long maxBytes, TimeSpan maxAge)
{
    private const int MinCapacity = 16;

    private readonly Lock _gate = new();

    // Guarded by _gate: a ring, the oldest event at _start.
    private LoggedEvent?[] _ring = new LoggedEvent?[Math.Min(MinCapacity, maxEvents)];
    private int _start;
    private int _count;
    private readonly EventPace _pace = new();
    private long _bytes;
    private long _head;

    // What was asked for last, written under _gate and read by any thread: those who are in step ask the same.
    private volatile Fetched? _last;

    /// <summary>Names this history: a log made later has another.</summary>
    public string Epoch { get; } = RandomName.Of(12);

    /// <summary>The number of the newest event; 0 before the first.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>The number of the oldest event held; one past <see cref="Head"/> when none is.</summary>
    public long FirstHeld
    {
        get
        {
            lock (_gate)
                return FirstHeld_NeedsGate;
        }
    }

    /// <summary>How many events are held now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>About what they take in memory.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    private long FirstHeld_NeedsGate => _head - _count + 1;

    /// <summary>Gives an event its number and holds it, letting go of what is too much then.</summary>
    /// <param name="happened">What happened.</param>
    /// <param name="audience">Whom it concerns.</param>
    /// <param name="now">The time; not before that of an earlier call.</param>
    public LoggedEvent Append(Event happened, EventAudience audience, DateTimeOffset now)
    {
        lock (_gate)
        {
            var logged = new LoggedEvent(_head + 1, happened, audience, now);
            _pace.Add(now);
            Trim_NeedsGate(now);
            while (_count > 0 && (_count >= maxEvents || _bytes + logged.Bytes > maxBytes))
                DropOldest_NeedsGate();

            if (_count == _ring.Length)
                Grow_NeedsGate();
            _ring[(_start + _count) % _ring.Length] = logged;
            _count++;
            _bytes += logged.Bytes;
            Volatile.Write(ref _head, logged.Seq);
            return logged;
        }
    }

    /// <summary>Lets go of what is too old at <paramref name="now"/>; gives the time of the oldest event that is held then, null when none is.</summary>
    public DateTimeOffset? Trim(DateTimeOffset now)
    {
        lock (_gate)
        {
            Trim_NeedsGate(now);
            return _count == 0 ? null : _ring[_start]!.Time;
        }
    }

    /// <summary>How many events there are a second: over the last few, and in the steps before.</summary>
    public (double Rate, IReadOnlyList<PaceStep> History) PaceAt(DateTimeOffset now)
    {
        lock (_gate)
            return (_pace.RateAt(now), _pace.HistoryAt(now));
    }

    /// <summary>
    /// The events after position <paramref name="seq"/>, the first <paramref name="max"/> of them. Where the first that is given is not
    /// <paramref name="seq"/> + 1, those between are gone; where nothing is given, those up to <see cref="Head"/> are.
    /// </summary>
    public LoggedEvent[] After(long seq, int max)
    {
        if (_last is { } last && last.Seq == seq && last.Max == max && last.Head == Head)
            return last.Events;
        lock (_gate)
        {
            var skipped = (int)Math.Clamp(seq + 1 - FirstHeld_NeedsGate, 0, _count);
            var events = new LoggedEvent[Math.Min(_count - skipped, max)];
            for (var index = 0; index < events.Length; index++)
                events[index] = _ring[(_start + skipped + index) % _ring.Length]!;
            _last = new Fetched(seq, max, _head, events);
            return events;
        }
    }

    private void Trim_NeedsGate(DateTimeOffset now)
    {
        while (_count > 0 && now - _ring[_start]!.Time > maxAge)
            DropOldest_NeedsGate();
    }

    private void DropOldest_NeedsGate()
    {
        _bytes -= _ring[_start]!.Bytes;
        _ring[_start] = null;
        _start = (_start + 1) % _ring.Length;
        _count--;
        _last = null;
    }

    private void Grow_NeedsGate()
    {
        var larger = new LoggedEvent?[(int)Math.Min(_ring.Length * 2L, maxEvents)];
        for (var index = 0; index < _count; index++)
            larger[index] = _ring[(_start + index) % _ring.Length];
        _ring = larger;
        _start = 0;
    }

    private sealed record Fetched(long Seq, int Max, long Head, LoggedEvent[] Events);
}
