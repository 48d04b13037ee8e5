using StateRelay.Dashboard;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Dashboard;

public sealed class HealthEndpointTests
{
    [TestCase(false, 200, """{"status":"serving"}""")]
    [TestCase(true, 503, """{"status":"stopping"}""")]
    public async Task It_says_whether_the_server_serves(bool stopping, int status, string body)
    {
        var exchange = new CannedExchange("GET", "/healthz");

        await new HealthEndpoint(() => stopping).Route.Endpoint(exchange);

        Assert.That(exchange.Answer!.Status, Is.EqualTo(status));
        Assert.That(exchange.AnsweredText, Is.EqualTo(body));
        Assert.That(exchange.Answered("Cache-Control"), Is.EqualTo("no-store"));
    }
}
