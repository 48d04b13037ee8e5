using StateRelay.Connections;

namespace StateRelay.Tests.Connections;

/// <summary>What an event costs, counted rather than timed.</summary>
public sealed class DeliveryCostTests
{
    private const int Burst = 16;

    private readonly ManualClock _clock = new();

    [Test]
    public async Task A_burst_wakes_a_waiting_client_once()
    {
        using var hub = new Hub(clock: _clock);
        var amy = new ClientIdentity("amy") { Organizations = ["acme"] };
        using var client = new PlainEventOutbox("client", hub, new Subscription { Organization = "acme" }, amy);
        client.Enter();
        Read(client);

        var woken = client.Bell.WaitAsync().AsTask();
        for (var index = 0; index < Burst; index++)
            hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));

        await woken.WaitAsync(TestTimeouts.Guard);
        Assert.That(Read(client), Is.EqualTo(Burst));
        Assert.That(client.Bell.WaitAsync().AsTask().IsCompleted, Is.False);
    }

    [TestCase(10)]
    [TestCase(10_000)]
    public void Only_those_who_could_want_an_event_are_looked_at_however_many_others_there_are(int others)
    {
        var index = new SubscriptionIndex<EventReader>();
        using var hub = new Hub(clock: _clock);
        var follower = new Follower();
        for (var number = 0; number < others + 3; number++)
        {
            var organization = number < others ? $"org{number}" : "acme";
            var reader = new EventReader(hub, follower, new Subscription { Organization = organization }, new ClientIdentity($"person{number}") { Organizations = [organization] });
            index.Add(reader, reader.Subscription, reader.Identity);
        }

        var audience = new EventAudience { Organization = "acme", People = ["amy", "bob"], PullRequests = [new("acme", "rocket", 7)] };
        var found = new List<EventReader>();
        index.Find("push", audience, found);
        found.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        index.Find("push", audience, found);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(found, Has.Count.EqualTo(3));
        Assert.That(allocated, Is.LessThan(1024));
    }

    private static int Read(Outbox outbox)
    {
        var frames = 0;
        while (!outbox.Next().IsEmpty)
            frames++;
        return frames;
    }

    private sealed class Follower : IFollower
    {
        public string Id => "";

        public Bell Bell { get; } = new();

        public bool IsServed => true;

        public void Close(DisconnectReason reason)
        {
        }
    }
}
