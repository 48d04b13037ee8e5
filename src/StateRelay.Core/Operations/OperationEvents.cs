using System.Text.Json;

namespace StateRelay.Operations;

/// <summary>What is said about the moves of an operation and its items, to viewers and listeners of its state.</summary>
internal static class OperationEvents
{
    /// <summary>What is said when the operation has become something; null for nothing.</summary>
    public static StateEvent? Of(OperationStatus to, string? reason) => to switch
    {
        OperationStatus.Running => Make("operation_started", StateEventClass.Milestone),
        OperationStatus.Completed => Make("operation_completed", StateEventClass.Milestone),
        OperationStatus.Failed => Make("operation_failed", StateEventClass.Milestone, message: reason),
        OperationStatus.Cancelled => Make("operation_cancelled", StateEventClass.Milestone, message: reason),
        _ => null,
    };

    /// <summary>What is said when an item has become something; null for nothing.</summary>
    public static StateEvent? Of(OperationItem item, ItemStatus to, string? reason) => to switch
    {
        ItemStatus.Running => Make("item_started", StateEventClass.Notice, item),
        ItemStatus.Completed => Make("item_completed", StateEventClass.Milestone, item),
        ItemStatus.Failed => Make("item_failed", StateEventClass.Notice, item, reason),
        ItemStatus.Retrying => Make("item_retrying", StateEventClass.Notice, item, reason),
        ItemStatus.Skipped => Make("item_skipped", StateEventClass.Notice, item, reason),
        ItemStatus.Cancelled => Make("item_cancelled", StateEventClass.Notice, item, reason),
        _ => null,
    };

    /// <summary>There is an error more; of the whole where there is no item.</summary>
    public static StateEvent ErrorAdded(OperationItem? item, string message) => Make("error_added", StateEventClass.Notice, item, message);

    /// <summary>There is a warning more; of the whole where there is no item.</summary>
    public static StateEvent WarningAdded(OperationItem? item, string message) => Make("warning_added", StateEventClass.Notice, item, message);

    private static StateEvent Make(string type, StateEventClass eventClass, OperationItem? item = null, string? message = null) =>
        new(type, eventClass)
        {
            Subject = item?.Name,
            Data = message is null
                ? null
                : JsonSerializer.SerializeToElement(new OperationEventData(message), OperationJson.Default.OperationEventData),
        };
}
