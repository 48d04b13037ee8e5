using Microsoft.Extensions.Diagnostics.HealthChecks;

using StateRelay;
using StateRelay.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the relay to what a host checks of itself.</summary>
public static class StateRelayHealthChecksBuilderExtensions
{
    /// <summary>Adds a check, named <c>staterelay</c>, that fails while the relay does not serve viewers: it was not started, has no port, or stops.</summary>
    /// <param name="builder">The host's checks.</param>
    /// <param name="relayName">The relay, where several were added; null for the one without a name. Its name is then a part of the check's, <c>staterelay-NAME</c>.</param>
    /// <param name="failureStatus">What a failure means; null for <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags of the check; null for none.</param>
    /// <returns>The host's checks.</returns>
    public static IHealthChecksBuilder AddStateRelay(
        this IHealthChecksBuilder builder,
        string? relayName = null,
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            relayName is null ? "staterelay" : "staterelay-" + relayName,
            provider => new RelayHealthCheck(relayName is null ? provider.GetRequiredService<WebServer>() : provider.GetRequiredKeyedService<WebServer>(relayName)),
            failureStatus,
            tags));
    }
}
