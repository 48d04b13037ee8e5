using Microsoft.Extensions.Logging;

namespace StateRelay.Diagnostics;

internal static partial class Log
{
    [LoggerMessage(1701, LogLevel.Debug, "Event {Seq} of type {Type} is for {Matched} that follow.")]
    public static partial void EventLogged(ILogger logger, long seq, string type, int matched);

    [LoggerMessage(1702, LogLevel.Debug, "The hub is stopping; {Followers} that follow events are told.")]
    public static partial void HubStopping(ILogger logger, int followers);
}
