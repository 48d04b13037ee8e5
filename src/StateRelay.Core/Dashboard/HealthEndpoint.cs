using StateRelay.Http;

namespace StateRelay.Dashboard;

/// <summary><c>/healthz</c>: tells anybody whether the server serves or stops, and nothing else.</summary>
internal sealed class HealthEndpoint(Func<bool> isStopping)
{
    private static readonly KeyValuePair<string, string>[] NotKept = [new("Cache-Control", "no-store")];

    public Route Route => new("/healthz", ["GET", "HEAD"], exchange => exchange.AnswerAsync(Answer())) { IsOpen = true };

    private HttpAnswer Answer() => isStopping()
        ? HttpAnswer.OfJson(503, """{"status":"stopping"}"""u8.ToArray()) with { Headers = NotKept }
        : HttpAnswer.OfJson(200, """{"status":"serving"}"""u8.ToArray()) with { Headers = NotKept };
}
