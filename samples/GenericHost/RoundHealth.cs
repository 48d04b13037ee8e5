using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace StateRelay.Samples.GenericHost;

/// <summary>Says whether the last round could be made; <c>/readyz</c> of the relay asks it.</summary>
internal sealed class RoundHealth(OperationTracker job) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(job.State.Current is { Status: OperationStatus.Failed }
            ? new HealthCheckResult(context.Registration.FailureStatus, "The last round failed.")
            : HealthCheckResult.Healthy());
}
