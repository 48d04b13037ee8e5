using System.Net;

using Microsoft.Extensions.Logging;

namespace StateRelay.Diagnostics;

internal static partial class Log
{
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
}
