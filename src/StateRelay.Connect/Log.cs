using Microsoft.Extensions.Logging;

namespace StateRelay.Connect;

/// <summary>Every line that a connection logs, 1800 to 1899. No token and no payload has an overload here.</summary>
internal static partial class Log
{
    [LoggerMessage(1801, LogLevel.Information, "Connected to {Address}.")]
    public static partial void Connected(ILogger logger, Uri address);

    [LoggerMessage(1802, LogLevel.Warning, "Not connected to {Address}: {Why} The next attempt, after {Failures} that failed, comes in {Wait}.")]
    public static partial void Waiting(ILogger logger, Uri address, string why, int failures, TimeSpan wait);

    [LoggerMessage(1803, LogLevel.Error, "Gave {Address} up: {Why}")]
    public static partial void GivenUp(ILogger logger, Uri address, string why);

    [LoggerMessage(1804, LogLevel.Error, "RelayConnectionOptions.TokenProvider failed; it is asked again at the next attempt.")]
    public static partial void TokenProviderFailed(ILogger logger, Exception error);

    [LoggerMessage(1805, LogLevel.Error, "RelayConnectionOptions.StatusChanged failed.")]
    public static partial void StatusChangedFailed(ILogger logger, Exception error);

    [LoggerMessage(1806, LogLevel.Warning, "A delta of '{Topic}' did not fit; the state is asked for anew.")]
    public static partial void DeltaDidNotFit(ILogger logger, string topic);

    [LoggerMessage(1807, LogLevel.Debug, "Something is missing of '{Topic}'; it is asked for again from its position.")]
    public static partial void AskingAgain(ILogger logger, string topic);

    [LoggerMessage(1808, LogLevel.Warning, "The consumer of '{Topic}' is behind by {Events} events; the subscription waits until half of them are taken.")]
    public static partial void ConsumerBehind(ILogger logger, string topic, int events);

    [LoggerMessage(1809, LogLevel.Warning, "The subscription to '{Topic}' was refused: {Error}.")]
    public static partial void SubscriptionRefused(ILogger logger, string topic, string error);

    [LoggerMessage(1810, LogLevel.Warning, "The server reports an error of no request here: {Error}.")]
    public static partial void ServerError(ILogger logger, string error);

    [LoggerMessage(1811, LogLevel.Debug, "A frame of a type that is not known here was ignored: {Type}.")]
    public static partial void UnknownFrame(ILogger logger, string type);

    [LoggerMessage(1812, LogLevel.Error, "A connection was ended by an error here.")]
    public static partial void Failed(ILogger logger, Exception error);
}
