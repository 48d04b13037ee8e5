using System.Text.Json;
using System.Text.Json.Serialization;

namespace StateRelay.Operations;

/// <summary>Which status may follow which. Equal old and new is always fine; a status nobody knows allows nothing.</summary>
internal static class StatusRules
{
    public static bool Allows(OperationStatus from, OperationStatus to) => (from, to) switch
    {
        (OperationStatus.Initializing, OperationStatus.Preparing or OperationStatus.Confirming) => true,
        (OperationStatus.Confirming, OperationStatus.Preparing or OperationStatus.Cancelled) => true,
        (OperationStatus.Preparing, OperationStatus.Running or OperationStatus.Completed) => true,
        (OperationStatus.Running, OperationStatus.Completed) => true,
        (OperationStatus.Initializing or OperationStatus.Preparing or OperationStatus.Running,
            OperationStatus.Failed or OperationStatus.Cancelled) => true,
        _ => from == to && Enum.IsDefined(from),
    };

    public static bool Allows(ItemStatus from, ItemStatus to) => (from, to) switch
    {
        (ItemStatus.Pending, ItemStatus.Queued) => true,
        (ItemStatus.Pending or ItemStatus.Queued, ItemStatus.Running or ItemStatus.Skipped or ItemStatus.Cancelled) => true,
        (ItemStatus.Running, ItemStatus.Completed or ItemStatus.Failed or ItemStatus.Retrying or ItemStatus.Cancelled) => true,
        (ItemStatus.Retrying, ItemStatus.Running or ItemStatus.Failed or ItemStatus.Cancelled) => true,
        (ItemStatus.Failed, ItemStatus.Retrying) => true,
        _ => from == to && Enum.IsDefined(from),
    };

    /// <summary>Whether it is completed, failed or cancelled.</summary>
    public static bool IsEnded(this OperationStatus status) =>
        status is OperationStatus.Completed or OperationStatus.Failed or OperationStatus.Cancelled;

    /// <summary>Whether it has not begun.</summary>
    public static bool IsWaiting(this ItemStatus status) => status is ItemStatus.Pending or ItemStatus.Queued;

    /// <summary>Whether somebody is at it.</summary>
    public static bool IsActive(this ItemStatus status) => status is ItemStatus.Running or ItemStatus.Retrying;

    /// <summary>The status as JSON and messages say it.</summary>
    public static string Text<TStatus>(TStatus status)
        where TStatus : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(status.ToString());
}

/// <summary>Writes the members of an enum as words that begin with a small letter.</summary>
internal sealed class CamelCaseEnum<TEnum>() : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where TEnum : struct, Enum;
