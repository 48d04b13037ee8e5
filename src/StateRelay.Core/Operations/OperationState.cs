using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

using StateRelay.Operations;

namespace StateRelay;

/// <summary>
/// An operation as it was at one moment: what an <see cref="OperationTracker"/> puts into its state. Immutable, and nothing in
/// it belongs to a writer. Times are UTC, cut to milliseconds; durations are seconds, speeds a second.
/// </summary>
public sealed record OperationState
{
    /// <summary>Says which kind of state this is, for pages that draw it specially: always <c>operation</c>.</summary>
    public string View { get; } = "operation";

    /// <summary>Tells one run of an operation from another: 16 hexadecimal digits.</summary>
    public string Id { get; init; } = "";

    /// <summary>What the operation is called.</summary>
    public string Title { get; init; } = "";

    /// <summary>How far it is.</summary>
    public OperationStatus Status { get; init; }

    /// <summary>What is counted; null when not said.</summary>
    public string? Unit { get; init; }

    /// <summary>When it began to run; when it was made, until then.</summary>
    [JsonConverter(typeof(UtcTime))]
    public DateTimeOffset StartTime { get; init; }

    /// <summary>When it ended; null until then.</summary>
    [JsonConverter(typeof(UtcTime))]
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>What the host wants to be read beside the title, by name.</summary>
    public IReadOnlyDictionary<string, string> Details { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The items taken together.</summary>
    public OperationSummary Summary { get; init; } = new();

    /// <summary>The items, in the order they were added.</summary>
    [JsonConverter(typeof(ItemList))]
    public ImmutableArray<OperationItemState> Items { get; init; } = [];

    /// <summary>What the host measures, in the order it was first set.</summary>
    [JsonConverter(typeof(MetricList))]
    public ImmutableArray<OperationMetric> Metrics { get; init; } = [];

    /// <summary>The newest log entries, oldest first.</summary>
    [JsonConverter(typeof(LogList))]
    public ImmutableArray<OperationLogEntry> Log { get; init; } = [];

    /// <summary>The newest errors, oldest first.</summary>
    [JsonConverter(typeof(IssueList))]
    public ImmutableArray<OperationIssue> Errors { get; init; } = [];

    /// <summary>The newest warnings, oldest first.</summary>
    [JsonConverter(typeof(IssueList))]
    public ImmutableArray<OperationIssue> Warnings { get; init; } = [];
}

/// <summary>One item as it was at one moment. Immutable.</summary>
public sealed class OperationItemState : ICachedJson
{
    /// <summary>What it is called; no other item of the operation has this name.</summary>
    public string Name { get; init; } = "";

    /// <summary>How far it is.</summary>
    public ItemStatus Status { get; init; }

    /// <summary>What is counted; null when it is the operation's unit.</summary>
    public string? Unit { get; init; }

    /// <summary>How much there is to do; null when that is not known.</summary>
    public long? Total { get; init; }

    /// <summary>How much is done.</summary>
    public long Done { get; init; }

    /// <summary>0 to 100, rounded down to one decimal; 100 when completed; null when the total is not known, or nothing.</summary>
    public double? Percent { get; init; }

    /// <summary>How much was done a second of late while it runs, 0 when nothing moves; its average when it has ended.</summary>
    public double Speed { get; init; }

    /// <summary>How long it will take at its speed; null unless it runs, moves and has a total.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>When it was first started; null until then.</summary>
    [JsonConverter(typeof(UtcTime))]
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>When it ended; null while it has not.</summary>
    [JsonConverter(typeof(UtcTime))]
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>How often it was retried.</summary>
    public int Retries { get; init; }

    /// <summary>How many errors it had.</summary>
    public long Errors { get; init; }

    /// <summary>How many warnings it had.</summary>
    public long Warnings { get; init; }

    /// <summary>What the host says about it; null for nothing.</summary>
    public string? Message { get; init; }

    /// <summary>Which worker has it, or had it last; null when not said.</summary>
    public int? Worker { get; init; }

    byte[]? ICachedJson.Json { get; set; }
}

/// <summary>A value that the host measures, with its recent past. Immutable.</summary>
public sealed class OperationMetric : ICachedJson
{
    /// <summary>What is measured.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it is measured in; null when not said.</summary>
    public string? Unit { get; init; }

    /// <summary>The newest value. Finite.</summary>
    public double Value { get; init; }

    /// <summary>The newest values, oldest first, the current one last.</summary>
    public ImmutableArray<MetricPoint> History { get; init; } = [];

    byte[]? ICachedJson.Json { get; set; }
}

/// <summary>A value of a metric at one moment. Immutable.</summary>
/// <param name="Id">Counts the values of this metric, from 1.</param>
/// <param name="Time">When it was set.</param>
/// <param name="Value">The value. Finite.</param>
public sealed record MetricPoint(long Id, [property: JsonConverter(typeof(UtcTime))] DateTimeOffset Time, double Value);

/// <summary>A line of an operation's log. Immutable.</summary>
public sealed class OperationLogEntry : ICachedJson
{
    /// <summary>Counts the entries of this tracker, from 1.</summary>
    public long Id { get; init; }

    /// <summary>When it was written.</summary>
    [JsonConverter(typeof(UtcTime))]
    public DateTimeOffset Time { get; init; }

    /// <summary>How much it matters.</summary>
    public OperationLogLevel Level { get; init; }

    /// <summary>What it says.</summary>
    public string Message { get; init; } = "";

    /// <summary>The name of the item it is about; null when it is about the whole.</summary>
    public string? Item { get; init; }

    byte[]? ICachedJson.Json { get; set; }
}

/// <summary>An error or a warning. Immutable.</summary>
public sealed class OperationIssue : ICachedJson
{
    /// <summary>Counts the errors, or the warnings, of this tracker, from 1.</summary>
    public long Id { get; init; }

    /// <summary>When it happened.</summary>
    [JsonConverter(typeof(UtcTime))]
    public DateTimeOffset Time { get; init; }

    /// <summary>What it says.</summary>
    public string Message { get; init; } = "";

    /// <summary>The name of the item it is about; null when it is about the whole.</summary>
    public string? Item { get; init; }

    /// <summary>Whether it ended the operation; null for a warning.</summary>
    public bool? Fatal { get; init; }

    byte[]? ICachedJson.Json { get; set; }
}
