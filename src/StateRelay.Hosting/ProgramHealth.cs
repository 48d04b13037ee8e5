using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

using StateRelay.Dashboard;

namespace StateRelay.Hosting;

/// <summary>
/// Answers for the host: by where it stands in its life, and by the checks that are registered with it. Whoever asks within a
/// second gets the same answer, so that those who ask without being anybody cannot make the checks work. Safe for use by any thread.
/// </summary>
/// <param name="lifetime">Says when the host has started and when it stops.</param>
/// <param name="checks">Runs the checks; null where the host has none.</param>
/// <param name="clock">Times answers and checks.</param>
internal sealed class ProgramHealth(IHostApplicationLifetime? lifetime, HealthCheckService? checks, TimeProvider clock)
{
    /// <summary>The tag of the checks that say whether the program is to be started anew.</summary>
    public const string LiveTag = "live";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // Guarded by _gate: the newest inquiry for each question, and when it was begun.
    private readonly Dictionary<HealthQuestion, (Task<HostHealth> Answer, long Begun)> _asked = [];

    /// <summary>See <see cref="HealthInquiry"/>.</summary>
    public async ValueTask<HostHealth> AskAsync(HealthQuestion question)
    {
        if (question == HealthQuestion.IsReady && lifetime is not null)
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested)
                return HostHealth.Stopping;
            if (!lifetime.ApplicationStarted.IsCancellationRequested)
                return HostHealth.Starting;
        }

        return checks is null ? HostHealth.Serving : await NewestAsync(checks, question).ConfigureAwait(false);
    }

    private Task<HostHealth> NewestAsync(HealthCheckService service, HealthQuestion question)
    {
        lock (_gate)
        {
            if (!_asked.TryGetValue(question, out var last) || (last.Answer.IsCompleted && clock.GetElapsedTime(last.Begun) >= KeptFor))
                _asked[question] = last = (Task.Run(() => CheckAsync(service, question)), clock.GetTimestamp());
            return last.Answer;
        }
    }

    private async Task<HostHealth> CheckAsync(HealthCheckService service, HealthQuestion question)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        try
        {
            // A check may ignore that nobody waits any more.
            var report = await service
                .CheckHealthAsync(check => question == HealthQuestion.IsReady || check.Tags.Contains(LiveTag), patience.Token)
                .WaitAsync(patience.Token)
                .ConfigureAwait(false);
            return report.Status switch
            {
                HealthStatus.Healthy => HostHealth.Serving,
                HealthStatus.Degraded => HostHealth.Degraded,
                _ => HostHealth.Unhealthy,
            };
        }
        catch (Exception)
        {
            // The service logs what its checks throw; what comes here is the end of patience.
            return HostHealth.Unhealthy;
        }
    }
}
