using System.Security.Cryptography;
using System.Text;

namespace StateRelay.Tests.Reliability.Secrets;

/// <summary>Webhooks: what they are signed with, and whatever of them is not to be relayed.</summary>
[NonParallelizable]
public sealed class DeliveryTests
{
    private const string First = "mark-of-the-first-secret";
    private const string Second = "mark-of-the-second-secret";
    private const string Foreign = "mark-of-a-foreign-secret";
    private const string Payload = "mark-of-the-payload";
    private const string Header = "mark-of-a-header";

    private static readonly string[] Bodies =
    [
        $$"""
        {"action":"opened","number":5,"{{Payload}}":"{{Payload}}","installation":{"token":"{{Payload}}"},
         "pull_request":{"number":5,"html_url":"https://github.com/acme/rocket/pull/5","title":"{{Payload}}","body":"{{Payload}}","state":"open","user":{"login":"amy","email":"{{Payload}}@example.org"},"head":{"ref":"{{Payload}}","sha":"c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"} },
         "repository":{"name":"rocket","private":false,"html_url":"https://github.com/acme/rocket","owner":{"login":"acme"},"description":"{{Payload}}"},
         "sender":{"login":"amy","email":"{{Payload}}@example.org"} }
        """,
        $$"""{"{{Payload}}":""",
        Payload,
        $"\"{Payload}\"",
        $$"""{"action":"{{Payload}}","repository":"{{Payload}}","sender":["{{Payload}}"]}""",
        $"payload=%7B%22{Payload}%22%3A1%7D",
        new string(' ', 5000) + Payload,
    ];

    private static readonly string[] Types = ["pull_request", "push", Header, "", "PULL " + Header];

    [Test]
    public async Task Neither_secrets_nor_payloads_stand_in_anything_that_is_said_whatever_becomes_of_the_delivery()
    {
        using var watch = new Watch();
        using var hub = new Hub(loggers: watch);
        var people = new StaticTokenAuthenticator([new(new Secret("amys"), new ClientIdentity("amy") { Organizations = ["acme"] })]);
        var options = new GitHubWebhookOptions { Secrets = { new Secret(First), new Secret(Second) }, MaxBodyBytes = 4096, MaxRefusalsPerMinute = 100_000 };
        await using var server = new WebServer(hub, people, new WebServerOptions { Host = "127.0.0.1", Port = null, ViewerToken = new Secret("viewers") }, watch).AddGitHubWebhooks(hub, options);
        await server.StartAsync();

        var number = 0;
        foreach (var body in Bodies)
        {
            foreach (var type in Types)
            {
                foreach (var signature in Signatures(body))
                {
                    foreach (var contentType in (string[])["application/json", "application/x-www-form-urlencoded", Header])
                        watch.See(await DeliverAsync(server.Address, type, $"d-{++number}", signature, contentType, body));
                }
            }
        }

        watch.See(await Exchange.AskAsync(server.Address, $"GET /api/state?topic=relay HTTP/1.1\r\nHost: {server.Address.Authority}\r\nAuthorization: Bearer viewers\r\nConnection: close\r\n\r\n"));
        Assert.That(watch.Seen, Has.Some.Contains("\"result\":\"relayed\"").And.Some.Contains("HTTP/1.1 401").And.Some.Contains("HTTP/1.1 400").And.Some.Contains("HTTP/1.1 413"));
        await foreach (var read in hub.ReadAsync(since: hub.Head with { Seq = 0 }))
        {
            watch.See($"{read}");
            if (read.Position == hub.Head)
                break;
        }

        watch.ExpectNoneOf(First, Second, Foreign, Payload, Header);
    }

    private static IEnumerable<string> Signatures(string body)
    {
        var utf8 = Encoding.UTF8.GetBytes(body);
        foreach (var secret in (string[])[First, Second, Foreign])
            yield return $"X-Hub-Signature-256: sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), utf8))}";
        yield return $"X-Hub-Signature-256: sha256={Foreign}";
        yield return $"X-Hub-Signature-256: {Foreign}";
        yield return $"X-Hub-Signature: sha1={Foreign}";
        yield return $"Authorization: Bearer {Foreign}";
    }

    private static Task<string> DeliverAsync(Uri server, string type, string delivery, string signature, string contentType, string body)
    {
        var utf8 = Encoding.UTF8.GetBytes(body);
        return Exchange.AskAsync(
            server,
            $"POST /webhook HTTP/1.1\r\nHost: {server.Authority}\r\nX-GitHub-Event: {type}\r\nX-GitHub-Delivery: {delivery}\r\n{signature}\r\nContent-Type: {contentType}\r\nContent-Length: {utf8.Length}\r\nConnection: close\r\n\r\n",
            utf8);
    }
}
