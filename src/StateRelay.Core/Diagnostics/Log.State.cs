using Microsoft.Extensions.Logging;

namespace StateRelay.Diagnostics;

internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Error, "A listener failed on version {Version} of the state.")]
    public static partial void ListenerFailed(ILogger logger, Exception error, long version);

    [LoggerMessage(1002, LogLevel.Error, "Version {Version} of the state '{Topic}' cannot be written as JSON, because of {Path}. Viewers keep the previous version.")]
    public static partial void VersionFailed(ILogger logger, Exception error, string topic, long version, string path);

    [LoggerMessage(1003, LogLevel.Error, "The WriteFailed hook of the state '{Topic}' failed.")]
    public static partial void WriteFailedHookFailed(ILogger logger, Exception error, string topic);

    [LoggerMessage(1004, LogLevel.Error, "No delta could be made to version {Version} of the state '{Topic}': what a converter of it wrote is no JSON.")]
    public static partial void DeltaFailed(ILogger logger, Exception error, string topic, long version);
}
