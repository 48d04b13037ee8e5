using StateRelay.Operations;

namespace StateRelay;

/// <summary>
/// The items of an operation taken together: always worked out from the items as they are, never counted along the way. Immutable.
/// </summary>
public sealed record OperationSummary
{
    /// <summary>All items.</summary>
    public int Items { get; init; }

    /// <summary>Items that are pending or queued.</summary>
    public int Waiting { get; init; }

    /// <summary>Items that are running or retrying.</summary>
    public int Active { get; init; }

    /// <summary>Items that are completed.</summary>
    public int Completed { get; init; }

    /// <summary>Items that are failed now; one that is retried is not.</summary>
    public int Failed { get; init; }

    /// <summary>Items that were skipped.</summary>
    public int Skipped { get; init; }

    /// <summary>Items that were cancelled.</summary>
    public int Cancelled { get; init; }

    /// <summary>What is done, over all items counted in the operation's unit.</summary>
    public long Done { get; init; }

    /// <summary>
    /// What there is to do, over the same items: an item that is completed, skipped or cancelled counts with what it has done, any
    /// other with its total, or with what it has done if that is more. Once the operation is failed or cancelled itself, so do those
    /// that are cancelled: it is seen how far it came.
    /// </summary>
    public long Total { get; init; }

    /// <summary>
    /// 0 to 100, rounded down to one decimal: done of total, where every item is counted in the operation's unit and its total is known,
    /// else the mean over the items. 100 when the operation is completed; null while there is no item.
    /// </summary>
    public double? Percent { get; init; }

    /// <summary>How much was done a second of late while the operation runs, 0 when nothing moves; its average when it has ended.</summary>
    public double Speed { get; init; }

    /// <summary>How long the items that are waiting or active will take at this speed; null when that cannot be said, or the operation has ended.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>Retries of all items.</summary>
    public long Retries { get; init; }

    /// <summary>All errors, also those no longer listed.</summary>
    public long Errors { get; init; }

    /// <summary>All warnings, also those no longer listed.</summary>
    public long Warnings { get; init; }

    /// <summary>Takes items together. The speed, the errors and the warnings are for the caller to add.</summary>
    internal static OperationSummary Of(ReadOnlySpan<OperationItemState> items, OperationStatus status, Func<long, double> speedAt)
    {
        Span<int> counts = stackalloc int[8];
        long done = 0, total = 0, left = 0, retries = 0;
        double fractions = 0;
        var comparable = true;
        var isStopped = status is OperationStatus.Failed or OperationStatus.Cancelled;

        foreach (var item in items)
        {
            counts[(int)item.Status]++;
            retries += item.Retries;

            var settled = item.Status is ItemStatus.Completed or ItemStatus.Skipped || (item.Status == ItemStatus.Cancelled && !isStopped);
            fractions += settled ? 1 : (item.Percent ?? 0) / 100;
            comparable &= item.Unit is null && (settled || item.Total is not null);
            if (item.Unit is not null)
                continue;
            done = Figures.Sum(done, item.Done);
            total = Figures.Sum(total, settled ? item.Done : Math.Max(item.Total ?? 0, item.Done));
            if (item.Status.IsWaiting() || item.Status.IsActive())
                left = Figures.Sum(left, Math.Max(0, (item.Total ?? 0) - item.Done));
        }

        var speed = speedAt(done);
        return new OperationSummary
        {
            Items = items.Length,
            Waiting = counts[(int)ItemStatus.Pending] + counts[(int)ItemStatus.Queued],
            Active = counts[(int)ItemStatus.Running] + counts[(int)ItemStatus.Retrying],
            Completed = counts[(int)ItemStatus.Completed],
            Failed = counts[(int)ItemStatus.Failed],
            Skipped = counts[(int)ItemStatus.Skipped],
            Cancelled = counts[(int)ItemStatus.Cancelled],
            Done = done,
            Total = total,
            Percent = status == OperationStatus.Completed ? 100
                : items.Length == 0 ? null
                : comparable && total > 0 ? Figures.Percent(done, total)
                : Figures.Percent(fractions / items.Length),
            Speed = Figures.Rounded(speed),
            SecondsLeft = status.IsEnded() || !comparable ? null : Figures.SecondsLeft(left, speed),
            Retries = retries,
        };
    }
}
