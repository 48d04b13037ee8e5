using StateRelay.Tests.Support;

namespace StateRelay.Tests.Connections;

/// <summary>Clients that a host makes of sockets that it has accepted itself.</summary>
public sealed class ClientTests
{
    private static readonly EventAudience Acme = EventAudience.ForOrganization("acme");
    private static readonly ClientIdentity Amy = new("amy") { Organizations = ["acme"], Tier = ClientTier.Pro };

    private readonly ManualClock _clock = new();

    [Test]
    public async Task Registering_gives_the_position_after_which_everything_is_sent()
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        hub.Broadcast(new Event("fork"), Acme);
        var client = new Client(hub, pair.Server, new Subscription { Organization = "acme" }, Amy, "desk");

        var position = hub.Register(client);
        hub.Broadcast(new Event("push"), Acme);
        var again = hub.Register(client);
        using var viewer = new TestViewer(pair, client.RunAsync(), _clock);

        Assert.That((position.Seq, again, hub.ClientCount, client.Id), Is.EqualTo((1, position, 1, "desk")));
        await viewer.NextAsync("subscription_confirmed");
        await viewer.NextAsync("push");
        hub.Broadcast(new Event("star"), EventAudience.ForOrganization("globex"));
        await viewer.HearsNothingAsync();
    }

    [Test]
    public async Task Running_registers_one_that_nobody_registered()
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);
        using var viewer = new TestViewer(pair, client.RunAsync(), _clock);

        await viewer.NextAsync("subscription_confirmed");
        hub.Broadcast(new Event("push"), Acme);

        await viewer.NextAsync("push");
        Assert.That((hub.ClientCount, client.IsClosed), Is.EqualTo((1, false)));
    }

    [Test]
    public async Task It_is_run_once()
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);
        using var viewer = new TestViewer(pair, client.RunAsync(), _clock);

        await Assert.ThatAsync(() => client.RunAsync(), Throws.InvalidOperationException);

        await viewer.NextAsync("subscription_confirmed");
        await viewer.HearsNothingAsync();
    }

    [Test]
    public void Another_hub_does_not_take_it_and_parting_from_another_does_nothing()
    {
        using var hub = new Hub(clock: _clock);
        using var other = new Hub(clock: _clock);
        using var pair = new SocketPair();
        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);

        Assert.Throws<ArgumentException>(() => other.Register(client));
        other.Unregister(client);

        Assert.That((client.IsClosed, other.ClientCount), Is.EqualTo((false, 0)));
    }

    [TestCase("no way", "push", "organization: something")]
    [TestCase("initech", "push", "organization: you do not belong")]
    [TestCase("", "push", "organization: name one")]
    [TestCase("acme", "fork", "event_types: fork")]
    public void A_subscription_that_cannot_be_is_refused_with_the_reason(string organization, string type, string reason)
    {
        using var hub = new Hub(new HubOptions { OfferedEventTypes = { "push" } }, clock: _clock);
        using var pair = new SocketPair();

        var thrown = Assert.Throws<ArgumentException>(() => _ = new Client(hub, pair.Server, new Subscription { Organization = organization, EventTypes = [type] }, Amy));

        Assert.That(thrown!.Message, Does.StartWith(reason));
    }

    [Test]
    public async Task Unregistering_says_goodbye_after_what_is_owed()
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);
        using var viewer = new TestViewer(pair, client.RunAsync(), _clock);
        await viewer.NextAsync("subscription_confirmed");

        hub.Unregister(client);
        hub.Unregister(client);

        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(1001));
        Assert.That((client.IsClosed, hub.ClientCount), Is.EqualTo((true, 0)));
    }

    [Test]
    public async Task The_token_it_is_run_with_says_goodbye()
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        using var stop = new CancellationTokenSource();
        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);
        using var viewer = new TestViewer(pair, client.RunAsync(stop.Token), _clock);
        await viewer.NextAsync("subscription_confirmed");

        await stop.CancelAsync();

        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(1001));
    }

    [TestCase(ClientTier.Free, false)]
    [TestCase(ClientTier.Pro, true)]
    [TestCase(ClientTier.Flock, true)]
    public void Its_tier_says_whether_private_repositories_reach_it(ClientTier tier, bool can)
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();

        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy with { Tier = tier });

        Assert.That(client.CanAccessPrivateRepos, Is.EqualTo(can));
    }

    [Test]
    public async Task When_the_hub_stops_it_is_closed_and_the_stop_is_complete()
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);
        using var viewer = new TestViewer(pair, client.RunAsync(), _clock);
        await viewer.NextAsync("subscription_confirmed");

        hub.Stop();

        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(1001));
        await hub.Completion.WaitAsync(TestTimeouts.Guard);
    }

    [Test]
    public async Task One_that_is_registered_and_not_run_does_not_hold_up_the_hubs_end()
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);
        hub.Register(client);

        hub.Stop();

        Assert.That((hub.Completion.IsCompletedSuccessfully, client.IsClosed, hub.ClientCount), Is.EqualTo((true, true, 0)));
        using var viewer = new TestViewer(pair, client.RunAsync(), _clock);
        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(1001));
    }

    [Test]
    public async Task Whether_it_is_run_before_or_after_the_hub_is_told_to_stop_both_end()
    {
        for (var round = 0; round < 200; round++)
        {
            using var hub = new Hub(clock: _clock);
            using var pair = new SocketPair();
            var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);
            hub.Register(client);
            var stopping = new Thread(hub.Stop);

            stopping.Start();
            var running = client.RunAsync();
            stopping.Join();
            pair.Client.Dispose();

            await running.WaitAsync(TestTimeouts.Guard);
            await hub.Completion.WaitAsync(TestTimeouts.Guard);
            Assert.That(hub.ClientCount, Is.Zero);
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void One_that_is_unregistered_before_it_was_run_is_forgotten(bool registered)
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);
        if (registered)
            hub.Register(client);

        hub.Unregister(client);
        var afterwards = hub.ClientCount;
        hub.Register(client);

        Assert.That((client.IsClosed, afterwards, hub.ClientCount), Is.EqualTo((true, 0, 0)));
    }

    [Test]
    public async Task Two_hear_the_same_and_one_that_leaves_is_counted_no_more()
    {
        using var hub = new Hub(clock: _clock);
        using var firstPair = new SocketPair();
        using var secondPair = new SocketPair();
        var first = new Client(hub, firstPair.Server, new Subscription { Organization = "acme" }, Amy);
        var second = new Client(hub, secondPair.Server, new Subscription { Organization = "acme" }, Amy);
        using var firstViewer = new TestViewer(firstPair, first.RunAsync(), _clock);
        using var secondViewer = new TestViewer(secondPair, second.RunAsync(), _clock);
        await firstViewer.NextAsync("subscription_confirmed");
        await secondViewer.NextAsync("subscription_confirmed");

        hub.Broadcast(new Event("push"), Acme);
        var following = hub.ClientCount;
        await firstViewer.NextAsync("push");
        await secondViewer.NextAsync("push");
        hub.Unregister(first);
        await firstViewer.ClosedAsync();
        hub.Broadcast(new Event("fork"), Acme);

        await secondViewer.NextAsync("fork");
        Assert.That((following, hub.ClientCount), Is.EqualTo((2, 1)));
    }

    [Test]
    public async Task However_many_threads_end_it_it_says_goodbye_once()
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        using var stop = new CancellationTokenSource();
        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);
        using var viewer = new TestViewer(pair, client.RunAsync(stop.Token), _clock);
        await viewer.NextAsync("subscription_confirmed");

        Parallel.For(0, 100, number =>
        {
            if (number % 3 == 0)
                hub.Unregister(client);
            else if (number % 3 == 1)
                hub.Stop();
            else
                stop.Cancel();
        });

        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(1001));
        Assert.That((viewer.Last, client.IsClosed, hub.ClientCount, hub.Completion.IsCompletedSuccessfully), Is.EqualTo(((string?)null, true, 0, true)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_connection_that_breaks_ends_it_and_the_hub_forgets_it(bool theirs)
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);
        using var viewer = new TestViewer(pair, client.RunAsync(), _clock);
        await viewer.NextAsync("subscription_confirmed");

        (theirs ? pair.Client : pair.Server).Dispose();
        hub.Broadcast(new Event("push"), Acme);

        await viewer.Ended;
        Assert.That((client.IsClosed, hub.ClientCount), Is.EqualTo((true, 0)));
        Assert.That(hub.Broadcast(new Event("push"), Acme), Is.EqualTo(2));
    }

    [Test]
    public void Ids_that_are_made_up_do_not_repeat()
    {
        var ids = Enumerable.Range(0, 100_000).Select(_ => Client.NewId()).ToHashSet();

        Assert.That(ids, Has.Count.EqualTo(100_000));
        Assert.That(ids, Has.All.Length.EqualTo(16));
    }

    [Test]
    public async Task A_hub_that_has_stopped_closes_who_registers()
    {
        using var hub = new Hub(clock: _clock);
        using var pair = new SocketPair();
        var client = new Client(hub, pair.Server, new Subscription { Organization = "*" }, Amy);
        hub.Stop();

        var position = hub.Register(client);
        var isClosed = client.IsClosed;
        using var viewer = new TestViewer(pair, client.RunAsync(), _clock);

        Assert.That(await viewer.ClosedAsync(), Is.EqualTo(1001));
        Assert.That((position, isClosed, viewer.Last, hub.ClientCount), Is.EqualTo((hub.Head, true, (string?)null, 0)));
    }
}
