using System.Text.Json.Serialization;

namespace StateRelay;

/// <summary>How far an operation is.</summary>
[JsonConverter(typeof(Operations.CamelCaseEnum<OperationStatus>))]
public enum OperationStatus
{
    /// <summary>Made, and nothing begun.</summary>
    Initializing,

    /// <summary>Waiting for somebody to agree.</summary>
    Confirming,

    /// <summary>Finding out what there is to do.</summary>
    Preparing,

    /// <summary>At work.</summary>
    Running,

    /// <summary>Done. Final.</summary>
    Completed,

    /// <summary>Given up. Final.</summary>
    Failed,

    /// <summary>Called off. Final.</summary>
    Cancelled,
}

/// <summary>How far one item of an operation is.</summary>
[JsonConverter(typeof(Operations.CamelCaseEnum<ItemStatus>))]
public enum ItemStatus
{
    /// <summary>Known, and nothing more.</summary>
    Pending,

    /// <summary>Next in line.</summary>
    Queued,

    /// <summary>At work.</summary>
    Running,

    /// <summary>About to be tried again.</summary>
    Retrying,

    /// <summary>Done. Final.</summary>
    Completed,

    /// <summary>Given up; may still be retried.</summary>
    Failed,

    /// <summary>Left out. Final.</summary>
    Skipped,

    /// <summary>Called off. Final.</summary>
    Cancelled,
}

/// <summary>How much a log entry matters.</summary>
[JsonConverter(typeof(Operations.CamelCaseEnum<OperationLogLevel>))]
public enum OperationLogLevel
{
    /// <summary>For whoever looks for a fault.</summary>
    Debug,

    /// <summary>What happens, in the ordinary course.</summary>
    Info,

    /// <summary>Worth a second look.</summary>
    Warn,

    /// <summary>Something went wrong.</summary>
    Error,
}
