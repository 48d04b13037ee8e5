using System.Diagnostics.Metrics;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Connections;
using StateRelay.Diagnostics;
using StateRelay.Events;
using StateRelay.Protocol;

namespace StateRelay;

/// <summary>
/// What happened, and who hears of it: numbers an event, holds it for a while, finds those it is for and wakes only those. Belongs to the
/// program, like a <see cref="StateStore"/>: servers give it clients, and it outlives them. Safe for use by any thread.
/// </summary>
/// <remarks>
/// Nobody has a queue here, only a position: whoever is slow reads later from what is held, and is told when that is no longer all.
/// </remarks>
public sealed class Hub : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly Instruments _instruments;
    private readonly ITimer _trimming;

    /// <summary>
    /// Puts logging an event and marking its readers in one order, and guards the index. The log's own gate is taken inside this one,
    /// never the other way round.
    /// </summary>
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly SubscriptionIndex<EventReader> _index = new();
    private readonly List<EventReader> _found = [];
    private long _matched;
    private bool _stopping;
    private bool _willTrim;

    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes a hub; it works from now on.</summary>
    /// <param name="options">How it keeps and hands out events, copied; null for the defaults.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="clock">Times everything; null for the system's clock.</param>
    /// <param name="meters">Makes the meter; null for one of the hub's own.</param>
    /// <exception cref="ArgumentException">Options break a rule; the message names every one.</exception>
    public Hub(HubOptions? options = null, ILoggerFactory? loggers = null, TimeProvider? clock = null, IMeterFactory? meters = null)
    {
        Options = (options ?? new HubOptions()).Copy();
        if (Options.Problems().ToArray() is [_, ..] problems)
            throw new ArgumentException(string.Join(' ', problems), nameof(options));

        _clock = clock ?? TimeProvider.System;
        _instruments = new Instruments(meters);
        Logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("StateRelay.Events");
        Log = new EventLog(Options.RetainedEvents, Options.RetainedEventBytes, Options.RetainedEventAge);
        CommitCache = new CommitCache(_clock);
        Alarms = new AlarmClock(_clock);
        AllowedTypes = [.. Options.OfferedEventTypes];
        _trimming = _clock.CreateTimer(static hub => ((Hub)hub!).Trim(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Which pull requests a commit is the head of, as told by events.</summary>
    public CommitCache CommitCache { get; }

    /// <summary>
    /// How many follow events now: a client that speaks a plain dialect counts once, one that speaks v1 for each of its subscriptions to
    /// events, and a reader of this program once.
    /// </summary>
    public int ClientCount
    {
        get
        {
            lock (_gate)
                return _index.Count;
        }
    }

    /// <summary>The position of whoever has read everything so far.</summary>
    public EventPosition Head => new(Log.Epoch, Log.Head);

    /// <summary>Completes when the hub was told to stop and nobody follows its events any more.</summary>
    public Task Completion => _completion.Task;

    internal HubOptions Options { get; }

    internal IReadOnlyList<string> AllowedTypes { get; }

    internal EventLog Log { get; }

    internal ILogger Logger { get; }

    /// <summary>Times clients that no server serves.</summary>
    internal AlarmClock Alarms { get; }

    internal Instruments Instruments => _instruments;

    internal TimeProvider Clock => _clock;

    internal DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>
    /// Tells everybody whom it concerns and who asked for it that something happened. Waits for nobody and never fails: also when
    /// nobody is connected, or the hub has stopped, the event is numbered and held for those who come back.
    /// </summary>
    /// <param name="happened">What happened; without a time it happened now.</param>
    /// <param name="audience">Whom it concerns.</param>
    /// <returns>The event's number, from 1 without holes.</returns>
    public long Broadcast(Event happened, EventAudience audience)
    {
        ArgumentNullException.ThrowIfNull(happened);
        ArgumentNullException.ThrowIfNull(audience);
        var now = _clock.GetUtcNow();
        if (happened.Timestamp == default)
            happened = happened with { Timestamp = now };

        using var activity = Activities.StartBroadcast(happened.Type);
        var heldBack = 0;
        LoggedEvent logged;
        var peal = new Peal();
        lock (_gate)
        {
            logged = Log.Append(happened, audience, now);
            Interlocked.MemoryBarrier(); // as Mark demands
            _index.Find(happened.Type, audience, _found);
            foreach (var reader in _found)
            {
                switch (reader.Decide(logged))
                {
                    case EventVerdict.Theirs:
                        if (reader.Mark(logged.Seq))
                            peal.Add(reader.Follower.Bell);
                        logged.Matched++;
                        break;
                    case EventVerdict.HeldBack:
                        heldBack++;
                        break;
                }
            }

            _found.Clear();
            _matched += logged.Matched;
            TrimAfter_NeedsGate(Options.RetainedEventAge);
        }

        peal.Ring();
        Activities.Told(activity, logged.Seq, logged.Matched);
        _instruments.EventsLogged.Add(1);
        _instruments.EventsMatched.Add(logged.Matched);
        _instruments.EventsHeldBack.Add(heldBack);
        Diagnostics.Log.EventLogged(Logger, logged.Seq, happened.Type, logged.Matched);
        return logged.Seq;
    }

    /// <summary>
    /// Lets a client in: it is sent every event after the position that this gives which is for it. Where the hub has stopped, the client
    /// is closed instead. A client that is in stays so.
    /// </summary>
    public EventPosition Register(Client client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.Enter(this);
    }

    /// <summary>Says goodbye to a client: it is sent what it is owed, then closed. Nothing happens to one that is gone, or another hub's.</summary>
    public void Unregister(Client client)
    {
        ArgumentNullException.ThrowIfNull(client);
        client.Leave(this);
    }

    /// <summary>Completes when the hub has stopped, as <see cref="Completion"/> does.</summary>
    /// <param name="stop">Cancel it to stop the hub.</param>
    public async Task RunAsync(CancellationToken stop = default)
    {
        await using var stopping = stop.UnsafeRegister(static hub => ((Hub)hub!).Stop(), this).ConfigureAwait(false);
        await Completion.ConfigureAwait(false);
    }

    /// <summary>
    /// Says goodbye to everybody who follows events and lets nobody in any more. Returns at once; may be called from anywhere and any
    /// number of times.
    /// </summary>
    public void Stop()
    {
        EventReader[] readers;
        lock (_gate)
        {
            _stopping = true;
            readers = [.. _index.Readers];
            if (readers.Length == 0)
                _completion.TrySetResult();
        }

        Diagnostics.Log.HubStopping(Logger, readers.Length);
        foreach (var reader in readers)
        {
            reader.Follower.Close(DisconnectReason.Shutdown);

            // A client that nobody runs cannot be told, and would never leave.
            if (!reader.Follower.IsServed)
                Leave(reader);
        }
    }

    /// <summary>
    /// Reads events in this program: those that follow, until the hub stops or the token is cancelled. Whoever reads slowly holds up
    /// nobody. May be read by several at once, each for itself.
    /// </summary>
    /// <param name="wanted">Which; null for all. The program may see everything, so <c>*</c> is every organization; it has no events of its own.</param>
    /// <param name="since">Begin after this position, as far as that is held; null for what happens from now on.</param>
    /// <param name="cancellationToken">Ends it, without an exception.</param>
    /// <exception cref="ArgumentException">What is wanted breaks a rule.</exception>
    public IAsyncEnumerable<HubEvent> ReadAsync(Subscription? wanted = null, EventPosition? since = null, CancellationToken cancellationToken = default)
    {
        wanted ??= new Subscription { Organization = Subscription.AllOrganizations };
        if ((wanted.Validate() ?? wanted.ValidateFor(ClientIdentity.Program)) is { } problem)
            throw new ArgumentException(problem.Message, nameof(wanted));

        // The position is taken here: what happens between the call and the first step is read too.
        return ProgramReader.ReadAsync(this, wanted, since ?? Head, cancellationToken);
    }

    /// <summary>Stops, and lets go of the hub's timers and of its instruments: nothing is measured from then on.</summary>
    public void Dispose()
    {
        Stop();
        _trimming.Dispose();
        _instruments.Dispose();
    }

    /// <summary>
    /// Lets a reader in: it will be told of everything after the position that this gives. Where <paramref name="since"/> names another,
    /// it is to start there, so far as that can be. Null when the hub has stopped.
    /// </summary>
    internal EventStart? Join(EventReader reader, Position? since)
    {
        Log.Trim(_clock.GetUtcNow());
        EventStart start;
        lock (_gate)
        {
            if (_stopping)
                return null;
            _index.Add(reader, reader.Subscription, reader.Identity);
            start = EventStart.Of(since, Log.Epoch, Log.FirstHeld, Log.Head);
        }

        reader.StartAfter(start.Seq);
        return start;
    }

    /// <summary>From now on a reader follows something else, or is somebody with other rights; its position stays. For its sending task.</summary>
    internal void Change(EventReader reader, Subscription subscription, ClientIdentity identity)
    {
        lock (_gate)
        {
            var isIn = _index.Remove(reader);
            reader.Become(subscription, identity);
            if (isIn)
                _index.Add(reader, subscription, identity);
        }
    }

    internal void Leave(EventReader reader)
    {
        lock (_gate)
        {
            _index.Remove(reader);
            if (_stopping && _index.Count == 0)
                _completion.TrySetResult();
        }
    }

    /// <summary>A reader was told that events are gone.</summary>
    internal void CountGap() => _instruments.EventGaps.Add(1);

    /// <summary>What the hub does now, for the page.</summary>
    internal HubReport Report(int maxEvents, int maxFollowers)
    {
        EventReader[] readers;
        LoggedEvent[] latest;
        long head, matched;
        lock (_gate)
        {
            readers = [.. _index.Readers];
            (head, matched) = (Log.Head, _matched);
            latest = Log.After(Math.Max(0, head - maxEvents), maxEvents);
        }

        var (rate, history) = Log.PaceAt(_clock.GetUtcNow());
        var listed = readers.Select(reader => reader.Report(head))
            .OrderByDescending(follower => follower.Behind)
            .ThenBy(follower => follower.Since)
            .Take(maxFollowers)
            .OrderBy(follower => follower.Since)
            .ThenBy(follower => follower.Id, StringComparer.Ordinal)
            .ThenBy(follower => follower.Sub);
        return new HubReport(head, matched, rate, history, latest, readers.Length, [.. listed]);
    }

    private void Trim()
    {
        lock (_gate)
        {
            _willTrim = false;
            var now = _clock.GetUtcNow();
            if (Log.Trim(now) is { } oldest)
                TrimAfter_NeedsGate(oldest + Options.RetainedEventAge - now);
        }
    }

    private void TrimAfter_NeedsGate(TimeSpan wait)
    {
        if (_willTrim)
            return;
        _willTrim = true;
        _trimming.Change(wait < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : wait, Timeout.InfiniteTimeSpan);
    }
}
