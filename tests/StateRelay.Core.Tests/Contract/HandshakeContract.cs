using System.Text;

namespace StateRelay.Tests.Contract;

/// <summary>The WebSocket handshake, right and wrong, as bytes.</summary>
public abstract class HandshakeContract : ContractTests
{
    // The example of RFC 6455, section 1.3.
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    [Test]
    public async Task A_plain_handshake_is_accepted_and_the_state_follows()
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();

        await client.SendAsync(Request(relay));
        var answer = await client.ReadAnswerAsync();
        var frame = await client.ReadBytesAsync(2);
        var text = Encoding.UTF8.GetString(await client.ReadBytesAsync(frame[1]));

        Assert.That(answer.Status, Is.EqualTo(101));
        Assert.That(answer.Header("Sec-WebSocket-Accept"), Is.EqualTo(Accept));
        Assert.That(answer.Header("Upgrade"), Is.EqualTo("websocket").IgnoreCase);
        Assert.That(answer.Header("Connection"), Is.EqualTo("Upgrade").IgnoreCase);
        Assert.That(answer.All("Sec-WebSocket-Protocol"), Is.Empty);
        Assert.That(answer.All("Sec-WebSocket-Extensions"), Is.Empty);
        Assert.That(frame[0], Is.EqualTo(0x81));
        Assert.That(text, Does.StartWith("""{"type":"state_snapshot","state":{"Name":"nightly","Done":0}"""));
    }

    [TestCase("staterelay.v1.json")]
    [TestCase("other, staterelay.v1.json")]
    public async Task A_known_subprotocol_is_echoed(string offer)
    {
        var relay = await StartAsync();

        var answer = await relay.AskRawAsync(Request(relay, ("Sec-WebSocket-Protocol", offer)));

        Assert.That(answer.Status, Is.EqualTo(101));
        Assert.That(answer.Header("Sec-WebSocket-Protocol"), Is.EqualTo("staterelay.v1.json"));
    }

    [Test]
    public async Task Compression_that_is_offered_is_declined()
    {
        var relay = await StartAsync();

        var answer = await relay.AskRawAsync(Request(relay, ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")));

        Assert.That(answer.Status, Is.EqualTo(101));
        Assert.That(answer.All("Sec-WebSocket-Extensions"), Is.Empty);
    }

    [TestCase("Upgrade", null, 426, "upgrade_required")]
    [TestCase("Upgrade", "h2c", 426, "upgrade_required")]
    [TestCase("Connection", "keep-alive", 400, "bad_handshake")]
    [TestCase("Sec-WebSocket-Version", null, 426, "unsupported_version")]
    [TestCase("Sec-WebSocket-Version", "8", 426, "unsupported_version")]
    [TestCase("Sec-WebSocket-Key", null, 400, "bad_handshake")]
    [TestCase("Sec-WebSocket-Key", "short", 400, "bad_handshake")]
    [TestCase("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAAAA", 400, "bad_handshake")]
    [TestCase("Sec-WebSocket-Protocol", "unknown", 400, "bad_handshake")]
    [TestCase("Sec-WebSocket-Protocol", "a, a", 400, "bad_handshake")]
    [TestCase("Sec-WebSocket-Protocol", "a b", 400, "bad_handshake")]
    public async Task A_handshake_out_of_order_is_answered_and_refused(string header, string? value, int status, string error)
    {
        var relay = await StartAsync();

        var answer = await relay.AskRawAsync(Request(relay, (header, value)));

        AssertRefusal(answer, status, error);
        if (error == "unsupported_version")
            Assert.That(answer.Header("Sec-WebSocket-Version"), Is.EqualTo("13"));
    }

    [Test]
    public async Task An_upgrade_by_an_old_client_or_by_another_method_is_refused()
    {
        var relay = await StartAsync();
        var request = Request(relay);

        var old = await relay.AskRawAsync(request.Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal));
        var post = await relay.AskRawAsync(request.Replace("GET", "POST", StringComparison.Ordinal).Replace("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n", StringComparison.Ordinal));

        AssertRefusal(old, 400, "bad_handshake");
        AssertRefusal(post, 405, "method_not_allowed");
    }

    [TestCase("http://evil.example")]
    [TestCase("null")]
    [TestCase("https://localhost")]
    [TestCase("http://localhost:1")]
    [TestCase("http://localhost.evil.example")]
    [TestCase("file://")]
    [TestCase("nonsense")]
    public async Task A_page_of_another_origin_is_refused(string origin)
    {
        var relay = await StartAsync();

        AssertRefusal(await relay.AskRawAsync(Request(relay, ("Origin", origin))), 403, "access_denied");
    }

    [Test]
    public async Task The_relays_own_pages_and_listed_ones_are_let_in()
    {
        var relay = await StartAsync(o => o.AllowedOrigins.Add("https://tools.example"));

        var own = await relay.AskRawAsync(Request(relay, ("Origin", $"http://{relay.Address.Authority}")));
        var listed = await relay.AskRawAsync(Request(relay, ("Origin", "https://tools.example")));

        Assert.That((own.Status, listed.Status), Is.EqualTo((101, 101)));
    }

    [Test]
    public async Task Asking_for_an_upgrade_elsewhere_is_just_a_request()
    {
        var relay = await StartAsync();

        var answer = await relay.AskRawAsync(Request(relay).Replace("/ws", "/api/state", StringComparison.Ordinal));

        Assert.That(answer.Status, Is.EqualTo(200));
    }

    private static string Request(RelayUnderTest relay, params (string Name, string? Value)[] changes)
    {
        var headers = new Dictionary<string, string>
        {
            ["Host"] = relay.Address.Authority,
            ["Upgrade"] = "websocket",
            ["Connection"] = "Upgrade",
            ["Sec-WebSocket-Version"] = "13",
            ["Sec-WebSocket-Key"] = Key,
        };
        foreach (var (name, value) in changes)
        {
            headers.Remove(name);
            if (value is not null)
                headers[name] = value;
        }

        return $"GET /ws HTTP/1.1\r\n{string.Concat(headers.Select(header => $"{header.Key}: {header.Value}\r\n"))}\r\n";
    }
}
