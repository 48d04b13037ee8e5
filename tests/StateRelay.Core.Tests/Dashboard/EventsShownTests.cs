using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;

using StateRelay.Dashboard;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Dashboard;

/// <summary>Who may see what a hub does: whoever was asked who they are, and everybody only where the host says so.</summary>
public sealed class EventsShownTests
{
    private const string Viewer = "a-viewers-token";
    private const string Amy = "amys-own-token";

    private static readonly StaticTokenAuthenticator People = new([new(new Secret(Amy), new ClientIdentity("amy") { Organizations = ["acme"] })]);

    [Test]
    public async Task A_server_that_asks_nobody_shows_no_events_and_says_why()
    {
        using var hub = new Hub();
        await using var server = new WebServer(hub, People, Some.Options());
        await server.StartAsync();

        var (status, page) = await GetAsync(server, "/");
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(page, Does.Contain("Nothing is shown here."));
        Assert.That((await GetAsync(server, "/api/state")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await GetAsync(server, "/api/state?topic=relay")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Beside_states_they_are_not_there_at_all()
    {
        using var hub = new Hub();
        await using var server = new WebServer(Some.Store(), Some.Options()).AddEvents(hub, People);
        await server.StartAsync();

        Assert.That((await GetAsync(server, "/")).Text, Does.Contain("""<meta name="topics" content="state">"""));
        Assert.That((await GetAsync(server, "/api/state?topic=relay")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_server_that_asks_for_a_token_shows_them_to_who_has_it()
    {
        using var hub = new Hub();
        hub.Broadcast(new Event("push"), EventAudience.Everyone);
        await using var server = new WebServer(hub, People, Some.Options(options => options.ViewerToken = Viewer));
        await server.StartAsync();

        Assert.That((await GetAsync(server, "/", Viewer)).Text, Does.Contain("""<meta name="topics" content="relay">"""));
        Assert.That((await GetAsync(server, "/api/state?topic=relay", Viewer)).Text, Does.Contain("\"head\":1"));
        Assert.That((await GetAsync(server, "/api/state?topic=relay")).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await GetAsync(server, "/api/state?topic=relay", Amy)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task A_server_whose_host_decides_about_viewers_shows_them_to_those_let_in()
    {
        using var hub = new Hub();
        await using var server = new WebServer(Some.Store(), Some.Options(options => options.AuthorizeViewer = request => new(request.Header("X-Team") == "ops"))).AddEvents(hub, People);
        await server.StartAsync();

        Assert.That((await GetAsync(server, "/api/state?topic=relay", team: "ops")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await GetAsync(server, "/", team: "ops")).Text, Does.Contain("""<meta name="topics" content="state relay">"""));
        Assert.That((await GetAsync(server, "/api/state?topic=relay")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task A_host_may_show_them_to_every_viewer()
    {
        using var hub = new Hub();
        await using var server = new WebServer(hub, People, Some.Options(options => options.ShowEventsToEveryViewer = true));
        await server.StartAsync();

        Assert.That((await GetAsync(server, "/api/state?topic=relay")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await GetAsync(server, "/")).Text, Does.Contain("""<meta name="topics" content="relay">"""));
    }

    [Test]
    public async Task A_client_of_the_relay_hears_of_its_own_events_and_sees_nobody_elses()
    {
        using var hub = new Hub();
        await using var server = new WebServer(hub, People, Some.Options(options => options.ViewerToken = Viewer));
        await server.StartAsync();
        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("staterelay.v1.json");
        socket.Options.SetRequestHeader("Authorization", $"Bearer {Amy}");
        await socket.ConnectAsync(new UriBuilder(server.Address) { Scheme = "ws", Path = "/ws" }.Uri, guard.Token);

        await socket.SendTextAsync("""{"type":"subscribe","id":7,"topic":"relay"}""");
        var answers = new StringBuilder();
        while (!answers.ToString().Contains("\"id\":7", StringComparison.Ordinal))
            answers.Append(await socket.ReceiveTextAsync());

        Assert.That(answers.ToString(), Does.Contain("\"type\":\"error\"").And.Not.Contain("subscription_confirmed"));
    }

    [TestCase("/ws", null, "state_snapshot")]
    [TestCase("/ws?mode=state", null, "state_snapshot")]
    [TestCase("/ws?topic=relay", null, "state_snapshot")]
    [TestCase("/ws", Amy, "subscription_confirmed")]
    [TestCase("/ws?mode=events", Amy, "subscription_confirmed")]
    public async Task Who_names_no_mode_on_a_server_of_events_alone_gets_the_overview_without_a_token_and_events_with_one(string target, string? token, string first)
    {
        using var hub = new Hub();
        await using var server = new WebServer(hub, People, Some.Options(options => options.ShowEventsToEveryViewer = true));
        await server.StartAsync();
        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        using var socket = new ClientWebSocket();
        if (token is not null)
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");

        await socket.ConnectAsync(new Uri($"ws://{server.Address.Authority}{target}"), guard.Token);
        if (token is not null)
            await socket.SendTextAsync("""{"organization":"acme"}""");

        Assert.That(await socket.ReceiveTextAsync(), Does.StartWith($$"""{"type":"{{first}}","""));
    }

    [Test]
    public void The_name_of_the_overview_cannot_be_taken_from_it()
    {
        using var hub = new Hub();
        var taken = new WebServer(Some.Store(), Some.Options()).AddState(EventsOverview.Topic, Some.Store());
        var taking = new WebServer(Some.Store(), Some.Options()).AddEvents(hub, People);

        Assert.That(() => taken.AddEvents(hub, People), Throws.ArgumentException.With.Message.Contains("'relay'"));
        Assert.That(() => taking.AddState(EventsOverview.Topic, Some.Store()), Throws.ArgumentException.With.Message.Contains("'relay'"));
    }

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(WebServer server, string path, string? token = null, string? team = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, path));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (team is not null)
            request.Headers.Add("X-Team", team);
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
