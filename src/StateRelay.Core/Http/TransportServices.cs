using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;
using StateRelay.Security;

namespace StateRelay.Http;

/// <summary>What a transport and its exchanges need of the rest.</summary>
/// <param name="Clock">Times answers.</param>
/// <param name="WriteTimeout">How long one answer may take.</param>
/// <param name="MaxConcurrentRequests">How many requests may be answered at once.</param>
/// <param name="Instruments">Counts answers.</param>
/// <param name="Logger">Hears of clients that are gone and of failures.</param>
internal sealed record TransportServices(
    TimeProvider Clock,
    TimeSpan WriteTimeout,
    int MaxConcurrentRequests,
    Instruments Instruments,
    ILogger Logger)
{
    /// <summary>The proxies whose word about clients counts.</summary>
    public ProxyRules Proxies { get; init; } = ProxyRules.None;
}
