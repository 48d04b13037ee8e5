using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;

using StateRelay.Tests.Connect.Support;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Connect;

/// <summary>The real server, in memory on a pushed clock, with changes and disconnects at random.</summary>
public sealed class ConvergenceTests
{
    private const int Steps = 3_000;

    [Test]
    public async Task Every_state_that_is_told_is_the_servers_at_that_version_however_often_the_connection_breaks()
    {
        var random = Seeded();
        using var relay = new TestRelay();
        var truth = new Dictionary<long, string> { [relay.Store.Version] = Json(relay) };
        using var network = new BreakingNetwork(() => relay.ConnectV1());
        await using var connection = Connect(network, relay);
        await using var states = connection.FollowStateAsync().Read();
        var (told, last) = (0, 0L);

        for (var step = 0; step < Steps; step++)
        {
            relay.Update(fleet => Change(fleet, random));
            truth[relay.Store.Version] = Json(relay);
            if (random.Next(40) == 0)
                network.Break();
            if (random.Next(8) == 0)
                await FollowToAsync(relay.Topic.Timeline.Latest()!.Seq);
        }

        await FollowToAsync(relay.Topic.Timeline.Latest()!.Seq);
        Assert.That(network.Connections, Is.GreaterThan(10));
        Assert.That(told, Is.GreaterThan(Steps / 16));

        async Task FollowToAsync(long version)
        {
            while (last < version)
            {
                var next = states.NextAsync();
                while (!next.IsCompleted)
                {
                    relay.Clock.Push(1);
                    await Task.Yield();
                }

                var state = await next;
                Assert.That(state.Seq, Is.GreaterThanOrEqualTo(last));
                Assert.That(JsonPatchClient.Same(JsonPatchClient.Read(state.Utf8), JsonPatchClient.Read(truth[state.Seq])), Is.True, $"version {state.Seq}: {state}");
                (told, last) = (told + 1, state.Seq);
            }
        }
    }

    [Test]
    public async Task Every_event_that_matches_is_told_once_and_in_order_however_often_the_connection_breaks()
    {
        var random = Seeded();
        using var relay = new TestRelay();
        var hub = relay.AddEvents();
        using var network = new BreakingNetwork(() => relay.ConnectV1As("amy"));
        await using var connection = Connect(network, relay, new RelayConnectionOptions { MaxBufferedEvents = 7 });
        var wanted = new Subscription { Organization = "acme", EventTypes = ["push"] };
        await using var events = connection.FollowEventsAsync(wanted, hub.Head).Read();
        var expected = new Queue<long>();
        var told = 0;

        for (var step = 0; step < Steps; step++)
        {
            var isPush = random.Next(3) > 0;
            var isAcme = random.Next(3) > 0;
            var seq = hub.Broadcast(new Event(isPush ? "push" : "fork") { DeliveryId = $"d{step}" }, EventAudience.ForOrganization(isAcme ? "acme" : "globex"));
            if (isPush && isAcme)
                expected.Enqueue(seq);
            if (random.Next(40) == 0)
                network.Break();
            if (random.Next(60) == 0)
                await FollowAllAsync();
        }

        await FollowAllAsync();
        Assert.That(network.Connections, Is.GreaterThan(10));
        Assert.That(told, Is.GreaterThan(Steps / 4));

        async Task FollowAllAsync()
        {
            while (expected.TryDequeue(out var seq))
            {
                var next = events.NextAsync();
                while (!next.IsCompleted)
                {
                    relay.Clock.Push(1);
                    await Task.Yield();
                }

                var item = await next;
                Assert.That((item.IsGap, item.Position.Seq, item.Event?.Type), Is.EqualTo((false, seq, "push")));
                told++;
            }
        }
    }

    [Test]
    public async Task What_the_server_no_longer_holds_is_told_as_a_gap()
    {
        using var relay = new TestRelay();
        var hub = relay.AddEvents(new HubOptions { RetainedEvents = 5 });
        for (var count = 0; count < 20; count++)
            hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
        using var network = new BreakingNetwork(() => relay.ConnectV1As("amy"));
        await using var connection = Connect(network, relay);
        await using var events = connection.FollowEventsAsync(new Subscription { Organization = "acme" }, hub.Head with { Seq = 3 }).Read();

        var gap = await events.NextAsync();
        var next = await events.NextAsync();

        Assert.That((gap.IsGap, gap.GapReason, gap.Position.Seq), Is.EqualTo((true, "retention", 15)));
        Assert.That((next.IsGap, next.Position.Seq), Is.EqualTo((false, 16)));
    }

    [Test]
    public async Task A_host_that_waits_for_its_end_to_be_seen_is_told()
    {
        using var relay = new TestRelay();
        using var network = new BreakingNetwork(() => relay.ConnectV1());
        await using var connection = Connect(network, relay);
        await using var states = connection.FollowStateAsync().Read();
        var state = await states.NextAsync();
        var waiting = relay.Topic.WaitForCompletionAckAsync(TimeSpan.FromSeconds(30), default);

        connection.Acknowledge(state);

        Assert.That(await waiting.WaitAsync(TestTimeouts.Guard), Is.EqualTo(CompletionAck.Acknowledged));
    }

    [Test]
    public async Task Whoever_may_not_follow_is_told_so_by_the_real_server()
    {
        using var relay = new TestRelay();
        relay.AddEvents();
        using var network = new BreakingNetwork(() => relay.ConnectV1As("bob"));
        await using var connection = Connect(network, relay);
        await using var denied = connection.FollowEventsAsync(new Subscription { Organization = "globex" }).Read();

        Assert.That((await denied.FailAsync<RelayRefusedException>()).Error, Is.EqualTo("access_denied"));
        await using var unknown = connection.FollowStateAsync("none").Read();
        Assert.That((await unknown.FailAsync<RelayRefusedException>()).Error, Is.EqualTo("unknown_topic"));
    }

    private static RelayConnection Connect(BreakingNetwork network, TestRelay relay, RelayConnectionOptions? options = null) =>
        new(new Uri("ws://localhost/ws"), options, relay.Logger, relay.Clock, network.OpenAsync, () => 0.5);

    private static Random Seeded()
    {
        var given = Environment.GetEnvironmentVariable("STATERELAY_SEED");
        var seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"To see the same changes again: STATERELAY_SEED={seed}");
        return new Random(seed);
    }

    private static string Json(TestRelay relay) => JsonSerializer.Serialize(relay.Store.Current, TestFleetJson.Default.Fleet);

    private static Fleet Change(Fleet fleet, Random random)
    {
        var at = random.Next(fleet.Trucks.Count + 1);
        return random.Next(6) switch
        {
            0 when fleet.Trucks.Count > 30 => fleet with { Trucks = fleet.Trucks.RemoveRange(0, 20) },
            1 when at < fleet.Trucks.Count => fleet with { Trucks = fleet.Trucks.RemoveAt(at) },
            2 => fleet with { Trucks = fleet.Trucks.Insert(at, new Truck($"new/~{random.Next()}", 0)) },
            3 when at < fleet.Trucks.Count => fleet with { Trucks = fleet.Trucks.SetItem(at, fleet.Trucks[at] with { Cargo = random.Next(2) == 0 ? null : "Gläser \"\\\n" }) },
            4 => fleet with { Load = random.NextDouble(), Name = $"fleet {random.Next(3)}" },
            _ => fleet.With($"t{random.Next(40)}", random.Next(100)),
        };
    }

    /// <summary>Joins connections to the server in memory, and breaks them.</summary>
    private sealed class BreakingNetwork(Func<TestViewer> connect) : IDisposable
    {
        private readonly Lock _gate = new();

        // Guarded by _gate.
        private readonly List<TestViewer> _viewers = [];

        public int Connections
        {
            get
            {
                lock (_gate)
                    return _viewers.Count;
            }
        }

        public Task<WebSocket> OpenAsync(Uri address, Secret? token, CancellationToken cancellationToken)
        {
            var viewer = connect();
            lock (_gate)
                _viewers.Add(viewer);
            return Task.FromResult(viewer.Socket);
        }

        public void Break()
        {
            lock (_gate)
            {
                if (_viewers is [.., var newest])
                    newest.Dispose();
            }
        }

        public void Dispose() => Break();
    }
}
