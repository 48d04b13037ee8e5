using Microsoft.Extensions.Logging;

namespace StateRelay.Samples.GenericHost;

/// <summary>Hears inside the program of what viewers see, and logs each new record.</summary>
internal sealed partial class RecordLog(StateStore<Record> record, ILogger<RecordLog> logger) : IStateListener
{
    // Listeners are called one change at a time.
    private string? _logged;

    public void OnStateChange(StateChange change)
    {
        var (file, percent, _) = record.Current;
        if (file is null || file == _logged)
            return;
        _logged = file;
        LogRecord(logger, file, percent);
    }

    [LoggerMessage(LogLevel.Information, "The smallest so far: {File}, with {Percent} % of what it was.")]
    private static partial void LogRecord(ILogger logger, string file, double? percent);
}
