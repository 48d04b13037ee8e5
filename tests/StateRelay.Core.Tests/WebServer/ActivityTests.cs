using System.Collections.Concurrent;
using System.Diagnostics;

using StateRelay.Diagnostics;
using StateRelay.Tests.Architecture;
using StateRelay.Tests.Support;

namespace StateRelay.Tests;

/// <summary>What whoever traces a program hears of its server.</summary>
public sealed class ActivityTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

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

        Assert.That(named, Is.EquivalentTo(new[] { $"`{Activities.Request}`", $"`{Activities.Stop}`" }));
    }
}
