using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Globalization;

using Microsoft.Extensions.Logging;

using StateRelay.Operations;
using StateRelay.State;

namespace StateRelay;

/// <summary>
/// A ready-made state: one long job made of items. Tell it what happens; <see cref="State"/> follows, for any number of servers and
/// listeners. Changes of status, errors and warnings are in the state when the call returns; progress, new items, details, metrics
/// and log entries follow within <see cref="OperationTrackerOptions.ProgressInterval"/>, or at once with any of the former.
/// Safe for use by any thread.
/// </summary>
/// <remarks>
/// The operation's status moves along initializing → (confirming →) preparing → running → completed, failed or cancelled; any other
/// move is refused by <see cref="InvalidOperationException"/>, and saying what is so already changes nothing. The first item that
/// starts sets the operation running.
/// </remarks>
public sealed class OperationTracker : IDisposable
{
    private readonly OperationTrackerOptions _options;
    private readonly TimeProvider _clock;
    private readonly ProgressPacer _pacer;

    // Any thread: the items that moved since they were last recorded, a list through NextNoticed.
    private OperationItem? _noticed;

    // Guarded by the gate of State: read and changed only by what Change and Quietly run.
    private readonly Dictionary<string, OperationItem> _byName = new(StringComparer.Ordinal);
    private readonly List<OperationItem> _items = [];
    private readonly List<OperationItemState> _records = [];
    private readonly HashSet<OperationItem> _moving = [];
    private readonly List<MetricHistory> _metrics = [];
    private readonly NewestList<OperationLogEntry> _log;
    private readonly NewestList<OperationIssue> _errors;
    private readonly NewestList<OperationIssue> _warnings;
    private ReadOnlyDictionary<string, string> _details = ReadOnlyDictionary<string, string>.Empty;
    private RateWindow? _rate;
    private OperationState _latest;
    private bool _recordsChanged;
    private bool _othersChanged;
    private bool _isMoving;

    /// <summary>Makes a tracker of an operation that has not begun.</summary>
    /// <param name="title">What the operation is called. Not empty.</param>
    /// <param name="options">How it counts, paces and remembers; null for the defaults.</param>
    /// <param name="clock">Gives times and the timer; null for the system's clock.</param>
    /// <param name="logger">Hears of listeners of <see cref="State"/> that throw; null for nobody.</param>
    /// <exception cref="ArgumentException">The title is empty, or an option breaks a rule; the message names every one.</exception>
    public OperationTracker(string title, OperationTrackerOptions? options = null, TimeProvider? clock = null, ILogger? logger = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        _options = options ?? new OperationTrackerOptions();
        if (options is not null && string.Join(" ", options.Problems()) is { Length: > 0 } problems)
            throw new ArgumentException(problems, nameof(options));

        _clock = clock ?? TimeProvider.System;
        _log = new NewestList<OperationLogEntry>(_options.MaxLogEntries);
        _errors = new NewestList<OperationIssue>(_options.MaxErrors);
        _warnings = new NewestList<OperationIssue>(_options.MaxWarnings);
        _latest = New(title);
        State = new StateStore<OperationState>(
            _latest,
            () => OperationJson.Default.OperationState,
            new StateOptions { ProgressProjection = ProgressDelta.Write },
            _clock,
            logger);
        _pacer = new ProgressPacer(_options.ProgressInterval, PublishProgress, _clock);
    }

    /// <summary>The state to serve and to listen to. Only the tracker changes it: what others put in is gone with the next change.</summary>
    public StateStore<OperationState> State { get; }

    /// <summary>How far the operation is.</summary>
    public OperationStatus Status => Volatile.Read(ref _latest).Status;

    /// <summary>Adds an item, pending.</summary>
    /// <param name="name">What it is called. Not empty; no other item may have it.</param>
    /// <param name="total">How much there is to do; null when that is not known, 0 when it is nothing.</param>
    /// <param name="unit">What is counted; null when it is the operation's unit. Items with another unit stay out of the summary's amounts.</param>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The total is negative.</exception>
    /// <exception cref="InvalidOperationException">The operation has ended, or has <see cref="OperationTrackerOptions.MaxItems"/>.</exception>
    public OperationItem AddItem(string name, long? total = null, string? unit = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfNegative(total ?? 0, nameof(total));

        OperationItem? added = null;
        Quietly(() =>
        {
            RefuseAfterTheEnd_NeedsGate($"no item can be added (\"{name}\")");
            if (_items.Count == _options.MaxItems)
                throw new InvalidOperationException($"The operation has {_options.MaxItems} items, as many as MaxItems allows; \"{name}\" is one too many.");

            var item = new OperationItem(this, name, _items.Count, total, unit == _options.Unit ? null : unit);
            if (!_byName.TryAdd(name, item))
                throw new ArgumentException($"There is an item \"{name}\" already.", nameof(name));
            _items.Add(item);
            _records.Add(item.Record_NeedsGate(_clock.GetTimestamp()));
            _recordsChanged = true;
            added = item;
        });
        return added!;
    }

    /// <summary>Initializing or confirming → preparing.</summary>
    public void Prepare() => Move(OperationStatus.Preparing);

    /// <summary>Initializing → confirming.</summary>
    public void Confirm() => Move(OperationStatus.Confirming);

    /// <summary>Preparing → running; from initializing or confirming through preparing.</summary>
    public void Run() => Move(OperationStatus.Running);

    /// <summary>Preparing or running → completed.</summary>
    /// <exception cref="InvalidOperationException">
    /// The move is not allowed, or an item is still waiting or active: complete, skip or cancel it first. Failed items are no obstacle.
    /// </exception>
    public void Complete() => Move(OperationStatus.Completed);

    /// <summary>Initializing, preparing or running → failed. Items that have not ended are cancelled.</summary>
    /// <param name="reason">Becomes a fatal error of the operation. Not empty.</param>
    public void Fail(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        Move(OperationStatus.Failed, reason);
    }

    /// <summary>Any status that is not final → cancelled. Items that have not ended are cancelled too.</summary>
    /// <param name="reason">Becomes a warning of the operation; null for none.</param>
    public void Cancel(string? reason = null) => Move(OperationStatus.Cancelled, reason);

    /// <summary>
    /// Begins anew, after the end, under a new id: without items, details, metrics, log, errors or warnings. Items of before can
    /// no longer be moved.
    /// </summary>
    /// <param name="title">What the new operation is called; null for the same.</param>
    /// <exception cref="InvalidOperationException">The operation has not ended.</exception>
    public void Restart(string? title = null)
    {
        Change(() =>
        {
            if (!_latest.Status.IsEnded())
                throw new InvalidOperationException($"The operation is {StatusRules.Text(_latest.Status)}; only one that has ended can begin anew.");

            foreach (var item in _items)
                item.IsRemoved = true;
            _byName.Clear();
            _items.Clear();
            _records.Clear();
            _moving.Clear();
            _metrics.Clear();
            _log.Clear();
            _errors.Clear();
            _warnings.Clear();
            _details = ReadOnlyDictionary<string, string>.Empty;
            _rate = null;
            _recordsChanged = true;
            _latest = New(title ?? _latest.Title);
            return (true, null);
        });
    }

    /// <summary>Adds a line to the log, which keeps the newest <see cref="OperationTrackerOptions.MaxLogEntries"/>.</summary>
    /// <param name="level">How much it matters.</param>
    /// <param name="message">What it says. Not empty.</param>
    /// <param name="item">The item it is about; null when it is about the whole.</param>
    public void Log(OperationLogLevel level, string message, OperationItem? item = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(message);
        Quietly(() => _log.Add(id => new OperationLogEntry { Id = id, Time = Now(), Level = level, Message = message, Item = item?.Name }));
    }

    /// <summary>Adds an error; the newest <see cref="OperationTrackerOptions.MaxErrors"/> are kept, and all are counted.</summary>
    /// <param name="message">What it says. Not empty.</param>
    /// <param name="item">The item it is about; null when it is about the whole.</param>
    public void AddError(string message, OperationItem? item = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(message);
        Change(() =>
        {
            AddError_NeedsGate(message, item, fatal: false);
            return (true, OperationEvents.ErrorAdded(item, message));
        });
    }

    /// <summary>Adds a warning; the newest <see cref="OperationTrackerOptions.MaxWarnings"/> are kept, and all are counted.</summary>
    /// <inheritdoc cref="AddError"/>
    public void AddWarning(string message, OperationItem? item = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(message);
        Change(() =>
        {
            AddWarning_NeedsGate(message, item);
            return (true, OperationEvents.WarningAdded(item, message));
        });
    }

    /// <summary>Sets what is to be read beside the title, for example where the work comes from.</summary>
    /// <param name="name">What it is called. Not empty.</param>
    /// <param name="value">
    /// The text; null takes it away. Everybody who may see the state sees it: pass connection strings through <see cref="Redact"/>.
    /// </param>
    /// <exception cref="InvalidOperationException">There are <see cref="OperationTrackerOptions.MaxNames"/> others.</exception>
    public void SetDetail(string name, string? value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Quietly(() =>
        {
            var details = new OrderedDictionary<string, string>(_details);
            if (value is null)
                details.Remove(name);
            else
                details[name] = value;
            if (details.Count > _options.MaxNames)
                throw new InvalidOperationException($"There are {_options.MaxNames} details, as many as MaxNames allows; \"{name}\" is one too many.");
            _details = new ReadOnlyDictionary<string, string>(details);
        });
    }

    /// <summary>Sets a metric and adds a point to its history, which keeps the newest <see cref="OperationTrackerOptions.MetricHistory"/>.</summary>
    /// <param name="name">What is measured. Not empty.</param>
    /// <param name="value">The value. Finite.</param>
    /// <param name="unit">What it is measured in; null to leave that as it is.</param>
    /// <remarks>Call it about once a second: the history is as long as its points are apart.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is not finite: JSON has no such numbers.</exception>
    /// <exception cref="InvalidOperationException">There are <see cref="OperationTrackerOptions.MaxNames"/> others.</exception>
    public void SetMetric(string name, double value, string? unit = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, $"Metric \"{name}\" must be finite.");

        Quietly(() =>
        {
            var metric = _metrics.Find(other => other.Name == name);
            if (metric is null)
            {
                if (_metrics.Count == _options.MaxNames)
                    throw new InvalidOperationException($"There are {_options.MaxNames} metrics, as many as MaxNames allows; \"{name}\" is one too many.");
                _metrics.Add(metric = new MetricHistory(name, _options.MetricHistory));
            }

            metric.Set(value, unit, Now());
        });
    }

    /// <summary>Puts everything that was told so far into <see cref="State"/> now, without waiting for the pace.</summary>
    public void Publish() => Change(() => (IsBehind_NeedsGate(), null));

    /// <summary>Publishes what is new and stops the timer. Calls after it still count, and changes of status are still published.</summary>
    public void Dispose()
    {
        _pacer.Dispose();
        Publish();
    }

    /// <summary>Called once between two records of an item, when its progress changes.</summary>
    internal void Noticed(OperationItem item)
    {
        if (!item.TryNotice() || item.IsRemoved)
            return;

        OperationItem? head;
        do
        {
            head = Volatile.Read(ref _noticed);
            item.NextNoticed = head;
        }
        while (Interlocked.CompareExchange(ref _noticed, item, head) != head);

        if (item.Status.IsWaiting())
            Move(item, ItemStatus.Running, onlyFromWaiting: true);
        else
            _pacer.Ask();
    }

    internal RateWindow NewRate(long timestamp, long done) => new(_clock, _options.SpeedWindow, timestamp, done);

    internal void Move(OperationItem item, ItemStatus to, string? reason = null, int? worker = null, bool onlyFromWaiting = false)
    {
        if (StatusRules.Allows(item.Status, to) && to == ItemStatus.Running && Status is OperationStatus.Initializing or OperationStatus.Preparing)
            Move(OperationStatus.Running, onlyFromBefore: true);

        Change(() =>
        {
            var from = item.Status;
            if (onlyFromWaiting && (item.IsRemoved || _latest.Status.IsEnded() || !from.IsWaiting()))
                return (IsBehind_NeedsGate(), null);
            if (item.IsRemoved)
                throw new InvalidOperationException($"Item \"{item.Name}\" belongs to a run of the operation that is over.");
            if (from == to)
            {
                var given = item.TakeWorker_NeedsGate(worker);
                if (given)
                    Record_NeedsGate(item);
                return (given, null);
            }

            RefuseAfterTheEnd_NeedsGate($"item \"{item.Name}\" cannot go from {StatusRules.Text(from)} to {StatusRules.Text(to)}");
            if (!StatusRules.Allows(from, to))
                throw new InvalidOperationException($"Item \"{item.Name}\" is {StatusRules.Text(from)} and cannot become {StatusRules.Text(to)}.");

            item.Become_NeedsGate(to, reason, worker, Now(), _clock.GetTimestamp());
            if (to == ItemStatus.Failed)
                AddError_NeedsGate(reason!, item, fatal: false);
            else if (to == ItemStatus.Retrying)
                AddWarning_NeedsGate(reason!, item);
            Record_NeedsGate(item);
            return (true, OperationEvents.Of(item, to, reason));
        });
    }

    /// <summary>Changes what is shown, in its own time: published with the next progress, or with whatever is published before.</summary>
    internal void Quietly(Action change, OperationItem? item = null)
    {
        State.Read(_ =>
        {
            change();
            if (item is { IsRemoved: false })
                Record_NeedsGate(item);
            _othersChanged = true;
            return true;
        });
        _pacer.Ask();
    }

    private void Move(OperationStatus to, string? reason = null, bool onlyFromBefore = false)
    {
        Change(() =>
        {
            var from = _latest.Status;
            if (from == to || (onlyFromBefore && from is not (OperationStatus.Initializing or OperationStatus.Preparing)))
                return (false, null);

            var throughPreparing = to == OperationStatus.Running && from is OperationStatus.Initializing or OperationStatus.Confirming;
            if (!StatusRules.Allows(throughPreparing ? OperationStatus.Preparing : from, to))
                throw new InvalidOperationException($"The operation is {StatusRules.Text(from)} and cannot become {StatusRules.Text(to)}.");

            var now = Now();
            if (to == OperationStatus.Completed)
                RefuseUnfinishedItems_NeedsGate();
            else if (to.IsEnded())
                CancelUnfinishedItems_NeedsGate(now);

            if (to == OperationStatus.Failed)
                AddError_NeedsGate(reason!, null, fatal: true);
            else if (to == OperationStatus.Cancelled && reason is not null)
                AddWarning_NeedsGate(reason, null);

            _latest = _latest with
            {
                Status = to,
                StartTime = to == OperationStatus.Running ? now : _latest.StartTime,
                EndTime = to.IsEnded() ? now : null,
            };
            return (true, OperationEvents.Of(to, reason));
        });
    }

    /// <summary>
    /// Runs a change under the gate of State and, where it says that there is something new, makes the state of it and tells its
    /// event: so states and events come in the order in which things happened.
    /// </summary>
    private void Change(Func<(bool New, StateEvent? Event)> change) =>
        State.TryUpdate(_ => change() is { New: true } done ? (Snapshot_NeedsGate(), done.Event) : null);

    private bool PublishProgress()
    {
        Publish();
        return Volatile.Read(ref _isMoving);
    }

    /// <summary>Whether the latest state is not all that could be told: news, or a speed that was worked out a while ago.</summary>
    private bool IsBehind_NeedsGate() =>
        _othersChanged || _recordsChanged || _isMoving || Volatile.Read(ref _noticed) is not null;

    private OperationState Snapshot_NeedsGate()
    {
        var timestamp = _clock.GetTimestamp();
        RecordWhatMoved_NeedsGate(timestamp);

        var items = _recordsChanged ? [.. _records] : _latest.Items;
        _recordsChanged = false;
        _othersChanged = false;

        var latest = _latest with
        {
            Items = items,
            Details = _details,
            Summary = Summary_NeedsGate(items, timestamp),
            Metrics = [.. _metrics.Select(metric => metric.Shown)],
            Log = _log.Shown,
            Errors = _errors.Shown,
            Warnings = _warnings.Shown,
        };
        Volatile.Write(ref _isMoving, _moving.Count > 0 || (latest.Summary.Speed > 0 && !latest.Status.IsEnded()));
        Volatile.Write(ref _latest, latest);
        return latest;
    }

    private OperationSummary Summary_NeedsGate(ImmutableArray<OperationItemState> items, long timestamp)
    {
        double SpeedAt(long done)
        {
            if (_latest.Status.IsEnded())
                return _latest.EndTime - _latest.StartTime is { } took && took > TimeSpan.Zero ? done / took.TotalSeconds : 0;
            _rate ??= NewRate(timestamp, 0);
            return _rate.At(timestamp, done);
        }

        return OperationSummary.Of(items.AsSpan(), _latest.Status, SpeedAt) with
        {
            Errors = _errors.Added,
            Warnings = _warnings.Added,
        };
    }

    private void RecordWhatMoved_NeedsGate(long timestamp)
    {
        for (var item = Interlocked.Exchange(ref _noticed, null); item is not null;)
        {
            var next = item.NextNoticed;
            item.NextNoticed = null;
            item.Unnotice();    // before the record is made: what comes later is noticed again
            if (!item.IsRemoved)
                Record_NeedsGate(item, timestamp);
            item = next;
        }

        if (_moving.Count == 0)
            return;
        foreach (var item in _moving.ToArray())
        {
            if (_clock.GetElapsedTime(item.RecordedAt, timestamp) >= ProgressPacer.SlowTick)
                Record_NeedsGate(item, timestamp);
        }
    }

    private void Record_NeedsGate(OperationItem item) => Record_NeedsGate(item, _clock.GetTimestamp());

    private void Record_NeedsGate(OperationItem item, long timestamp)
    {
        var record = item.Record_NeedsGate(timestamp);
        _records[item.Index] = record;
        _recordsChanged = true;
        if (record.Speed > 0 && record.Status.IsActive())
            _moving.Add(item);
        else
            _moving.Remove(item);
    }

    private void AddError_NeedsGate(string message, OperationItem? item, bool fatal)
    {
        _errors.Add(id => new OperationIssue { Id = id, Time = Now(), Message = message, Item = item?.Name, Fatal = fatal });
        if (item is null or { IsRemoved: true })
            return;
        item.Errors++;
        Record_NeedsGate(item);
    }

    private void AddWarning_NeedsGate(string message, OperationItem? item)
    {
        _warnings.Add(id => new OperationIssue { Id = id, Time = Now(), Message = message, Item = item?.Name });
        if (item is null or { IsRemoved: true })
            return;
        item.Warnings++;
        Record_NeedsGate(item);
    }

    private void RefuseAfterTheEnd_NeedsGate(string what)
    {
        if (_latest.Status.IsEnded())
            throw new InvalidOperationException($"The operation is {StatusRules.Text(_latest.Status)}: {what}.");
    }

    private void RefuseUnfinishedItems_NeedsGate()
    {
        var unfinished = _items.Where(item => item.Status.IsWaiting() || item.Status.IsActive()).ToList();
        if (unfinished.Count == 0)
            return;
        throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"The operation cannot become completed while {unfinished.Count} of its items are unfinished, for example \"{unfinished[0].Name}\", which is {StatusRules.Text(unfinished[0].Status)}."));
    }

    private void CancelUnfinishedItems_NeedsGate(DateTimeOffset now)
    {
        foreach (var item in _items.Where(item => item.Status.IsWaiting() || item.Status.IsActive()))
        {
            item.Become_NeedsGate(ItemStatus.Cancelled, null, null, now, _clock.GetTimestamp());
            Record_NeedsGate(item);
        }
    }

    private OperationState New(string title) => new()
    {
        Id = RandomName.Of(16),
        Title = title,
        Unit = _options.Unit,
        StartTime = Now(),
    };

    private DateTimeOffset Now() => Figures.Shown(_clock.GetUtcNow());
}
