using System.Net.WebSockets;
using System.Text.Json.Nodes;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.EndToEnd;

/// <summary>A real server on a real port, real clients, and a state that changes at random.</summary>
public sealed class ConvergenceTests
{
    [Test]
    public async Task A_plain_client_and_a_v1_client_both_show_the_state_of_the_API_after_100000_random_updates()
    {
        var store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet);
        await using var server = await StartAsync(store);
        using var v1 = new V1Follower();
        await v1.ConnectAsync(server.Address);
        using var plain = new ClientWebSocket();
        await plain.ConnectAsync(new UriBuilder(server.Address) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None);
        var reading = ReadUntilAsync(plain, "the end");

        await UpdateAsync(store, 100_000, v1);
        var shown = await reading;

        var api = await ApiStateAsync(server);
        Assert.That(JsonPatchClient.Same(v1.State, api), Is.True, v1.State!.ToJsonString());
        Assert.That(JsonPatchClient.Same(shown, api), Is.True, shown!.ToJsonString());
        Assert.That(v1.Deltas, Is.Positive);
    }

    [Test]
    public async Task Of_500_viewers_all_but_the_one_that_never_reads_follow_to_the_end()
    {
        const int Updates = 10_000;
        var store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet);
        await using var server = await StartAsync(store);
        using var stuck = new V1Follower();
        await stuck.ConnectAsync(server.Address);
        var viewers = Enumerable.Range(0, 499).Select(_ => new V1Follower()).ToArray();
        foreach (var viewer in viewers)
            await viewer.ConnectAsync(server.Address);

        var following = viewers.Skip(1).Select(viewer => viewer.FollowAsync(Updates + 1)).ToArray();
        await UpdateAsync(store, Updates, viewers[0]);
        await Task.WhenAll(following);

        var api = await ApiStateAsync(server);
        Assert.That(viewers.Select(viewer => JsonPatchClient.Same(viewer.State, api)), Is.All.True);
        foreach (var viewer in viewers)
            viewer.Dispose();
    }

    [Test]
    public async Task A_viewer_that_lost_its_connection_goes_on_where_it_was()
    {
        var store = new StateStore<Fleet>(Fleet.Empty with { Name = new string('n', 500) }, TestFleetJson.Default.Fleet);
        await using var server = await StartAsync(store);
        using var lost = new V1Follower();
        await lost.ConnectAsync(server.Address);
        await lost.FollowAsync(1);
        lost.Socket.Abort();
        store.Update(fleet => fleet with { Load = 1 });
        using var back = new V1Follower();

        await back.ConnectAsync(server.Address, lost);
        await back.FollowAsync(2);

        Assert.That((back.Snapshots, back.Deltas), Is.EqualTo((0, 1)));
        Assert.That(JsonPatchClient.Same(back.State, await ApiStateAsync(server)), Is.True);
    }

    private static async Task<WebServer> StartAsync(StateStore store)
    {
        var server = new WebServer(store, new WebServerOptions { Port = null, CoalescingInterval = TimeSpan.FromMilliseconds(10), MaxConnections = 1000, MaxConnectionsPerAddress = 1000 });
        await server.StartAsync();
        return server;
    }

    /// <summary>Changes the state at random, a hundred times as fast as it can be followed, and waits now and then until it was.</summary>
    private static async Task UpdateAsync(StateStore<Fleet> store, int updates, V1Follower pace)
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new RandomFleet(seed);
        for (var update = 1; update < updates; update++)
        {
            store.Update(random.Next);
            if (update % 500 == 0)
                await pace.FollowAsync(store.Version);
        }

        store.Update(fleet => fleet with { Name = "the end" });
        await pace.FollowAsync(store.Version);
    }

    private static async Task<JsonNode?> ReadUntilAsync(ClientWebSocket plain, string name)
    {
        while (true)
        {
            var state = JsonNode.Parse(await plain.ReceiveTextAsync() ?? throw new InvalidOperationException("The server closed."))!["state"];
            if ((string?)state!["name"] == name)
                return state;
        }
    }

    private static async Task<JsonNode?> ApiStateAsync(WebServer server)
    {
        using var http = new HttpClient();
        return JsonNode.Parse(await http.GetStringAsync(new Uri(server.Address, "/api/state")))!["state"];
    }
}
