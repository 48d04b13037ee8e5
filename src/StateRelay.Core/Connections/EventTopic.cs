using System.Runtime.CompilerServices;

using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;
using StateRelay.Events;
using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>How events are relayed. Immutable.</summary>
internal sealed record EventTopicOptions
{
    /// <summary>Events held for clients that are behind or come back. Default 10,000.</summary>
    public int RetainedEvents { get; init; } = 10_000;

    /// <summary>About what they may take in memory. Default 32 MiB.</summary>
    public long RetainedBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How long they are held at most. Default 1 h.</summary>
    public TimeSpan RetainedFor { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The types of events that may be asked for; empty for all.</summary>
    public IReadOnlyList<string> AllowedTypes { get; init; } = [];

    /// <summary>Whether events of private repositories are held back from those whose tier does not include them.</summary>
    public bool EnforceTiers { get; init; }

    /// <summary>How long finding out who a client is may take in all. Default 10 s.</summary>
    public TimeSpan AuthenticationTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>
/// What happened, and who reads of it: logs an event, finds those it is for and rings only those. Safe for use by any thread.
/// </summary>
internal sealed class EventTopic(string name, EventTopicOptions options, IClientAuthenticator authenticator, TimeProvider clock, Instruments instruments, ILogger logger)
{
    /// <summary>
    /// Puts logging an event and marking its readers in one order, and guards the index. The log's own gate is taken inside this one,
    /// never the other way round.
    /// </summary>
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly SubscriptionIndex<EventReader> _index = new();
    private readonly HashSet<EventReader> _found = [];

    // Lives as long as the event it belongs to.
    private readonly ConditionalWeakTable<LoggedEvent, byte[]> _json = [];

    public string Name { get; } = name;

    public EventLog Log { get; } = new(options.RetainedEvents, options.RetainedBytes, options.RetainedFor);

    public EventTopicOptions Options { get; } = options;

    public bool EnforcesTiers => Options.EnforceTiers;

    public ILogger Logger { get; } = logger;

    /// <summary>How many subscriptions there are.</summary>
    public int ReaderCount
    {
        get
        {
            lock (_gate)
                return _index.Count;
        }
    }

    /// <summary>Whether a token has a shape that could be right.</summary>
    public bool IsWellFormed(string token) => authenticator.IsWellFormed(token);

    /// <summary>Will find out who shows <paramref name="token"/>.</summary>
    public Authentication Authenticate(Secret token, Outbox outbox, AlarmClock alarms) =>
        new(authenticator, token, Options.AuthenticationTimeout, outbox, alarms, Logger);

    /// <summary>Logs an event and rings those it is for. Waits for nobody; may be called while nobody reads.</summary>
    /// <returns>The event's number.</returns>
    public long Broadcast(Event happened, EventAudience audience)
    {
        if (happened.Timestamp == default)
            happened = happened with { Timestamp = clock.GetUtcNow() };

        var matched = 0;
        var heldBack = 0;
        LoggedEvent logged;
        lock (_gate)
        {
            logged = Log.Append(happened, audience, clock.GetUtcNow());
            _index.Find(happened.Type, audience, _found);
            foreach (var reader in _found)
            {
                switch (reader.Decide(logged))
                {
                    case EventVerdict.Theirs:
                        reader.Mark(logged.Seq);
                        matched++;
                        break;
                    case EventVerdict.HeldBack:
                        heldBack++;
                        break;
                }
            }

            _found.Clear();
        }

        instruments.EventsLogged.Add(1);
        instruments.EventsMatched.Add(matched);
        instruments.EventsHeldBack.Add(heldBack);
        return logged.Seq;
    }

    /// <summary>
    /// Lets a reader in: it will be told of everything after the position that this gives. Where <paramref name="since"/> names another,
    /// it is to start there, so far as that can be.
    /// </summary>
    public EventStart Join(EventReader reader, Position? since)
    {
        Log.Trim(clock.GetUtcNow());
        EventStart start;
        lock (_gate)
        {
            _index.Add(reader, reader.Subscription, reader.Identity);
            start = EventStart.Of(since, Log.Epoch, Log.FirstHeld, Log.Head);
        }

        reader.StartAfter(start.Seq);
        return start;
    }

    public void Leave(EventReader reader)
    {
        lock (_gate)
            _index.Remove(reader);
    }

    /// <summary>The event as clients of every dialect see it; made once for all.</summary>
    public byte[] JsonOf(LoggedEvent logged) => _json.GetValue(logged, static logged => PlainEventFrames.Event(logged.Event));

    /// <summary>A reader was told that events are gone.</summary>
    public void CountGap() => instruments.EventGaps.Add(1);
}
