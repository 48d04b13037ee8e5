using StateRelay.Dashboard;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Dashboard;

public sealed class HealthEndpointTests
{
    [TestCase(false, 200, """{"status":"serving"}""")]
    [TestCase(true, 503, """{"status":"stopping"}""")]
    public async Task It_says_whether_the_server_serves(bool stopping, int status, string body)
    {
        foreach (var path in new[] { "/healthz", "/readyz" })
        {
            var exchange = await AskAsync(new HealthEndpoint(() => stopping), path);

            Assert.That(exchange.Answer!.Status, Is.EqualTo(status));
            Assert.That(exchange.AnsweredText, Is.EqualTo(body));
            Assert.That(exchange.Answered("Cache-Control"), Is.EqualTo("no-store"));
        }
    }

    [TestCase(nameof(HostHealth.Serving), 200, "serving")]
    [TestCase(nameof(HostHealth.Degraded), 200, "degraded")]
    [TestCase(nameof(HostHealth.Unhealthy), 503, "unhealthy")]
    [TestCase(nameof(HostHealth.Starting), 503, "starting")]
    [TestCase(nameof(HostHealth.Stopping), 503, "stopping")]
    public async Task It_says_what_the_program_says(string says, int status, string word)
    {
        var asked = new List<HealthQuestion>();
        var endpoint = new HealthEndpoint(() => false, question =>
        {
            asked.Add(question);
            return ValueTask.FromResult(Enum.Parse<HostHealth>(says));
        });

        var alive = await AskAsync(endpoint, "/healthz");
        var ready = await AskAsync(endpoint, "/readyz");

        Assert.That((alive.Answer!.Status, alive.AnsweredText), Is.EqualTo((status, $$"""{"status":"{{word}}"}""")));
        Assert.That((ready.Answer!.Status, ready.AnsweredText), Is.EqualTo((status, $$"""{"status":"{{word}}"}""")));
        Assert.That(asked, Is.EqualTo(new[] { HealthQuestion.IsAlive, HealthQuestion.IsReady }));
    }

    private static async Task<CannedExchange> AskAsync(HealthEndpoint endpoint, string path)
    {
        var exchange = new CannedExchange("GET", path);
        await endpoint.Routes.Single(route => route.Path == path).Endpoint(exchange);
        return exchange;
    }
}
