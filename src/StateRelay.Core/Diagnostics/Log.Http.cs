using Microsoft.Extensions.Logging;

namespace StateRelay.Diagnostics;

internal static partial class Log
{
    [LoggerMessage(1301, LogLevel.Error, "An endpoint failed: {Route}.")]
    public static partial void EndpointFailed(ILogger logger, Exception error, string route);

    [LoggerMessage(1302, LogLevel.Error, "WebServerOptions.AuthorizeViewer failed; the request was refused.")]
    public static partial void AuthorizeViewerFailed(ILogger logger, Exception error);

    [LoggerMessage(1303, LogLevel.Warning, "Accepting a request failed; the listener goes on.")]
    public static partial void AcceptFailed(ILogger logger, Exception error);

    [LoggerMessage(1304, LogLevel.Debug, "A client was gone before its answer was sent: {Reason}.")]
    public static partial void ClientGone(ILogger logger, string reason);

    [LoggerMessage(1305, LogLevel.Debug, "An answer was cut off after {Timeout}: the client does not read.")]
    public static partial void AnswerCutOff(ILogger logger, TimeSpan timeout);

    [LoggerMessage(1306, LogLevel.Warning, "{Requests} requests are being answered, as many as may be (WebServerOptions.MaxConcurrentRequests); more are refused.")]
    public static partial void TooManyRequests(ILogger logger, int requests);

    [LoggerMessage(1307, LogLevel.Warning, "The listener cannot answer to {Name} (WebServerOptions.AllowedHosts): it does not resolve to an address listened on. A proxy in front must send Host: {Instead}.")]
    public static partial void AllowedHostUnreachable(ILogger logger, string name, string instead);

    [LoggerMessage(1308, LogLevel.Debug, "Nagle's algorithm is off for {Sockets} listening sockets.")]
    public static partial void NoDelaySet(ILogger logger, int sockets);
}
