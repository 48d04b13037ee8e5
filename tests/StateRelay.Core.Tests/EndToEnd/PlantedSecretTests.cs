using System.Buffers.Text;
using System.Text;

using StateRelay.GitHub;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.EndToEnd;

/// <summary>A real server on a real port that logs everything, and secrets wherever a request can carry one.</summary>
public sealed class PlantedSecretTests
{
    private const string Planted = "planted";
    private const string Handshake = "GET /ws{0} HTTP/1.1\r\nHost: @HOST@\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{1}\r\n";

    private static readonly Secret Signing = new("planted-signing-secret");
    private static readonly Secret Viewer = new("planted-viewer-token");

    /// <summary>What may not be in any line: what is planted, in each form in which it is sent.</summary>
    private static readonly string[] Forbidden =
    [
        Planted,
        Base64Url.EncodeToString("planted"u8)[..8],
        WebhookSignature.Of(Encoding.UTF8.GetBytes(Delivered), Signing)[7..],
    ];

    private const string Delivered = """{"planted":"planted","repository":{"name":"planted","private":true,"owner":{"login":"planted"}},"sender":{"login":"planted"},"comment":{"body":"planted"}}""";

    private static IEnumerable<string> Requests =>
    [
        // deliveries: in order, again, ignored, and refused for each reason that there is
        Delivery(Delivered),
        Delivery(Delivered),
        Delivery(Delivered, type: "ping"),
        Delivery(Delivered, signature: "sha256=planted"),
        Delivery(Delivered, signature: "planted"),
        Delivery(Delivered, signature: WebhookSignature.Of(Encoding.UTF8.GetBytes(Delivered), new Secret("planted-other-secret"))),
        Delivery(Delivered, type: "planted type"),
        Delivery(Delivered, contentType: "text/planted"),
        Delivery(Delivered, id: "planted id"),
        Delivery("planted"),
        Delivery("[\"planted\"]"),
        Delivery(Delivered.PadRight(5000)),
        "POST /webhook HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nplanted\r\n",

        // viewers
        "GET / HTTP/1.1\r\nHost: @HOST@\r\nAuthorization: Bearer planted-viewer-token\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: @HOST@\r\nAuthorization: Bearer planted-wrong\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: @HOST@\r\nAuthorization: Basic planted\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: @HOST@\r\nCookie: planted=planted\r\n\r\n",
        "GET /?token=planted-viewer-token HTTP/1.1\r\nHost: @HOST@\r\n\r\n",
        "GET /?token=planted-wrong HTTP/1.1\r\nHost: @HOST@\r\n\r\n",
        "GET /planted HTTP/1.1\r\nHost: @HOST@\r\nAuthorization: Bearer planted-viewer-token\r\n\r\n",
        "GET /api/state?topic=planted&since=planted HTTP/1.1\r\nHost: @HOST@\r\nAuthorization: Bearer planted-viewer-token\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: planted.example\r\n\r\n",

        // clients of their own right
        Connect("?mode=events", "Authorization: Bearer planted-token-of-amy\r\n"),
        Connect("?mode=events", "Authorization: Bearer planted-unknown\r\n"),
        Connect("?mode=events", "Authorization: Bearer planted two words\r\n"),
        Connect("?mode=events", "Authorization: planted\r\n"),
        Connect("?mode=planted&token=planted-viewer-token", ""),
        Connect("", $"Sec-WebSocket-Protocol: staterelay.v1.json, bearer.{Base64Url.EncodeToString("planted-token-of-amy"u8)}\r\n"),
        Connect("", $"Sec-WebSocket-Protocol: staterelay.v1.json, bearer.{Base64Url.EncodeToString("planted-unknown"u8)}\r\n"),
        Connect("", "Sec-WebSocket-Protocol: planted\r\n"),
        Connect("", "Origin: https://planted.example\r\n"),
    ];

    [Test]
    public async Task Nothing_secret_reaches_the_log_whatever_is_sent()
    {
        using var log = new CollectingLogger();
        using var hub = new Hub(loggers: log);
        var people = new StaticTokenAuthenticator([new(new Secret("planted-token-of-amy"), new ClientIdentity("amy") { Organizations = ["acme"] })]);
        await using var server = new WebServer(hub, people, Some.Options(o => o.ViewerToken = Viewer), log).AddGitHubWebhooks(
            hub, new GitHubWebhookOptions { Secrets = { Signing }, MaxBodyBytes = 4096 });
        await server.StartAsync();

        foreach (var request in Requests)
        {
            using var client = await RawHttpClient.ConnectAsync(server.Address);
            await client.SendAsync(request.Replace("@HOST@", server.Address.Authority, StringComparison.Ordinal));
            await client.IsEndedAsync();
        }

        await server.ShutdownAsync();
        var lines = log.Lines.Select(line => $"{line.Text} {line.Error}").ToArray();
        Assert.That(lines.Where(line => line.StartsWith("Delivery ", StringComparison.Ordinal)), Has.Exactly(4).Items);
        Assert.That(lines.Where(line => line.Contains(" joined", StringComparison.Ordinal)), Is.Not.Empty);
        Assert.That(lines.Where(line => line.Contains(" refused", StringComparison.Ordinal)), Is.Not.Empty);
        Assert.That(lines.Where(line => Forbidden.Any(secret => line.Contains(secret, StringComparison.OrdinalIgnoreCase))), Is.Empty);
    }

    private static string Connect(string query, string headers) => Handshake.Replace("{0}", query, StringComparison.Ordinal).Replace("{1}", headers, StringComparison.Ordinal);

    private static string Delivery(string body, string type = "issues", string? signature = null, string contentType = "application/json", string id = "d-1") =>
        $"POST /webhook HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: {contentType}\r\nX-GitHub-Event: {type}\r\nX-GitHub-Delivery: {id}\r\n"
        + $"X-Hub-Signature-256: {signature ?? WebhookSignature.Of(Encoding.UTF8.GetBytes(body), Signing)}\r\nContent-Length: {body.Length}\r\n\r\n{body}";
}
