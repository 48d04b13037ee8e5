using Microsoft.Extensions.Logging;

namespace StateRelay.Diagnostics;

internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Error, "A listener failed on version {Version} of the state.")]
    public static partial void ListenerFailed(ILogger logger, Exception error, long version);
}
