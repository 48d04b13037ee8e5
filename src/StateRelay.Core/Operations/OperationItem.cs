using StateRelay.Operations;

namespace StateRelay;

/// <summary>
/// One piece of an operation's work, made by <see cref="OperationTracker.AddItem"/>: say here how far it is. Status may only move
/// along pending → queued → running → completed, failed, skipped or cancelled, with retrying between failed or running and running;
/// any other move is refused by <see cref="InvalidOperationException"/>, and saying what is so already changes nothing.
/// Safe for use by any thread.
/// </summary>
public sealed class OperationItem
{
    private const long Unknown = -1;

    private readonly OperationTracker _tracker;

    // Any thread.
    private long _done;
    private int _noticed;

    // Guarded by the gate of the tracker's state; the status may be read by any thread.
    private volatile ItemStatus _status;
    private long _total;    // or Unknown
    private string? _message;
    private int? _worker;
    private int _retries;
    private DateTimeOffset? _startTime;
    private DateTimeOffset? _endTime;
    private RateWindow? _rate;
    private bool _isRemoved;

    internal OperationItem(OperationTracker tracker, string name, int index, long? total, string? unit)
    {
        _tracker = tracker;
        Name = name;
        Index = index;
        Unit = unit;
        _total = total ?? Unknown;
    }

    /// <summary>What it is called; no other item of the operation has this name.</summary>
    public string Name { get; }

    /// <summary>What is counted; null when it is the operation's unit.</summary>
    public string? Unit { get; }

    /// <summary>How far it is.</summary>
    public ItemStatus Status => _status;

    /// <summary>How much is done, never below 0.</summary>
    public long Done => Math.Max(0, Volatile.Read(ref _done));

    /// <summary>How much there is to do; null when that is not known.</summary>
    public long? Total => Volatile.Read(ref _total) is var total and not Unknown ? total : null;

    /// <summary>The next in the tracker's list of items that moved. Owned by whoever is putting this item on the list or off it.</summary>
    internal OperationItem? NextNoticed { get; set; }

    /// <summary>Its place among the items.</summary>
    internal int Index { get; }

    /// <summary>Whether the operation began anew without it.</summary>
    internal bool IsRemoved { get => Volatile.Read(ref _isRemoved); set => Volatile.Write(ref _isRemoved, value); }

    // Guarded by the gate of the tracker's state.
    internal long Errors { get; set; }

    internal long Warnings { get; set; }

    internal long RecordedAt { get; private set; }

    /// <summary>
    /// So much more is done. Any thread, at any rate, for about the cost of an interlocked addition. Starts an item that is pending
    /// or queued; counts in every other status too, also after the end, because work that was done was done.
    /// </summary>
    /// <param name="amount">In the item's unit; a negative amount takes back.</param>
    public void Advance(long amount = 1)
    {
        Interlocked.Add(ref _done, amount);
        if (Volatile.Read(ref _noticed) == 0)
            Notice();
    }

    /// <summary>So much is done in all. As <see cref="Advance"/> otherwise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The amount is negative.</exception>
    public void SetProgress(long done)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(done);
        Interlocked.Exchange(ref _done, done);
        if (Volatile.Read(ref _noticed) == 0)
            Notice();
    }

    /// <summary>So much there is to do; null when that is not known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The total is negative.</exception>
    public void SetTotal(long? total)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(total ?? 0, nameof(total));
        _tracker.Quietly(() => Volatile.Write(ref _total, total ?? Unknown), this);
    }

    /// <summary>Says something about the item; null for nothing.</summary>
    public void SetMessage(string? message) => _tracker.Quietly(() => _message = message, this);

    /// <summary>Pending → queued.</summary>
    public void Queue() => _tracker.Move(this, ItemStatus.Queued);

    /// <summary>Pending, queued or retrying → running. Sets the operation running too, if it is initializing or preparing.</summary>
    /// <param name="worker">Which worker has it; null to leave that as it is.</param>
    public void Start(int? worker = null) => _tracker.Move(this, ItemStatus.Running, worker: worker);

    /// <summary>Running → completed, whatever part of the total was done.</summary>
    public void Complete() => _tracker.Move(this, ItemStatus.Completed);

    /// <summary>Running or retrying → failed.</summary>
    /// <param name="reason">Becomes the item's message and an error of the operation. Not empty.</param>
    public void Fail(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        _tracker.Move(this, ItemStatus.Failed, reason);
    }

    /// <summary>Running or failed → retrying; <see cref="Start"/> when it runs again.</summary>
    /// <param name="reason">Becomes the item's message and a warning of the operation. Not empty.</param>
    /// <remarks>What was done stays done; say <see cref="SetProgress"/> where the next try begins anew.</remarks>
    public void Retry(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        _tracker.Move(this, ItemStatus.Retrying, reason);
    }

    /// <summary>Pending or queued → skipped.</summary>
    /// <param name="reason">Becomes the item's message; null leaves that as it is.</param>
    public void Skip(string? reason = null) => _tracker.Move(this, ItemStatus.Skipped, reason);

    /// <summary>Pending, queued, running or retrying → cancelled.</summary>
    /// <param name="reason">Becomes the item's message; null leaves that as it is.</param>
    public void Cancel(string? reason = null) => _tracker.Move(this, ItemStatus.Cancelled, reason);

    /// <summary>Takes the item's notice back, so that whatever comes from now on is noticed again.</summary>
    internal void Unnotice() => Interlocked.Exchange(ref _noticed, 0);

    /// <summary>Whether this call is the one that must put the item on the tracker's list.</summary>
    internal bool TryNotice() => Interlocked.Exchange(ref _noticed, 1) == 0;

    /// <summary>Moves to a status that the caller found to be allowed, and different.</summary>
    internal void Become_NeedsGate(ItemStatus to, string? reason, int? worker, DateTimeOffset now, long timestamp)
    {
        // The reason of a retry is no news once it runs again.
        _message = reason ?? (to == ItemStatus.Running && _status == ItemStatus.Retrying ? null : _message);
        _status = to;
        _worker = worker ?? _worker;

        switch (to)
        {
            case ItemStatus.Running:
                _startTime ??= now;
                _rate = _tracker.NewRate(timestamp, _retries == 0 ? 0 : Done);
                break;
            case ItemStatus.Retrying:
                _retries++;
                _endTime = null;
                _rate = null;
                break;
            case ItemStatus.Completed or ItemStatus.Failed or ItemStatus.Skipped or ItemStatus.Cancelled:
                _endTime = now;
                _rate = null;
                break;
        }
    }

    /// <summary>Notes who has it; false when that is no news.</summary>
    internal bool TakeWorker_NeedsGate(int? worker)
    {
        if (worker is null || worker == _worker)
            return false;
        _worker = worker;
        return true;
    }

    /// <summary>The item as it is now.</summary>
    internal OperationItemState Record_NeedsGate(long timestamp)
    {
        RecordedAt = timestamp;
        var done = Done;
        var speed = _rate?.At(timestamp, done) ?? Average(done);
        return new OperationItemState
        {
            Name = Name,
            Status = _status,
            Unit = Unit,
            Total = Total,
            Done = done,
            Percent = _status == ItemStatus.Completed ? 100 : _total > 0 ? Figures.Percent(done, _total) : null,
            Speed = Figures.Rounded(speed),
            SecondsLeft = _status.IsActive() && _total > 0 ? Figures.SecondsLeft(_total - done, speed) : null,
            StartTime = _startTime,
            EndTime = _endTime,
            Retries = _retries,
            Errors = Errors,
            Warnings = Warnings,
            Message = _message,
            Worker = _worker,
        };
    }

    private double Average(long done) =>
        _endTime - _startTime is { } took && took > TimeSpan.Zero ? done / took.TotalSeconds : 0;

    // Not inlined: the usual case of Advance is to find that the tracker knows already.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private void Notice() => _tracker.Noticed(this);
}
