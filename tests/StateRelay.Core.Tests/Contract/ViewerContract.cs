using System.Buffers.Text;
using System.Text;

namespace StateRelay.Tests.Contract;

/// <summary>The viewer token and the host's own decision: who may see anything at all.</summary>
public abstract class ViewerContract : ContractTests
{
    private const string Token = "s3cret token/+?&";

    private static readonly string[] Handshake =
        ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];

    [TestCase("GET", "/")]
    [TestCase("GET", "/static/staterelay.js")]
    [TestCase("GET", "/static/none.js")]
    [TestCase("GET", "/api/state")]
    [TestCase("OPTIONS", "/api/state")]
    [TestCase("POST", "/api/state")]
    [TestCase("GET", "/ws")]
    [TestCase("GET", "/nothing")]
    [TestCase("GET", "/?token=wrong")]
    [TestCase("GET", "/?token=")]
    [TestCase("GET", "/api/state?token=s3cret%20token%2F%2B%3F%26")]
    public async Task Without_the_token_nothing_answers(string method, string target)
    {
        var relay = await StartAsync(o => o.ViewerToken = Token);

        var answer = await relay.AskAsync($"{method} {target} HTTP/1.1", ["Content-Length: 0", .. Handshake]);

        AssertRefusal(answer, 401, target.StartsWith("/?", StringComparison.Ordinal) ? "viewer_token_wrong" : "viewer_token_missing");
        Assert.That(answer.Header("WWW-Authenticate"), Is.EqualTo("Bearer"));
        Assert.That(answer.All("Set-Cookie"), Is.Empty);
    }

    [Test]
    public async Task Health_is_open_to_everybody()
    {
        var relay = await StartAsync(o => o.ViewerToken = Token);

        Assert.That((await relay.AskAsync("GET /healthz HTTP/1.1")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task The_authorization_header_opens_everything()
    {
        var relay = await StartAsync(o => o.ViewerToken = Token);

        foreach (var path in new[] { "/", "/static/staterelay.js", "/api/state" })
        {
            Assert.That((await relay.AskAsync($"GET {path} HTTP/1.1", $"Authorization: Bearer {Token}")).Status, Is.EqualTo(200), path);
            AssertRefusal(await relay.AskAsync($"GET {path} HTTP/1.1", $"Authorization: Bearer {Token}x"), 401, "viewer_token_wrong");
            AssertRefusal(await relay.AskAsync($"GET {path} HTTP/1.1", "Authorization: Basic czNjcmV0"), 401, "viewer_token_wrong");
        }
    }

    [Test]
    public async Task The_link_sets_a_cookie_that_opens_everything_and_leaves_the_address_bar()
    {
        var relay = await StartAsync(o => o.ViewerToken = Token);

        var sentOn = await relay.AskAsync($"GET {relay.ViewerLink!.PathAndQuery} HTTP/1.1");
        var cookie = sentOn.Header("Set-Cookie")!;
        var pair = cookie.Split(';')[0];
        var page = await relay.AskAsync("GET / HTTP/1.1", $"Cookie: other=1; {pair}");
        var socket = await relay.AskAsync("GET /ws HTTP/1.1", [.. Handshake, $"Cookie: {pair}"]);

        Assert.That(sentOn.Status, Is.EqualTo(303));
        Assert.That(sentOn.Header("Location"), Is.EqualTo("./"));
        Assert.That(sentOn.Header("Cache-Control"), Is.EqualTo("no-store"));
        Assert.That(sentOn.Body, Is.Empty);
        AssertCommonHeaders(sentOn);
        Assert.That(cookie, Does.Match("^staterelay-viewer-[A-Za-z0-9]+=[A-Za-z0-9_-]+; HttpOnly; SameSite=Strict$"));
        Assert.That(cookie, Does.Not.Contain("s3cret"));
        Assert.That((page.Status, socket.Status), Is.EqualTo((200, 101)));
        AssertRefusal(await relay.AskAsync("GET / HTTP/1.1", $"Cookie: {pair}x"), 401, "viewer_token_wrong");
    }

    [Test]
    public async Task The_subprotocol_opens_a_WebSocket_and_is_not_echoed()
    {
        var relay = await StartAsync(o => o.ViewerToken = Token);
        var bearer = "bearer." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Token));

        var right = await relay.AskAsync("GET /ws HTTP/1.1", [.. Handshake, $"Sec-WebSocket-Protocol: staterelay.v1.json, {bearer}"]);
        var wrong = await relay.AskAsync("GET /ws HTTP/1.1", [.. Handshake, $"Sec-WebSocket-Protocol: staterelay.v1.json, {bearer}AAAA"]);

        Assert.That(right.Status, Is.EqualTo(101));
        Assert.That(right.Header("Sec-WebSocket-Protocol"), Is.EqualTo("staterelay.v1.json"));
        AssertRefusal(wrong, 401, "viewer_token_wrong");
    }

    [Test]
    public async Task Without_a_token_of_its_own_a_relay_ignores_one_in_the_address()
    {
        var relay = await StartAsync();

        Assert.That(relay.ViewerLink, Is.Null);
        Assert.That((await relay.AskAsync("GET /?token=anything HTTP/1.1")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task The_host_may_refuse_and_a_host_that_fails_refuses()
    {
        var relay = await StartAsync(o => o.AuthorizeViewer = request => request.Header("X-User") switch
        {
            "amy" => ValueTask.FromResult(true),
            null => throw new FormatException("inner matters"),
            _ => ValueTask.FromResult(false),
        });

        Assert.That((await relay.AskAsync("GET /api/state HTTP/1.1", "X-User: amy")).Status, Is.EqualTo(200));
        Assert.That((await relay.AskAsync("GET /ws HTTP/1.1", [.. Handshake, "X-User: amy"])).Status, Is.EqualTo(101));
        AssertRefusal(await relay.AskAsync("GET /api/state HTTP/1.1", "X-User: bob"), 403, "access_denied");
        AssertRefusal(await relay.AskAsync("GET /ws HTTP/1.1", [.. Handshake, "X-User: bob"]), 403, "access_denied");

        var failed = await relay.AskAsync("GET /api/state HTTP/1.1");
        AssertRefusal(failed, 500, "internal_error");
        Assert.That(failed.Text, Does.Not.Contain("inner"));
    }

    [TestCase("127.0.0.1", "203.0.113.9")]
    [TestCase("192.0.2.1", "127.0.0.1")]
    public async Task What_a_header_says_of_the_client_counts_from_a_trusted_proxy_only(string trusted, string expected)
    {
        var asked = new TaskCompletionSource<ViewerRequest>();
        var relay = await StartAsync(o =>
        {
            o.TrustedProxies.Add(trusted);
            o.AuthorizeViewer = request =>
            {
                asked.TrySetResult(request);
                return ValueTask.FromResult(true);
            };
        });

        await relay.AskAsync("GET /api/state HTTP/1.1", "X-Forwarded-For: 198.51.100.1, 203.0.113.9");

        Assert.That((await asked.Task).RemoteAddress, Is.EqualTo(System.Net.IPAddress.Parse(expected)));
    }
}
