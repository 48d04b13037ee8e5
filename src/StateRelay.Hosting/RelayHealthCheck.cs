using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace StateRelay.Hosting;

/// <summary>Says whether a relay serves viewers, and how many there are.</summary>
internal sealed class RelayHealthCheck(WebServer server) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(server.IsServing
            ? HealthCheckResult.Healthy("The relay serves viewers.", new Dictionary<string, object> { ["clients"] = server.ClientCount })
            : new HealthCheckResult(context.Registration.FailureStatus, "The relay does not serve viewers."));
}
