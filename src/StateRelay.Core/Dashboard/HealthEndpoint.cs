using StateRelay.Http;

namespace StateRelay.Dashboard;

/// <summary>
/// <c>/healthz</c> and <c>/readyz</c>: tell anybody whether the server serves or stops and how the program around it is, in one word, and nothing
/// else.
/// </summary>
internal sealed class HealthEndpoint(Func<bool> isStopping, HealthInquiry? program = null)
{
    private static readonly KeyValuePair<string, string>[] NotKept = [new("Cache-Control", "no-store")];

    public IEnumerable<Route> Routes => [RouteOf("/healthz", HealthQuestion.IsAlive), RouteOf("/readyz", HealthQuestion.IsReady)];

    private Route RouteOf(string path, HealthQuestion question) =>
        new(path, ["GET", "HEAD"], async exchange => await exchange.AnswerAsync(Answer(await AskAsync(question).ConfigureAwait(false))).ConfigureAwait(false)) { IsOpen = true };

    private ValueTask<HostHealth> AskAsync(HealthQuestion question) =>
        isStopping() ? ValueTask.FromResult(HostHealth.Stopping)
        : program is null ? ValueTask.FromResult(HostHealth.Serving)
        : program(question);

    private static HttpAnswer Answer(HostHealth health) => health switch
    {
        HostHealth.Serving => HttpAnswer.OfJson(200, """{"status":"serving"}"""u8.ToArray()),
        HostHealth.Degraded => HttpAnswer.OfJson(200, """{"status":"degraded"}"""u8.ToArray()),
        HostHealth.Starting => HttpAnswer.OfJson(503, """{"status":"starting"}"""u8.ToArray()),
        HostHealth.Stopping => HttpAnswer.OfJson(503, """{"status":"stopping"}"""u8.ToArray()),
        _ => HttpAnswer.OfJson(503, """{"status":"unhealthy"}"""u8.ToArray()),
    } with
    { Headers = NotKept };
}
