using StateRelay.Connections;

namespace StateRelay.Tests.Connections;

/// <summary>What a hub says of itself, for the page.</summary>
public sealed class HubReportTests
{
    private ManualClock _clock = null!;
    private Hub _hub = null!;

    [SetUp]
    public void Begin()
    {
        _clock = new ManualClock();
        _hub = new Hub(clock: _clock);
    }

    [TearDown]
    public void End() => _hub.Dispose();

    [Test]
    public void Events_are_told_with_how_many_they_were_for()
    {
        Follow("amy");
        Follow("ben");
        Follow("chloe", new Subscription { Organization = "*", EventTypes = ["push"] });

        _hub.Broadcast(new Event("star"), EventAudience.ForOrganization("acme"));
        _hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
        _hub.Broadcast(new Event("push"), EventAudience.ForOrganization("tools"));

        var report = _hub.Report(2, 10);
        Assert.That(report.Head, Is.EqualTo(3));
        Assert.That(report.Matched, Is.EqualTo(5));
        Assert.That(report.Latest.Select(logged => (logged.Seq, logged.Matched)), Is.EqualTo(new[] { (2L, 3), (3L, 0) }));
    }

    [Test]
    public void Whoever_has_read_everything_for_it_is_not_behind()
    {
        var amy = Follow("amy");
        ReadAll(amy);
        _hub.Broadcast(new Event("push"), EventAudience.ForOrganization("tools"));

        Assert.That(BehindOf("amy"), Is.Zero);
    }

    [Test]
    public void Whoever_has_not_is_behind_by_all_since_the_first_that_is_for_it()
    {
        var amy = Follow("amy");
        ReadAll(amy);
        for (var n = 0; n < 1000; n++)
            _hub.Broadcast(new Event("push"), EventAudience.ForOrganization("tools"));

        _hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
        Assert.That(BehindOf("amy"), Is.EqualTo(1));

        for (var n = 0; n < 10; n++)
            _hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
        Assert.That(BehindOf("amy"), Is.EqualTo(11));

        ReadAll(amy);
        Assert.That(BehindOf("amy"), Is.Zero);
    }

    [Test]
    public void Of_many_those_furthest_behind_are_listed_and_all_in_the_order_they_came()
    {
        for (var n = 1; n <= 150; n++)
        {
            var reader = Follow($"c{n:d3}");
            _clock.Push(1);
            if (n < 150)
                ReadAll(reader);
        }

        _hub.Broadcast(new Event("push"), EventAudience.ForPeople("c149", "c150"));

        var report = _hub.Report(10, 100);
        Assert.That(report.Followers, Is.EqualTo(150));
        string[] expected = [.. Enumerable.Range(1, 98).Append(149).Append(150).Select(n => $"c{n:d3}")];
        Assert.That(report.Listed.Select(follower => follower.UserName), Is.EqualTo(expected));
    }

    [Test]
    public void Readers_of_this_program_have_no_name()
    {
        using var guard = new CancellationTokenSource(TestTimeouts.Guard);
        var reading = _hub.ReadAsync(cancellationToken: guard.Token).GetAsyncEnumerator(guard.Token);
        var next = reading.MoveNextAsync();

        var listed = _hub.Report(10, 10).Listed.Single();

        Assert.That(listed.UserName, Is.Empty);
        _hub.Stop();
        Assert.That(async () => await next, Is.False);
    }

    [Test]
    public void Rates_are_counted_as_events_are_logged()
    {
        for (var n = 0; n < 100; n++)
        {
            _hub.Broadcast(new Event("push"), EventAudience.Everyone);
            _clock.Push(100);
        }

        var report = _hub.Report(10, 10);

        Assert.That(report.Rate, Is.EqualTo(10).Within(1));
        Assert.That(report.History.TakeLast(2).Select(step => step.Rate), Has.All.EqualTo(10));
    }

    private EventReader Follow(string name, Subscription? wanted = null)
    {
        var reader = new EventReader(_hub, new Follower(name), wanted ?? new Subscription { Organization = "*" }, new ClientIdentity(name) { Organizations = ["acme"] });
        _hub.Join(reader, null);
        return reader;
    }

    private long BehindOf(string name) => _hub.Report(0, 100).Listed.Single(follower => follower.UserName == name).Behind;

    private static void ReadAll(EventReader reader)
    {
        while (reader.TryRead(out _))
        {
        }
    }

    private sealed class Follower(string id) : IFollower
    {
        public string Id => id;

        public Bell Bell { get; } = new();

        public bool IsServed => true;

        public void Close(DisconnectReason reason)
        {
        }
    }
}
