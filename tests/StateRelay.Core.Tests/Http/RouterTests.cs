using StateRelay.Http;
using StateRelay.Security;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Http;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RouterTests : IDisposable
{
    private readonly CollectingLogger _logger = new();

    public void Dispose() => _logger.Dispose();

    [Test]
    public async Task A_request_reaches_the_endpoint_of_its_path_and_method()
    {
        var exchange = await AskAsync("GET", "/a?x=1");

        Assert.That(exchange.Answer!.Status, Is.EqualTo(200));
        Assert.That(exchange.AnsweredText, Is.EqualTo("\"a\""));
    }

    [TestCase("/")]
    [TestCase("/a/")]
    [TestCase("/A")]
    [TestCase("/a%20")]
    [TestCase("//a")]
    [TestCase("")]
    public async Task A_path_that_differs_at_all_is_another_path(string path)
    {
        var exchange = await AskAsync("GET", path);

        Assert.That(exchange.Answer!.Status, Is.EqualTo(404));
        Assert.That(exchange.AnsweredText, Does.StartWith("""{"type":"error","error":"not_found","""));
    }

    [TestCase("POST")]
    [TestCase("get")]
    [TestCase("Get")]
    [TestCase("TRACE")]
    [TestCase("OPTIONS")]
    public async Task A_method_that_is_not_listed_is_told_which_are(string method)
    {
        var exchange = await AskAsync(method, "/a");

        Assert.That(exchange.Answer!.Status, Is.EqualTo(405));
        Assert.That(exchange.Answered("Allow"), Is.EqualTo("GET, HEAD"));
    }

    [Test]
    public async Task An_endpoint_that_fails_is_logged_and_tells_the_client_nothing()
    {
        var exchange = await AskAsync("GET", "/fails");

        Assert.That(exchange.Answer!.Status, Is.EqualTo(500));
        Assert.That(exchange.AnsweredText, Does.Contain("internal_error").And.Not.Contain("s3cret"));
        Assert.That(_logger.Lines, Has.One.Items);
        Assert.That(_logger.Lines[0].Text, Is.EqualTo("An endpoint failed: /fails."));
        Assert.That(_logger.Lines[0].Error!.Message, Is.EqualTo("s3cret"));
    }

    [Test]
    public async Task An_endpoint_that_fails_after_its_answer_is_only_logged()
    {
        var exchange = await AskAsync("GET", "/fails-late");

        Assert.That(exchange.Answer!.Status, Is.EqualTo(200));
        Assert.That(_logger.Lines, Has.One.Items);
    }

    [Test]
    public async Task A_request_with_two_lengths_is_refused()
    {
        var exchange = new CannedExchange("GET", "/a").With("Host", "localhost").With("Content-Length", "3").With("Transfer-Encoding", "chunked");

        await Router().HandleAsync(exchange);

        Assert.That(exchange.Answer!.Status, Is.EqualTo(400));
        Assert.That(exchange.Answer.CloseConnection, Is.True);
        Assert.That(exchange.AnsweredText, Does.Contain("two_lengths"));
    }

    [TestCase(null, 400, "host_missing")]
    [TestCase("two, hosts", 400, "host_malformed")]
    [TestCase("evil.example", 421, "host_unknown")]
    public async Task The_host_is_looked_at_before_anything_else(string? host, int status, string error)
    {
        foreach (var path in new[] { "/a", "/open", "/nothing" })
        {
            var exchange = new CannedExchange("GET", path).With("Host", host);

            await Router(token: "s3cret").HandleAsync(exchange);

            Assert.That(exchange.Answer!.Status, Is.EqualTo(status));
            Assert.That(exchange.AnsweredText, Does.Contain(error));
        }
    }

    [Test]
    public async Task The_viewer_is_looked_at_before_path_and_method()
    {
        foreach (var (method, path) in new[] { ("GET", "/a"), ("POST", "/a"), ("OPTIONS", "/a"), ("GET", "/nothing"), ("POST", "/"), ("GET", "/fails") })
        {
            var exchange = await AskAsync(method, path, token: "s3cret");

            Assert.That(exchange.Answer!.Status, Is.EqualTo(401));
            Assert.That(exchange.Answered("WWW-Authenticate"), Is.EqualTo("Bearer"));
        }
    }

    [Test]
    public async Task An_open_route_answers_everybody()
    {
        Assert.That((await AskAsync("GET", "/open", token: "s3cret")).Answer!.Status, Is.EqualTo(200));
        Assert.That((await AskAsync("POST", "/open", token: "s3cret")).Answer!.Status, Is.EqualTo(405));
    }

    [Test]
    public async Task A_route_that_is_its_own_guard_asks_for_no_viewer()
    {
        Assert.That((await AskAsync("POST", "/own", token: "s3cret")).Answer!.Status, Is.EqualTo(202));
        Assert.That((await AskAsync("GET", "/own", token: "s3cret")).Answer!.Status, Is.EqualTo(405));

        var elsewhere = new CannedExchange("POST", "/own").With("Host", "evil.example");
        await Router(token: "s3cret").HandleAsync(elsewhere);
        Assert.That(elsewhere.Answer!.Status, Is.EqualTo(421));
    }

    [Test]
    public async Task A_closed_router_answers_on_open_routes_only()
    {
        var router = Router();
        router.Close();

        var refused = new CannedExchange("GET", "/a").With("Host", "localhost");
        var own = new CannedExchange("POST", "/own").With("Host", "localhost");
        var open = new CannedExchange("GET", "/open").With("Host", "localhost");
        await router.HandleAsync(refused);
        await router.HandleAsync(own);
        await router.HandleAsync(open);

        Assert.That(refused.Answer!.Status, Is.EqualTo(503));
        Assert.That(refused.Answered("Retry-After"), Is.EqualTo("5"));
        Assert.That(own.Answer!.Status, Is.EqualTo(503));
        Assert.That(open.Answer!.Status, Is.EqualTo(200));
    }

    private async Task<CannedExchange> AskAsync(string method, string target, Secret? token = null)
    {
        var exchange = new CannedExchange(method, target).With("Host", "localhost:8080");
        await Router(token).HandleAsync(exchange);
        return exchange;
    }

    private Router Router(Secret? token = null) => new(
        new Doorkeeper(new HostRules(["localhost"]), new ViewerGate(token, "8080"), null, _logger),
        [
            new Route("/a", ["GET", "HEAD"], exchange => exchange.AnswerAsync(HttpAnswer.OfJson(200, "\"a\""u8.ToArray()))),
            new Route("/open", ["GET"], exchange => exchange.AnswerAsync(HttpAnswer.Empty(200))) { IsOpen = true },
            new Route("/own", ["POST"], exchange => exchange.AnswerAsync(HttpAnswer.Empty(202))) { Guard = RouteGuard.Own },
            new Route("/fails", ["GET"], _ => throw new FormatException("s3cret")),
            new Route("/fails-late", ["GET"], async exchange =>
            {
                await exchange.AnswerAsync(HttpAnswer.Empty(200));
                throw new FormatException("late");
            }),
        ],
        _logger);
}
