namespace StateRelay.Tests.Contract;

/// <summary>Requests that no honest client sends: each gets an answer or its end, and the next client notices nothing.</summary>
public abstract class HostileContract : ContractTests
{
    [Test]
    public async Task Two_lengths_are_refused_and_the_connection_ends()
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();

        await client.SendAsync($"POST /api/state HTTP/1.1\r\nHost: {relay.Address.Authority}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n");
        var answer = await client.ReadAnswerAsync();

        Assert.That(answer.Status, Is.EqualTo(400));
        Assert.That(answer.Header("Connection"), Is.EqualTo("close"));
        Assert.That(await client.IsEndedAsync(), Is.True);
    }

    [TestCase(10)]
    [TestCase(10_000)]
    [TestCase(60_000)]
    public async Task A_body_that_nobody_wants_does_not_hide_the_answer(int bytes)
    {
        var relay = await StartAsync();

        var sized = await relay.AskRawAsync($"POST /api/state HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: {bytes}\r\n\r\n{new string('x', bytes)}");
        var chunked = await relay.AskRawAsync("POST /api/state HTTP/1.1\r\nHost: @HOST@\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");

        AssertRefusal(sized, 405, "method_not_allowed");
        AssertRefusal(chunked, 405, "method_not_allowed");
    }

    [Test]
    public async Task A_body_that_never_comes_does_not_delay_the_answer()
    {
        var relay = await StartAsync();

        var answer = await relay.AskRawAsync("POST /api/state HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: 1000000\r\n\r\nx");

        AssertRefusal(answer, 405, "method_not_allowed");
    }

    [Test]
    public async Task A_GET_with_a_body_is_answered_and_the_connection_ends()
    {
        var relay = await StartAsync();

        var answer = await relay.AskRawAsync("GET /api/state HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: 5\r\n\r\nhello");

        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(answer.Header("Connection"), Is.EqualTo("close"));
    }

    [TestCase("POST /api/state HTTP/1.1\r\nHost: @HOST@\r\n\r\n", Description = "no length")]
    [TestCase("nonsense\r\n\r\n")]
    [TestCase("GET\r\n\r\n")]
    [TestCase("GET /api/state\r\n\r\n")]
    [TestCase("GET /api/state HTTP/9.9\r\nHost: @HOST@\r\n\r\n")]
    [TestCase("GET /api/state HTTP/1.1\r\nHost: @HOST@\r\nno colon here\r\n\r\n")]
    [TestCase("GET /api/state HTTP/1.1\r\nHost: @HOST@\r\n: no name\r\n\r\n")]
    [TestCase("G(T /api/state HTTP/1.1\r\nHost: @HOST@\r\n\r\n")]
    [TestCase("POST /api/state HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: -1\r\n\r\n")]
    public async Task What_is_no_request_is_answered_with_an_error(string request)
    {
        var relay = await StartAsync();

        var answer = await relay.AskRawAsync(request);

        Assert.That(answer.Status, Is.InRange(400, 505));
        Assert.That(answer.Text, Does.Not.Contain("nightly"));
    }

    [TestCase("POST /api/state HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: abc\r\n\r\n")]
    [TestCase("POST /api/state HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: 99999999999999999999999\r\n\r\n")]
    [TestCase("POST /api/state HTTP/1.1\r\nHost: @HOST@\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")]
    [TestCase("GET /%zz HTTP/1.1\r\nHost: @HOST@\r\n\r\n")]
    [TestCase("GET * HTTP/1.1\r\nHost: @HOST@\r\n\r\n")]
    [TestCase("OPTIONS * HTTP/1.1\r\nHost: @HOST@\r\n\r\n")]
    [TestCase("CONNECT evil.example:443 HTTP/1.1\r\nHost: @HOST@\r\n\r\n")]
    [TestCase("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [TestCase("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")]
    public async Task What_is_hardly_a_request_harms_nobody(string request)
    {
        var relay = await StartAsync();

        using (var client = await relay.ConnectAsync())
            await client.SendAsync(request.Replace("@HOST@", relay.Address.Authority, StringComparison.Ordinal));

        Assert.That((await relay.AskAsync("GET /api/state HTTP/1.1")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Large_headers_are_read_or_refused()
    {
        var relay = await StartAsync();

        var large = await relay.AskAsync("GET /api/state HTTP/1.1", $"X-Large: {new string('x', 16_000)}");
        var tooLarge = await relay.AskAsync("GET /api/state HTTP/1.1", $"X-Large: {new string('x', 60_000)}");

        Assert.That(large.Status, Is.EqualTo(200));
        Assert.That(tooLarge.Status, Is.AnyOf(400, 431));
    }

    [Test]
    public async Task Clients_that_leave_in_the_middle_are_no_error()
    {
        var relay = await StartAsync();
        var request = $"GET /api/state HTTP/1.1\r\nHost: {relay.Address.Authority}\r\n\r\n";

        for (var length = 1; length <= request.Length; length += 7)
        {
            using var client = await relay.ConnectAsync();
            await client.SendAsync(request[..length]);
        }

        Assert.That((await relay.AskAsync("GET /api/state HTTP/1.1")).Status, Is.EqualTo(200));
    }
}
