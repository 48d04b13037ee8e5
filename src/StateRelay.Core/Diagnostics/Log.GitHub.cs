using System.Net;

using Microsoft.Extensions.Logging;

namespace StateRelay.Diagnostics;

internal static partial class Log
{
    [LoggerMessage(1601, LogLevel.Debug, "Delivery {DeliveryId} of the type {Type} was {Result}.")]
    public static partial void DeliveryTaken(ILogger logger, string? deliveryId, string? type, string result);

    [LoggerMessage(1602, LogLevel.Debug, "A delivery from {Address} was refused: {Reason}.")]
    public static partial void DeliveryRefused(ILogger logger, IPAddress address, string reason);

    [LoggerMessage(1603, LogLevel.Error, "GitHubAuthenticatorOptions.TierOf failed; the account counts as free for a minute.")]
    public static partial void TierOfFailed(ILogger logger, Exception error);
}
