using StateRelay.Events;

namespace StateRelay.Connections;

/// <summary>What a reader comes upon next.</summary>
/// <param name="Seq">The position that it moves to.</param>
/// <param name="Event">The event there, which is for it; null when all after its position are gone, up to and including this one.</param>
internal readonly record struct EventRead(long Seq, LoggedEvent? Event);

/// <summary>
/// One reader's place in the event log: a position, not a copy. It is told the first event that it has not read and that could be for
/// it; from there it reads by itself, and one for whom nothing happens reads nothing.
/// </summary>
/// <param name="hub">Whose events it reads.</param>
/// <param name="follower">For whom; rung when there is something new.</param>
/// <param name="subscription">What it follows.</param>
/// <param name="identity">Whose it is.</param>
/// <param name="sub">Its number, where a follower has several.</param>
internal sealed class EventReader(Hub hub, IFollower follower, Subscription subscription, ClientIdentity identity, int sub = 0)
{
    private const int EventsAStep = 256;

    // Any thread: the first event marked since the reader last looked; 0 for none.
    private long _firstMarked;

    // Only the connection's sending task changes these.
    private LoggedEvent[] _fetched = [];
    private int _lookedAt;      // how many of those
    private bool _mayBeMore;    // behind those
    private long _scanned;
    private volatile bool _isBehind;

    public IFollower Follower { get; } = follower;

    /// <summary>When it began.</summary>
    public DateTimeOffset Since { get; } = hub.Now;

    // Changed under the hub's gate by the sending task: each may read them, under the gate or in that task.
    public Subscription Subscription { get; private set; } = subscription;

    public ClientIdentity Identity { get; private set; } = identity;

    /// <summary>Whether an event is for it.</summary>
    public EventVerdict Decide(LoggedEvent logged) => EventRules.Decide(Subscription, Identity, logged.Event.Type, logged.Audience, hub.Options.EnforceTiers);

    /// <summary>Changes what it follows and with whose rights. For the hub, under its gate.</summary>
    public void Become(Subscription subscription, ClientIdentity identity)
    {
        Subscription = subscription;
        Identity = identity;
    }

    /// <summary>
    /// An event that is for it was logged. True when its follower is to be rung: before, it had read everything that was for it. Called in
    /// the order of the log, after a full fence that follows the logging: whoever takes the mark that is seen here finds the event.
    /// </summary>
    public bool Mark(long seq) => Volatile.Read(ref _firstMarked) == 0 && Interlocked.CompareExchange(ref _firstMarked, seq, 0) == 0;

    /// <summary>Everything after <paramref name="position"/> is still to be read.</summary>
    public void StartAfter(long position)
    {
        _scanned = position;
        _mayBeMore = true;
        _isBehind = true;
    }

    /// <summary>The next event for it, or first how far those before are gone. False only when it has read everything.</summary>
    public bool TryRead(out EventRead read)
    {
        while (true)
        {
            if (TryReadFetched(out read))
                return true;
            TakeMark();
            if (!_mayBeMore)
                break;
            if (Fetch() is { } goneUpTo)
            {
                read = new EventRead(goneUpTo, null);
                return true;
            }
        }

        _fetched = [];
        _lookedAt = 0;
        _isBehind = false;
        return false;
    }

    /// <summary>Where it stands, for the page. Any thread; a moment's picture.</summary>
    public FollowerReport Report(long head)
    {
        // What came before a mark was not for it, unless it is behind anyway.
        var marked = Volatile.Read(ref _firstMarked);
        var read = _isBehind || marked == 0 ? Volatile.Read(ref _scanned) : marked - 1;
        var behind = _isBehind || marked > 0 ? Math.Max(0, head - read) : 0;
        return new FollowerReport(Follower.Id, sub, Identity.UserName, Subscription, behind, Since);
    }

    private void TakeMark()
    {
        if (Interlocked.Exchange(ref _firstMarked, 0) is not (var marked and > 0))
            return;

        // What came before the mark was not for it.
        if (!_isBehind)
            Volatile.Write(ref _scanned, Math.Max(_scanned, marked - 1));
        _mayBeMore = true;
        _isBehind = true;
    }

    private bool TryReadFetched(out EventRead read)
    {
        while (_lookedAt < _fetched.Length)
        {
            var logged = _fetched[_lookedAt++];
            Volatile.Write(ref _scanned, logged.Seq);
            if (Decide(logged) != EventVerdict.Theirs)
                continue;
            read = new EventRead(logged.Seq, logged);
            return true;
        }

        read = default;
        return false;
    }

    /// <summary>Takes the next events from the log; gives how far those before are gone, null when none is.</summary>
    private long? Fetch()
    {
        var head = hub.Log.Head;
        _fetched = hub.Log.After(_scanned, EventsAStep);
        _lookedAt = 0;
        _mayBeMore = _fetched.Length == EventsAStep;

        var gone = _fetched is [var oldest, ..] ? oldest.Seq - 1 : head;
        if (gone <= _scanned)
            return null;
        Volatile.Write(ref _scanned, gone);
        return gone;
    }
}
