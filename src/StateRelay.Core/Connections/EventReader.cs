using StateRelay.Events;

namespace StateRelay.Connections;

/// <summary>What a reader comes upon next.</summary>
/// <param name="GoneUpTo">The last of those events after its position that are gone; null when none is.</param>
/// <param name="Events">The events for it, in order.</param>
internal readonly record struct EventsRead(long? GoneUpTo, IReadOnlyList<LoggedEvent> Events)
{
    public bool IsNothing => GoneUpTo is null && Events.Count == 0;
}

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

    /// <summary>An event that is for it was logged. Called in the order of the log.</summary>
    public void Mark(long seq)
    {
        Interlocked.CompareExchange(ref _firstMarked, seq, 0);
        Follower.Ring();
    }

    /// <summary>Everything after <paramref name="position"/> is still to be read.</summary>
    public void StartAfter(long position)
    {
        _scanned = position;
        _isBehind = true;
    }

    /// <summary>The next events for it. Nothing only when it has read everything.</summary>
    public EventsRead Read()
    {
        if (Interlocked.Exchange(ref _firstMarked, 0) is var marked and > 0)
        {
            // What came before the mark was not for it.
            if (!_isBehind)
                _scanned = Math.Max(_scanned, marked - 1);
            _isBehind = true;
        }

        while (_isBehind)
        {
            if (Step() is { IsNothing: false } read)
                return read;
        }

        return new EventsRead(null, []);
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

    private EventsRead Step()
    {
        var log = hub.Log;
        var head = log.Head;
        var events = log.After(_scanned, EventsAStep);
        _isBehind = events.Length == EventsAStep;

        var last = events is [.., var newest] ? newest.Seq : Math.Max(head, _scanned);
        var gone = (events is [var oldest, ..] ? oldest.Seq : last + 1) - 1;
        var read = new EventsRead(gone > _scanned ? gone : null, [.. events.Where(logged => Decide(logged) == EventVerdict.Theirs)]);
        Volatile.Write(ref _scanned, last);
        return read;
    }
}
