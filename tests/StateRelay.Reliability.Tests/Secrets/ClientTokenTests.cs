using System.Net.WebSockets;

namespace StateRelay.Tests.Reliability.Secrets;

/// <summary>The tokens of clients of events, whoever knows them, and what clients say that has a token where none belongs.</summary>
[NonParallelizable]
public sealed class ClientTokenTests
{
    private const string Known = "mark-of-a-known-token";
    private const string Unknown = "mark-of-an-unknown-token";
    private const string OfGitHub = "ghp_markOfATokenOfGitHubs0123456789012345678901";
    private const string OfAnApp = "ghs_markOfAnInstallation.0123456789-0123456789_0123456789";
    private const string Told = "mark-of-what-GitHub-said";

    private static readonly StateRelay.GitHub.GitHubApiOptions Impatient =
        new() { MaxAttempts = 1, EmptyAnswerPause = TimeSpan.Zero, FailuresToRest = 1000 };

    private static readonly string[] Messages =
    [
        """{"organization":"acme"}""", """{"organization":"@"}""", """{"organization":"acme","event_types":["@"]}""", """{"pull_requests":["https://github.com/acme/x/pull/1?@"]}""", """{"pull_requests":["@"]}""",
        """{"token":"@"}""", "@", "{\"@", """{"type":"@"}""", """{"type":"subscribe","topic":"@"}""", """{"type":"subscribe","id":1,"topic":"events","filter":{"organization":"@"}}""",
        """{"type":"subscribe","id":1,"topic":"events","filter":{"organization":"acme"},"since":{"epoch":"@","seq":1}}""", """{"type":"subscribe","id":"@","topic":"events"}""", """{"type":"update","sub":"@"}""",
    ];

    [Test]
    public async Task A_static_token_stands_in_nothing_that_is_said()
    {
        using var watch = new Watch();
        using var hub = new Hub(loggers: watch);
        var people = new StaticTokenAuthenticator([new(new Secret(Known), new ClientIdentity("amy") { Organizations = ["acme"] })]);

        await TalkAsync(watch, hub, people, Known, Unknown);

        watch.See($"{people}");
        watch.ExpectNoneOf(Known, Unknown);
    }

    [TestCase(200, """{"login":"amy","id":1}""")]
    [TestCase(401, """{"message":"mark-of-what-GitHub-said"}""")]
    [TestCase(403, """{"message":"mark-of-what-GitHub-said"}""")]
    [TestCase(500, "mark-of-what-GitHub-said")]
    [TestCase(200, "mark-of-what-GitHub-said")]
    [TestCase(302, "")]
    public async Task A_token_of_GitHubs_and_what_GitHub_answers_stand_in_nothing_that_is_said(int status, string body)
    {
        using var watch = new Watch();
        using var hub = new Hub(loggers: watch);
        using var handler = new CannedHttpHandler()
            .On("/user", status, body, ("Location", $"https://example.org/?{Told}"))
            .On("/user/orgs?per_page=100", 200, """[{"login":"acme"}]""")
            .On("/installation/repositories?per_page=100", status, body);
        using var github = new GitHubAuthenticator(new GitHubAuthenticatorOptions { Handler = handler }, Impatient, watch, TimeProvider.System);

        await TalkAsync(watch, hub, github, OfGitHub, OfAnApp);

        Assert.That(handler.Requests, Has.Some.Matches<(string Address, IReadOnlyDictionary<string, string> Headers)>(request => request.Headers["Authorization"].Contains(OfGitHub, StringComparison.Ordinal)));
        watch.See($"{github}");
        watch.ExpectNoneOf(OfGitHub, OfAnApp, Told);
    }

    [Test]
    public async Task An_error_of_the_network_that_tells_the_token_is_not_told_further()
    {
        using var watch = new Watch();
        using var hub = new Hub(loggers: watch);
        using var handler = new CannedHttpHandler().On("/user", new HttpRequestException($"The proxy did not like 'Authorization: Bearer {OfGitHub}'."));
        using var github = new GitHubAuthenticator(new GitHubAuthenticatorOptions { Handler = handler }, Impatient, watch, TimeProvider.System);

        await TalkAsync(watch, hub, github, OfGitHub);

        watch.ExpectNoneOf(OfGitHub);
    }

    // In both dialects each token says each message, and hears what comes of it to the end.
    private static async Task TalkAsync(Watch watch, Hub hub, IClientAuthenticator authenticator, params string[] tokens)
    {
        var options = new WebServerOptions { Port = null, MaxConnectsPerMinute = 100_000, ViewerToken = Secret.Random() };
        await using var server = new WebServer(hub, authenticator, options, watch);
        await server.StartAsync();
        foreach (var token in tokens)
        {
            foreach (var subprotocol in (string?[])[null, "staterelay.v1.json"])
                await Task.WhenAll(Messages.Select(message => SayAsync(watch, server.Address, token, subprotocol, message.Replace("@", token, StringComparison.Ordinal))));
        }

        hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
        watch.See(await Exchange.AskAsync(server.Address, $"GET /api/state?topic=relay HTTP/1.1\r\nHost: {server.Address.Authority}\r\nConnection: close\r\nAuthorization: Bearer {tokens[0]}\r\n\r\n"));
    }

    private static async Task SayAsync(Watch watch, Uri server, string token, string? subprotocol, string message)
    {
        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        if (subprotocol is not null)
            socket.Options.AddSubProtocol(subprotocol);
        try
        {
            await socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/ws" }.Uri, guard.Token);
            await socket.SendTextAsync(message);
            await socket.SendTextAsync("""{"type":"ping","seq":1}""");
            while (await socket.ReceiveTextAsync() is { } heard)
            {
                watch.See(heard);
                if (heard.Contains("\"pong\"", StringComparison.Ordinal) || heard.Contains("\"subscription_confirmed\"", StringComparison.Ordinal))
                    return;
            }

            watch.See($"{socket.CloseStatus} {socket.CloseStatusDescription}");
        }
        catch (WebSocketException error)
        {
            watch.See($"{error.Message}");
        }
    }
}
