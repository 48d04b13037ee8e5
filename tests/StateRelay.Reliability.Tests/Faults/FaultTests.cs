using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using StateRelay.Tests.Reliability.Hostile;

namespace StateRelay.Tests.Reliability.Faults;

/// <summary>Connections that stall, break in the middle and come byte by byte, while states and events change.</summary>
[TestFixture(Transport.Listener)]
[TestFixture(Transport.Kestrel)]
public sealed class FaultTests(Transport transport)
{
    private const int RetainedEvents = 40;

    [Test]
    public async Task Whatever_befalls_connections_every_client_ends_up_with_the_state_and_knows_of_every_event()
    {
        var seed = Scale.Seed();
        TestContext.Out.WriteLine($"seed {seed}");
        await using var relay = await ServedRelay.StartAsync(transport, changeHub: hub => hub.RetainedEvents = RetainedEvents);
        var history = new History(relay);
        var faults = new Random(seed);
        await using var proxy = new FaultProxy(relay.Address, () => Fault.Of(faults));
        await using var steady = new V1Follower(relay.Address);
        await using var crowd = new Crowd(proxy.Address);
        steady.Start();
        crowd.Start();

        await history.MakeAsync(new Random(seed), Scale.Of(150, 3000), steady, proxy);
        proxy.Calm();
        history.End();

        await crowd.AssertAsync(history);
        await new Crowd(steady).AssertAsync(history);
        Assert.That(steady.Connections, Is.EqualTo(1));
        Assert.That(crowd.V1.Sum(one => one.Connections), Is.GreaterThan(crowd.V1.Count));
        TestContext.Out.WriteLine($"{proxy.Faults} faults, {crowd.V1.Sum(one => one.Connections)} connections, {crowd.V1.Sum(one => one.Gaps.Count)} gaps");
    }

    [TestCase(FaultKind.SingleBytes, true)]
    [TestCase(FaultKind.SingleBytes, false)]
    [TestCase(FaultKind.Stall, true)]
    [TestCase(FaultKind.Stall, false)]
    [TestCase(FaultKind.HalfClose, true)]
    [TestCase(FaultKind.HalfClose, false)]
    [TestCase(FaultKind.Cut, true)]
    [TestCase(FaultKind.Cut, false)]
    [TestCase(FaultKind.Reset, true)]
    [TestCase(FaultKind.Reset, false)]
    public async Task After_a_fault_at_any_place_nothing_is_missing_and_no_connection_is_left(FaultKind kind, bool towardsServer)
    {
        await using var relay = await ServedRelay.StartAsync(transport);
        await WarmUpAsync(relay);
        var before = OpenSockets.Count();
        var history = new History(relay);

        foreach (var after in Scale.IsLong ? Enumerable.Range(1, 800) : [1, 20, 200, 500])
        {
            await using var proxy = new FaultProxy(relay.Address, () => new Fault(kind, towardsServer, after));
            await using var crowd = new Crowd(proxy.Address);
            crowd.Start();
            history.Make(3);
            proxy.Calm();
            history.End();
            await crowd.AssertAsync(history);
        }

        await OpenSockets.FallToAsync(before);
        await UntilAsync(() => relay.Server.ClientCount == 0);
    }

    [Test]
    public async Task Of_many_clients_that_are_gone_at_once_none_leaves_a_connection_behind()
    {
        await using var relay = await ServedRelay.StartAsync(transport);
        await WarmUpAsync(relay);
        var before = OpenSockets.Count();
        var proxy = new FaultProxy(relay.Address, () => default);
        var followers = Enumerable.Range(0, Scale.Of(50, 500)).Select(_ => new V1Follower(proxy.Address)).ToArray();
        foreach (var follower in followers)
            follower.Start();
        foreach (var follower in followers)
            await follower.UntilAsync(() => follower.State.Seq > 0);

        proxy.ResetAll();
        foreach (var follower in followers)
            await follower.UntilAsync(() => follower.Connections > 1);
        foreach (var follower in followers)
            await follower.DisposeAsync();
        await proxy.DisposeAsync();

        await OpenSockets.FallToAsync(before);
        await UntilAsync(() => relay.Server.ClientCount == 0);
    }

    // What is opened once and stays is open then.
    private static async Task WarmUpAsync(ServedRelay relay)
    {
        await using (var follower = new V1Follower(relay.Address))
        {
            follower.Start();
            await follower.UntilAsync(() => follower.State.Seq > 0);
        }

        await UntilAsync(() => relay.Server.ClientCount == 0);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        var guard = Task.Delay(TestTimeouts.Guard);
        while (!isSo())
        {
            Assert.That(guard.IsCompleted, Is.False);
            await Task.Delay(5);
        }
    }

    /// <summary>What happened on a relay: every change and every event, those too that are for nobody here.</summary>
    private sealed class History(ServedRelay relay)
    {
        private readonly Dictionary<long, string> _events = [];

        public string Epoch => relay.Hub.Head.Epoch;

        public long Version => relay.State.Version;

        /// <summary>The number of the last event that matters.</summary>
        public long Head { get; private set; }

        public JsonNode State => JsonNode.Parse(JsonSerializer.Serialize(relay.State.Current, ReliabilityJson.Default.Beat))!;

        /// <summary>The events that matter, by number.</summary>
        public IReadOnlyDictionary<long, string> Events => _events;

        /// <summary>Makes so many changes and events in a row.</summary>
        public void Make(int times)
        {
            for (var time = 0; time < times; time++)
                Step(large: time % 2 == 0);
        }

        /// <summary>Makes changes and events at random, each time when a client that nothing befalls has seen them, and now and then breaks all connections.</summary>
        public async Task MakeAsync(Random random, int times, V1Follower pace, FaultProxy proxy)
        {
            for (var time = 0; time < times; time++)
            {
                for (var change = random.Next(1, 6); change > 0; change--)
                    Step(random.Next(10) == 0);
                await pace.UntilAsync(() => pace.State.Seq == Version);
                if (time == times / 2 || random.Next(40) == 0)
                    proxy.ResetAll();
            }
        }

        /// <summary>Makes the last of everything.</summary>
        public void End()
        {
            relay.State.Update(beat => beat with { Count = beat.Count + 1 });
            Tell();
        }

        private void Step(bool large)
        {
            relay.State.Update(beat => new Beat(beat.Count + 1, new string((char)('a' + beat.Count % 26), large ? 3000 : 300)));
            Tell();
            relay.Hub.Broadcast(new Event("beat") { DeliveryId = "not for us" }, EventAudience.ForOrganization("globex"));
        }

        private void Tell()
        {
            var delivery = _events.Count.ToString(CultureInfo.InvariantCulture);
            Head = relay.Hub.Broadcast(new Event("beat") { DeliveryId = delivery }, EventAudience.ForOrganization("acme"));
            _events.Add(Head, delivery);
        }
    }

    /// <summary>Clients of both dialects behind one address.</summary>
    private sealed class Crowd : IAsyncDisposable
    {
        private readonly List<PlainFollower> _plain = [];

        public Crowd(Uri address)
        {
            V1 = [.. Enumerable.Range(0, 3).Select(_ => new V1Follower(address))];
            _plain = [.. Enumerable.Range(0, 2).Select(_ => new PlainFollower(address))];
        }

        public Crowd(V1Follower one) => V1 = [one];

        public IReadOnlyList<V1Follower> V1 { get; }

        public void Start()
        {
            foreach (var follower in (IEnumerable<Follower>)[.. V1, .. _plain])
                follower.Start();
        }

        /// <summary>Waits until all have arrived, and then looks at what each of them knows.</summary>
        public async Task AssertAsync(History history)
        {
            foreach (var follower in V1)
            {
                await follower.UntilAsync(() => follower.State.Seq == history.Version && follower.Events.Seq >= history.Head);
                Assert.That(JsonPatchClient.Same(JsonPatchClient.Read(follower.State.Value!.ToJsonString()), JsonPatchClient.Read(history.State.ToJsonString())), Is.True);
                AssertEvents(follower, history);
            }

            foreach (var follower in _plain)
            {
                await follower.UntilAsync(() => follower.Count == (int)history.State["Count"]!);
                Assert.That(follower.Shown!.ToJsonString(), Is.EqualTo(history.State.ToJsonString()));
                Assert.That(follower.Backwards, Is.Zero);
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var follower in (IEnumerable<Follower>)[.. V1, .. _plain])
                await follower.DisposeAsync();
        }

        private static void AssertEvents(V1Follower follower, History history)
        {
            var beginning = follower.Beginnings[history.Epoch];
            var missing = history.Events.Keys
                .Where(seq => seq > beginning && !follower.Received.ContainsKey((history.Epoch, seq)) && !follower.Gaps.Any(gap => gap.After < seq && seq <= gap.UpTo));
            var strange = follower.Received.Where(got => !history.Events.TryGetValue(got.Key.Seq, out var delivery) || delivery != got.Value);

            Assert.That(missing, Is.Empty, "events neither came nor were said to be lost");
            Assert.That(strange, Is.Empty, "events came that were not for this client");
        }
    }
}
