namespace StateRelay.Tests.Contract;

/// <summary>Every route and every method of it.</summary>
public abstract class RouteContract : ContractTests
{
    [TestCase("/", "text/html; charset=utf-8")]
    [TestCase("/static/staterelay.js", "text/javascript; charset=utf-8")]
    [TestCase("/api/state", "application/json; charset=utf-8")]
    [TestCase("/healthz", "application/json; charset=utf-8")]
    [TestCase("/readyz", "application/json; charset=utf-8")]
    public async Task A_route_answers_GET_and_HEAD_alike_but_for_the_body(string path, string contentType)
    {
        var relay = await StartAsync();

        var get = await relay.AskAsync($"GET {path} HTTP/1.1");
        using var client = await relay.ConnectAsync();
        await client.SendAsync($"HEAD {path} HTTP/1.1\r\nHost: {relay.Address.Authority}\r\n\r\n");
        var head = await client.ReadAnswerAsync(toHead: true);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: {relay.Address.Authority}\r\n\r\n");
        var next = await client.ReadAnswerAsync();

        Assert.That(get.Status, Is.EqualTo(200));
        Assert.That(get.Header("Content-Type"), Is.EqualTo(contentType));
        Assert.That(get.Body, Is.Not.Empty);
        AssertCommonHeaders(get);
        AssertCommonHeaders(head);
        Assert.That(head.Status, Is.EqualTo(200));
        Assert.That(head.Headers.Where(header => header.Key != "Date"), Is.EquivalentTo(get.Headers.Where(header => header.Key != "Date")));
        Assert.That(next.Body, Is.EqualTo(get.Body));
    }

    [Test]
    public async Task The_page_may_run_its_own_scripts_and_nothing_else()
    {
        var relay = await StartAsync();

        var page = await relay.AskAsync("GET / HTTP/1.1");
        var json = await relay.AskAsync("GET /api/state HTTP/1.1");

        Assert.That(page.Header("Content-Security-Policy"), Does.Contain("script-src 'self'").And.Contain("connect-src 'self'"));
        Assert.That(page.Header("Content-Security-Policy"), Does.Not.Contain("unsafe").And.Not.Contain("http"));
        Assert.That(json.Header("Content-Security-Policy"), Is.EqualTo("default-src 'none'; frame-ancestors 'none'"));
    }

    [Test]
    public async Task The_state_answers_OPTIONS()
    {
        var relay = await StartAsync();

        var answer = await relay.AskAsync("OPTIONS /api/state HTTP/1.1");

        Assert.That(answer.Status, Is.EqualTo(204));
        Assert.That(answer.Header("Allow"), Is.EqualTo("GET, HEAD, OPTIONS"));
        Assert.That(answer.Header("Access-Control-Allow-Origin"), Is.Null);
        AssertCommonHeaders(answer);
    }

    [TestCase("/", "GET, HEAD")]
    [TestCase("/static/staterelay.js", "GET, HEAD")]
    [TestCase("/api/state", "GET, HEAD, OPTIONS")]
    [TestCase("/healthz", "GET, HEAD")]
    [TestCase("/ws", "GET")]
    public async Task Other_methods_are_told_which_there_are(string path, string allow)
    {
        var relay = await StartAsync();
        string[] methods = ["POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "HEAD", "get", "BREW"];

        foreach (var method in methods.Except(allow.Split(", ")))
        {
            var answer = await relay.AskAsync($"{method} {path} HTTP/1.1", "Content-Length: 0");

            Assert.That(answer.Status, Is.EqualTo(405), method);
            Assert.That(answer.Header("Allow"), Is.EqualTo(allow), method);
            if (method != "HEAD")
                AssertRefusal(answer, 405, "method_not_allowed");
        }
    }

    [TestCase("/nothing")]
    [TestCase("/index.html")]
    [TestCase("/static")]
    [TestCase("/static/")]
    [TestCase("/static/index.html")]
    [TestCase("/static/none.js")]
    [TestCase("/static/STATERELAY.js")]
    [TestCase("/api")]
    [TestCase("/api/state/")]
    [TestCase("/API/state")]
    [TestCase("/ws/")]
    [TestCase("/healthz/")]
    [TestCase("/webhook")]
    [TestCase("/static/../../../../etc/passwd")]
    [TestCase("/static/..%2f..%2f..%2fetc/passwd")]
    [TestCase("/static/%2e%2e%2f%2e%2e%2fetc/passwd")]
    [TestCase("/static/..%5c..%5cetc%5cpasswd")]
    [TestCase("/static/%c0%ae%c0%ae/etc/passwd")]
    [TestCase("//etc/passwd")]
    public async Task Any_other_path_is_not_there(string path)
    {
        var relay = await StartAsync();

        AssertRefusal(await relay.AskAsync($"GET {path} HTTP/1.1"), 404, "not_found");
    }

    [TestCase("/static/%00")]
    [TestCase("/static/staterelay.js%00.png")]
    public async Task A_path_that_is_none_is_refused(string path)
    {
        var relay = await StartAsync();

        Assert.That((await relay.AskAsync($"GET {path} HTTP/1.1")).Status, Is.AnyOf(400, 404));
    }

    [Test]
    public async Task A_refusal_ends_the_connection_and_an_answer_keeps_it()
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();

        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync($"GET /api/state HTTP/1.1\r\nHost: {relay.Address.Authority}\r\n\r\n");
            Assert.That((await client.ReadAnswerAsync()).Status, Is.EqualTo(200));
        }

        await client.SendAsync($"GET /nothing HTTP/1.1\r\nHost: {relay.Address.Authority}\r\n\r\n");
        Assert.That((await client.ReadAnswerAsync()).Status, Is.EqualTo(404));
        Assert.That(await client.IsEndedAsync(), Is.True);
    }

    [Test]
    public async Task An_old_client_gets_a_known_length_and_the_end_of_the_connection()
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();

        await client.SendAsync($"GET /api/state HTTP/1.0\r\nHost: {relay.Address.Authority}\r\n\r\n");
        var answer = await client.ReadAnswerAsync();

        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(answer.Header("Content-Length"), Is.EqualTo($"{answer.Body.Length}"));
        Assert.That(await client.IsEndedAsync(), Is.True);
    }
}
