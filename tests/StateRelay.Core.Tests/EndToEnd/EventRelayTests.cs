using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

using StateRelay.GitHub;

namespace StateRelay.Tests.EndToEnd;

/// <summary>A real server on a real port: signed deliveries in, events out over WebSockets.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class EventRelayTests : IAsyncDisposable
{
    private static readonly Secret Signing = new("it is signed with this");

    private readonly Hub _hub = new();
    private readonly HttpClient _http = new();
    private readonly List<ClientWebSocket> _sockets = [];
    private WebServer? _server;

    [Test]
    public async Task A_delivery_reaches_whom_it_concerns_and_nobody_else_in_both_dialects()
    {
        await StartAsync();
        var plain = await ConnectAsync("amy-token", null);
        await plain.SendTextAsync("""{"organization":"acme"}""");
        Assert.That((string?)await NextAsync(plain, "type"), Is.EqualTo("subscription_confirmed"));
        var v1 = await ConnectAsync("amy-token", "staterelay.v1.json");
        await NextAsync(v1, "type");
        await v1.SendTextAsync("""{"type":"subscribe","id":1,"topic":"events","filter":{"organization":"acme","event_types":["pull_request"]}}""");
        Assert.That((string?)await NextAsync(v1, "type"), Is.EqualTo("subscription_confirmed"));
        var other = await ConnectAsync("zoe-token", null);
        await other.SendTextAsync("""{"organization":"globex"}""");
        Assert.That((string?)await NextAsync(other, "type"), Is.EqualTo("subscription_confirmed"));

        using var answer = await DeliverAsync("pull_request", "d-1", PullRequest(5));
        using var another = await DeliverAsync("pull_request", "d-2", PullRequest(6, "globex"));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo("""{"type":"webhook","result":"relayed","delivery_id":"d-1"}"""));
        Assert.That((string?)await NextAsync(plain, "url"), Is.EqualTo("https://github.com/acme/rocket/pull/5"));
        Assert.That((string?)(await NextAsync(v1, "event"))!["url"], Is.EqualTo("https://github.com/acme/rocket/pull/5"));
        Assert.That((string?)await NextAsync(other, "url"), Is.EqualTo("https://github.com/globex/rocket/pull/6"));
    }

    [Test]
    public async Task A_delivery_that_comes_twice_is_told_once_and_one_that_is_not_signed_never()
    {
        await StartAsync();
        using var forged = await DeliverAsync("pull_request", "d-0", PullRequest(4), new Secret("not this"));
        using var first = await DeliverAsync("pull_request", "d-1", PullRequest(5));
        using var second = await DeliverAsync("pull_request", "d-1", PullRequest(5));

        Assert.That(forged.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await second.Content.ReadAsStringAsync(), Does.Contain("\"duplicate\""));
        Assert.That(_hub.Head.Seq, Is.EqualTo(1));
    }

    [Test]
    public async Task A_check_that_names_no_pull_request_is_told_with_those_of_its_commit()
    {
        await StartAsync();
        using var opened = await DeliverAsync("pull_request", "d-1", PullRequest(5));

        using var check = await DeliverAsync("check_run", "d-2", """
            {"action":"completed","check_run":{"head_sha":"c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00","pull_requests":[]},
             "repository":{"name":"rocket","private":false,"html_url":"https://github.com/acme/rocket","owner":{"login":"acme"}},"sender":{"login":"bot"}}
            """);

        var told = await _hub.ReadAsync(since: new EventPosition(_hub.Head.Epoch, 1)).FirstAsync();
        Assert.That((told.Event!.Type, told.Event.Url), Is.EqualTo(("check_run", "https://github.com/acme/rocket/pull/5")));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _hub.Dispose();
        _http.Dispose();
    }

    private async Task StartAsync()
    {
        var people = new StaticTokenAuthenticator(
        [
            new(new Secret("amy-token"), new ClientIdentity("amy") { Organizations = ["acme"] }),
            new(new Secret("zoe-token"), new ClientIdentity("zoe") { Organizations = ["globex"] }),
        ]);
        _server = new WebServer(_hub, people, new WebServerOptions { Port = null, ViewerToken = Secret.Random() })
            .AddGitHubWebhooks(_hub, new GitHubWebhookOptions { Secrets = { Signing } });
        await _server.StartAsync();
    }

    private async Task<HttpResponseMessage> DeliverAsync(string type, string id, string payload, Secret? secret = null)
    {
        var body = Encoding.UTF8.GetBytes(payload);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_server!.Address, "webhook")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("X-GitHub-Event", type);
        request.Headers.Add("X-GitHub-Delivery", id);
        request.Headers.Add("X-Hub-Signature-256", WebhookSignature.Of(body, secret ?? Signing));
        return await _http.SendAsync(request).WaitAsync(TestTimeouts.Guard);
    }

    private async Task<ClientWebSocket> ConnectAsync(string token, string? subprotocol)
    {
        var socket = new ClientWebSocket();
        _sockets.Add(socket);
        socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        if (subprotocol is not null)
            socket.Options.AddSubProtocol(subprotocol);
        await socket.ConnectAsync(new UriBuilder(_server!.Address) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None).WaitAsync(TestTimeouts.Guard);
        return socket;
    }

    private static async Task<JsonNode?> NextAsync(WebSocket socket, string member) =>
        JsonNode.Parse((await socket.ReceiveTextAsync().WaitAsync(TestTimeouts.Guard))!)![member];

    private static string PullRequest(int number, string owner = "acme") => $$"""
        {"action":"opened","number":{{number}},
         "pull_request":{"number":{{number}},"html_url":"https://github.com/{{owner}}/rocket/pull/{{number}}","state":"open","user":{"login":"amy"},"head":{"sha":"c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"} },
         "repository":{"name":"rocket","private":false,"html_url":"https://github.com/{{owner}}/rocket","owner":{"login":"{{owner}}"} },"sender":{"login":"amy"} }
        """;
}
