using System.Net;

using Microsoft.Extensions.Logging;

namespace StateRelay.Diagnostics;

/// <summary>
/// Every line StateRelay logs: 1000 State, 1100 Operations, 1200 Connections, 1300 Http, 1400 Dashboard, 1500 WebServer, 1600 GitHub,
/// 1700 Events. Parameters are ids, counts, paths and reasons; tokens and payloads have no overload here.
/// </summary>
/// <remarks>In one piece: of several, the generator writes its part in an order that changes from build to build.</remarks>
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

    [LoggerMessage(1201, LogLevel.Debug, "Client {ClientId} from {Address} joined, speaking {Dialect}; its software is {Software}.")]
    public static partial void ClientJoined(ILogger logger, string clientId, IPAddress address, Enum dialect, object software);

    [LoggerMessage(1202, LogLevel.Debug, "Client {ClientId} left: {Reason}.")]
    public static partial void ClientLeft(ILogger logger, string clientId, object? reason);

    [LoggerMessage(1203, LogLevel.Debug, "A connection was refused: {Reason}.")]
    public static partial void ConnectionRefused(ILogger logger, string reason);

    [LoggerMessage(1204, LogLevel.Debug, "Writing to client {ClientId} ended with {Error}.")]
    public static partial void WriteFailed(ILogger logger, string clientId, string error);

    [LoggerMessage(1205, LogLevel.Error, "Client {ClientId} was cut off by an error here.")]
    public static partial void ClientFailed(ILogger logger, Exception error, string clientId);

    [LoggerMessage(1206, LogLevel.Error, "The progress projection of the state '{Topic}' failed; plain clients get the state whole.")]
    public static partial void ProjectionFailed(ILogger logger, Exception error, string topic);

    [LoggerMessage(1207, LogLevel.Error, "Finding out who a client is failed; it was told to try again later.")]
    public static partial void AuthenticatorFailed(ILogger logger, Exception error);

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

    [LoggerMessage(1309, LogLevel.Debug, "A client came while the listener on port {Port} was being made, which it cannot stand; it is made again.")]
    public static partial void ListensAgain(ILogger logger, int port, Exception error);

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

    [LoggerMessage(1601, LogLevel.Debug, "Delivery {DeliveryId} of the type {Type} was {Result}.")]
    public static partial void DeliveryTaken(ILogger logger, string? deliveryId, string? type, string result);

    [LoggerMessage(1602, LogLevel.Debug, "A delivery from {Address} was refused: {Reason}.")]
    public static partial void DeliveryRefused(ILogger logger, IPAddress address, string reason);

    [LoggerMessage(1603, LogLevel.Error, "GitHubAuthenticatorOptions.TierOf failed; the account counts as free for a minute.")]
    public static partial void TierOfFailed(ILogger logger, Exception error);

    [LoggerMessage(1701, LogLevel.Debug, "Event {Seq} of type {Type} is for {Matched} that follow.")]
    public static partial void EventLogged(ILogger logger, long seq, string type, int matched);

    [LoggerMessage(1702, LogLevel.Debug, "The hub is stopping; {Followers} that follow events are told.")]
    public static partial void HubStopping(ILogger logger, int followers);
}
