using Microsoft.Extensions.Logging;

namespace StateRelay.Diagnostics;

internal static partial class Log
{
    [LoggerMessage(1501, LogLevel.Information, "Listening on {Address}")]
    public static partial void ServerListening(ILogger logger, Uri address);

    [LoggerMessage(1502, LogLevel.Information, "Listening on {Address} (viewers need the link that WebServer.ViewerLink gives)")]
    public static partial void ServerListeningForViewers(ILogger logger, Uri address);

    [LoggerMessage(1503, LogLevel.Warning, "Whoever can reach this machine can see the state: WebServerOptions.Host is {Host}, and neither ViewerToken nor AuthorizeViewer is set.")]
    public static partial void ServerOpenToAll(ILogger logger, string host);

    [LoggerMessage(1504, LogLevel.Information, "Stopping {Address}; {Clients} clients are told.")]
    public static partial void ServerStopping(ILogger logger, Uri? address, int clients);

    [LoggerMessage(1505, LogLevel.Warning, "Not everything on {Address} was done when the time to stop was up; the rest was cut off.")]
    public static partial void ShutdownCutOff(ILogger logger, Uri? address);

    [LoggerMessage(1506, LogLevel.Information, "Stopped {Address}")]
    public static partial void ServerStopped(ILogger logger, Uri? address);

    [LoggerMessage(1507, LogLevel.Warning, "Whoever can reach this application can see the state at {Path}: neither ViewerToken nor AuthorizeViewer is set, and RequireAuthorization is not called.")]
    public static partial void MappedOpenToAll(ILogger logger, string path);

    [LoggerMessage(1508, LogLevel.Error, "The host runs without a page: {Problem}")]
    public static partial void RunsWithoutPage(ILogger logger, string problem);
}
