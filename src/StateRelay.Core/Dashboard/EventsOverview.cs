using System.Globalization;

using StateRelay.Connections;
using StateRelay.Events;
using StateRelay.GitHub;
using StateRelay.Operations;

namespace StateRelay.Dashboard;

/// <summary>
/// What a hub does, as a state that viewers watch like any other. Looks at the hub only while somebody watches, a few times a second, and
/// when somebody asks; events themselves cost it nothing. Bounded, however many events and clients there are. Safe for use by any
/// thread.
/// </summary>
internal sealed class EventsOverview : IStateSource, IDisposable
{
    /// <summary>The name that the state is served by.</summary>
    public const string Topic = "relay";

    public const int MaxEvents = 100;
    public const int MaxClients = 100;

    /// <summary>Least time between two looks; what happened is shown after that at the latest.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a look holds while nothing happens: who is connected, and how far behind, changes too.</summary>
    public static readonly TimeSpan SlowPace = TimeSpan.FromSeconds(1);

    private readonly Func<int, int, HubReport> _report;
    private readonly Func<long> _head;
    private readonly DeliveryTally? _deliveries;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private int _watchers;
    private long? _lookedAt;
    private bool _looking;
    private bool _disposed;

    /// <param name="report">Looks at the hub, given the most events and the most clients to tell of.</param>
    /// <param name="head">The number of its newest event; cheap.</param>
    /// <param name="deliveries">What became of those from GitHub; null where none are taken in.</param>
    /// <param name="clock">Gives the time and the timer.</param>
    public EventsOverview(Func<int, int, HubReport> report, Func<long> head, DeliveryTally? deliveries, TimeProvider clock)
    {
        _report = report;
        _head = head;
        _deliveries = deliveries;
        _clock = clock;
        _timer = clock.CreateTimer(static overview => ((EventsOverview)overview!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        State = new StateStore<EventsState>(Seen(), EventsJson.Default.EventsState, clock: clock) { Source = this };
    }

    /// <summary>The state to serve.</summary>
    public StateStore<EventsState> State { get; }

    public void Watch()
    {
        lock (_gate)
        {
            if (++_watchers == 1)
                Arm_NeedsGate();
        }
    }

    public void Unwatch()
    {
        lock (_gate)
            _watchers--;
    }

    public void Refresh() => LookAfter(Pace);

    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _timer.Dispose();
    }

    private void Tick()
    {
        LookAfter(_head() == State.Current.Head ? SlowPace : Pace);
        lock (_gate)
        {
            if (_watchers > 0)
                Arm_NeedsGate();
        }
    }

    private void Arm_NeedsGate()
    {
        if (!_disposed)
            _timer.Change(Pace, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Looks, unless the last look is not that old, or one is under way.</summary>
    private void LookAfter(TimeSpan age)
    {
        lock (_gate)
        {
            if (_looking || (_lookedAt is { } at && _clock.GetElapsedTime(at) < age))
                return;
            _looking = true;
            _lookedAt = _clock.GetTimestamp();
        }

        try
        {
            var seen = Seen();
            State.Update(_ => seen);
        }
        finally
        {
            lock (_gate)
                _looking = false;
        }
    }

    private EventsState Seen()
    {
        var report = _report(MaxEvents, MaxClients);
        return new EventsState
        {
            Head = report.Head,
            Subscriptions = report.Followers,
            Counts = Counts(report.Matched),
            Rate = new EventRate
            {
                Now = Math.Round(report.Rate, 1),
                History = [.. report.History.Select(step => new MetricPoint(step.Number, step.End, step.Rate))],
            },
            Events = [.. report.Latest.Reverse().Select(Shown)],
            EarlierEvents = report.Head - report.Latest.Count,
            Clients = [.. Shown(report.Listed)],
            MoreClients = report.Followers - report.Listed.Count,
        };
    }

    private EventCounts Counts(long sent) => _deliveries is null
        ? new EventCounts { Sent = sent }
        : new EventCounts
        {
            Sent = sent,
            Received = _deliveries.All,
            Relayed = _deliveries[DeliveryOutcome.Relayed],
            Duplicate = _deliveries[DeliveryOutcome.Duplicate],
            Ignored = _deliveries[DeliveryOutcome.Ignored],
            Refused = _deliveries[DeliveryOutcome.NotSigned] + _deliveries[DeliveryOutcome.NotUnderstood] + _deliveries[DeliveryOutcome.NotRead],
        };

    private static ShownEvent Shown(LoggedEvent logged) => new(
        logged.Seq,
        ShownText.Cut(logged.Event.Type),
        ShownText.AddressOrNull(logged.Event.Url),
        Figures.Shown(logged.Event.Timestamp),
        ShownText.Cut(logged.Event.DeliveryId),
        ShownText.Cut(logged.Event.CommitSha),
        logged.Matched);

    private static IEnumerable<ShownClient> Shown(IReadOnlyList<FollowerReport> followers)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var follower in followers)
        {
            var sub = follower.Sub;
            var id = sub == 0 ? follower.Id : Numbered(follower.Id, sub);
            while (!ids.Add(id))
                id = Numbered(follower.Id, ++sub);
            yield return Shown(id, follower);
        }
    }

    private static string Numbered(string id, int number) => string.Create(CultureInfo.InvariantCulture, $"{id}.{number}");

    private static ShownClient Shown(string id, FollowerReport follower) => new(
        id,
        follower.UserName.Length == 0 ? "(this program)" : ShownText.Cut(follower.UserName),
        ShownText.Of(follower.Subscription),
        follower.Behind,
        Figures.Shown(follower.Since));
}
