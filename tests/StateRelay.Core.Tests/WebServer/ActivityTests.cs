using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

using StateRelay.Diagnostics;
using StateRelay.Tests.Architecture;
using StateRelay.Tests.Support;

namespace StateRelay.Tests;

/// <summary>What whoever traces a program hears of its server.</summary>
public sealed class ActivityTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736", Webhooks = "a secret of webhooks";

    private readonly ConcurrentQueue<Activity> _ended = new();
    private ActivityListener _listener = null!;

    [SetUp]
    public void Listen()
    {
        _ended.Clear();
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Activities.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [TearDown]
    public void StopListening() => _listener.Dispose();

    [TestCase("GET /api/state HTTP/1.1", "GET /api/state", "GET", "/api/state", 200)]
    [TestCase("BREW /api/state HTTP/1.1", "HTTP /api/state", "_OTHER", "/api/state", 405)]
    [TestCase("GET /nothing HTTP/1.1", "staterelay.request", "GET", null, 404)]
    [TestCase("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "GET /ws", "GET", "/ws", 101)]
    public async Task A_request_is_a_part_of_its_clients_trace(string request, string name, string method, string? route, int status)
    {
        await using var server = new WebServer(Some.Store(), Some.Options());
        await server.StartAsync();

        await RawHttpClient.AskAsync(server.Address, request, $"traceparent: 00-{Trace}-00f067aa0ba902b7-01");
        await server.ShutdownAsync();

        var activity = _ended.Single(activity => activity.OperationName == Activities.Request && activity.TraceId.ToHexString() == Trace);
        Assert.That(activity.DisplayName, Is.EqualTo(name));
        Assert.That(activity.Kind, Is.EqualTo(ActivityKind.Server));
        Assert.That(activity.TagObjects, Is.EquivalentTo(new Dictionary<string, object?>
        {
            ["http.request.method"] = method,
            ["http.route"] = route,
            ["http.response.status_code"] = status,
        }.Where(tag => tag.Value is not null)));
    }

    [Test]
    public async Task A_delivery_is_a_part_of_its_request_and_what_it_tells_a_part_of_the_delivery()
    {
        using var hub = new Hub();
        await using var server = Server(hub);
        await server.StartAsync();
        const string Body = """{"action":"opened","number":5,"pull_request":{"number":5,"title":"Between us"},"repository":{"full_name":"acme/rocket","private":true}}""";

        var answer = await RawHttpClient.AskRawAsync(server.Address, Delivery(server, Body, Sign(Body)));
        await server.ShutdownAsync();

        var (request, delivery, broadcast) = (Ended(Activities.Request), Ended(Activities.Delivery), Ended(Activities.Broadcast));
        Assert.That(answer.Status, Is.EqualTo(202));
        Assert.That((request.DisplayName, delivery.DisplayName, broadcast.DisplayName), Is.EqualTo(("POST /webhook", "process /webhook", "broadcast events")));
        Assert.That((delivery.ParentSpanId, broadcast.ParentSpanId), Is.EqualTo((request.SpanId, delivery.SpanId)));
        Assert.That((delivery.Kind, broadcast.Kind), Is.EqualTo((ActivityKind.Consumer, ActivityKind.Producer)));
        Assert.That(delivery.TagObjects, Is.EquivalentTo(new Dictionary<string, object?>
        {
            ["messaging.system"] = "github",
            ["messaging.operation.name"] = "process",
            ["messaging.operation.type"] = "process",
            ["messaging.destination.name"] = "/webhook",
            ["messaging.message.id"] = "72d3162e",
            ["staterelay.event.type"] = "pull_request",
            ["staterelay.result"] = "relayed",
        }));
        Assert.That(broadcast.TagObjects, Is.EquivalentTo(new Dictionary<string, object?>
        {
            ["messaging.system"] = "staterelay",
            ["messaging.operation.name"] = "broadcast",
            ["messaging.operation.type"] = "send",
            ["messaging.destination.name"] = "events",
            ["messaging.message.id"] = "1",
            ["staterelay.event.type"] = "pull_request",
            ["staterelay.matched"] = 0,
        }));
    }

    [Test]
    public async Task A_delivery_that_is_refused_says_why_and_nothing_that_nobody_signed()
    {
        using var hub = new Hub();
        await using var server = Server(hub);
        await server.StartAsync();

        await RawHttpClient.AskRawAsync(server.Address, Delivery(server, "{}", "sha256=" + new string('0', 64)));
        await server.ShutdownAsync();

        var delivery = Ended(Activities.Delivery);
        Assert.That(delivery.Status, Is.EqualTo(ActivityStatusCode.Error));
        Assert.That(delivery.GetTagItem("error.type"), Is.EqualTo("not_signed"));
        Assert.That(delivery.TagObjects.Select(tag => tag.Value), Has.None.EqualTo("pull_request").And.None.EqualTo("72d3162e"));
        Assert.That(_ended.Where(activity => activity.OperationName == Activities.Broadcast && activity.TraceId.ToHexString() == Trace), Is.Empty);
    }

    [Test]
    public async Task A_stop_says_how_many_it_told()
    {
        await using var server = new WebServer(Some.Store(), Some.Options());
        await server.StartAsync();

        using (var root = new Activity("test").Start())
        {
            await server.ShutdownAsync();

            var activity = _ended.Single(activity => activity.OperationName == Activities.Stop && activity.TraceId == root.TraceId);
            Assert.That(activity.GetTagItem("staterelay.clients"), Is.Zero);
        }
    }

    [Test]
    public void The_activities_are_those_of_the_document()
    {
        var named = Documents.Rows("docs/operations.md").Where(row => row.Length == 4 && Enum.GetNames<ActivityKind>().Contains(row[1])).Select(row => row[0]);

        Assert.That(named, Is.EquivalentTo(new[] { Activities.Request, Activities.Delivery, Activities.Broadcast, Activities.Stop }.Select(name => $"`{name}`")));
    }

    private static WebServer Server(Hub hub) =>
        new WebServer(hub, new StaticTokenAuthenticator([]), Some.Options()).AddGitHubWebhooks(hub, new GitHubWebhookOptions { Secrets = { Webhooks } });

    private static string Delivery(WebServer server, string body, string signature) => string.Join("\r\n", [
        "POST /webhook HTTP/1.1",
        $"Host: {server.Address.Authority}",
        $"traceparent: 00-{Trace}-00f067aa0ba902b7-01",
        "Content-Type: application/json",
        $"Content-Length: {body.Length}",
        "X-GitHub-Event: pull_request",
        "X-GitHub-Delivery: 72d3162e",
        $"X-Hub-Signature-256: {signature}",
        "",
        body]);

    private static string Sign(string body) =>
        "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Webhooks), Encoding.UTF8.GetBytes(body)));

    private Activity Ended(string name) => _ended.Single(activity => activity.OperationName == name && activity.TraceId.ToHexString() == Trace);
}
