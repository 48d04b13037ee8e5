namespace StateRelay.Tests.Connections;

public sealed class ProgramReaderTests
{
    private readonly ManualClock _clock = new();

    private static readonly EventAudience Acme = EventAudience.ForOrganization("acme");

    [Test]
    public async Task A_reader_gets_everything_from_the_call_on()
    {
        using var hub = new Hub(clock: _clock);
        hub.Broadcast(new Event("push"), Acme);

        var events = hub.ReadAsync();
        hub.Broadcast(new Event("fork"), Acme);
        await using var reading = events.GetAsyncEnumerator();
        var first = await NextAsync(reading);
        var step = reading.MoveNextAsync().AsTask();
        var waited = !step.IsCompleted;
        hub.Broadcast(new Event("star"), Acme);
        await step.WaitAsync(TestTimeouts.Guard);

        Assert.That((first.Event!.Type, first.Position.Seq, first.IsGap), Is.EqualTo(("fork", 2, false)));
        Assert.That((waited, reading.Current.Event!.Type, reading.Current.Position), Is.EqualTo((true, "star", hub.Head)));
    }

    [Test]
    public async Task A_reader_of_everything_gets_what_is_for_no_organization_and_for_people_alone()
    {
        using var hub = new Hub(clock: _clock);
        var events = hub.ReadAsync();

        hub.Broadcast(new Event("meta"), new EventAudience());
        hub.Broadcast(new Event("push"), EventAudience.ForPeople("amy"));
        hub.Broadcast(new Event("ping"), EventAudience.Everyone);
        hub.Broadcast(new Event("fork"), new EventAudience { Organization = "acme", Visibility = Visibility.Private });

        Assert.That(await TypesAsync(hub, events), Is.EqualTo(new[] { "meta", "push", "ping", "fork" }));
    }

    [Test]
    public async Task A_reader_gets_only_what_it_asked_for()
    {
        using var hub = new Hub(clock: _clock);
        var ofTypes = hub.ReadAsync(new Subscription { Organization = "*", EventTypes = ["push", "fork"] });
        var ofOrganization = hub.ReadAsync(new Subscription { Organization = "Acme" });
        var ofPullRequest = hub.ReadAsync(new Subscription { PullRequests = ["https://github.com/acme/rocket/pull/5"] });

        hub.Broadcast(new Event("push"), Acme);
        hub.Broadcast(new Event("fork"), EventAudience.ForOrganization("globex"));
        hub.Broadcast(new Event("star"), Acme with { Repository = "rocket", PullRequests = [new("acme", "rocket", 5)] });

        Assert.That(await TypesAsync(hub, ofTypes), Is.EqualTo(new[] { "push", "fork" }));
        Assert.That(await TypesAsync(hub, ofOrganization), Is.EqualTo(new[] { "push", "star" }));
        Assert.That(await TypesAsync(hub, ofPullRequest), Is.EqualTo(new[] { "star" }));
    }

    [Test]
    public async Task A_living_reader_is_woken_only_for_what_it_asked_for()
    {
        using var hub = new Hub(clock: _clock);
        await using var reading = hub.ReadAsync(new Subscription { Organization = "*", EventTypes = ["fork"] }).GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();

        hub.Broadcast(new Event("push"), Acme);
        hub.Broadcast(new Event("fork"), Acme);
        await step.WaitAsync(TestTimeouts.Guard);

        Assert.That((reading.Current.Event!.Type, reading.Current.Position.Seq), Is.EqualTo(("fork", 2)));
    }

    [Test]
    public async Task A_program_that_holds_its_reader_s_thread_holds_up_no_other()
    {
        using var hub = new Hub(clock: _clock);
        using var letGo = new ManualResetEventSlim();
        var holding = HoldFirstAsync(hub.ReadAsync());
        await using var reading = hub.ReadAsync().GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();

        hub.Broadcast(new Event("push"), Acme);

        try
        {
            Assert.That(await step.WaitAsync(TestTimeouts.Guard), Is.True);
        }
        finally
        {
            letGo.Set();
        }

        await holding;

        async Task HoldFirstAsync(IAsyncEnumerable<HubEvent> events)
        {
            await foreach (var _ in events.ConfigureAwait(false))
            {
                letGo.Wait();
                return;
            }
        }
    }

    [Test]
    public async Task One_that_comes_back_goes_on_after_its_position()
    {
        using var hub = new Hub(clock: _clock);
        hub.Broadcast(new Event("push"), Acme);
        var position = hub.Head;
        hub.Broadcast(new Event("fork"), Acme);
        hub.Broadcast(new Event("star"), Acme);

        Assert.That(await TypesAsync(hub, hub.ReadAsync(since: position)), Is.EqualTo(new[] { "fork", "star" }));
    }

    [Test]
    public async Task One_with_a_position_of_another_hub_gets_all_that_is_held()
    {
        using var hub = new Hub(clock: _clock);
        hub.Broadcast(new Event("push"), Acme);

        Assert.That(await TypesAsync(hub, hub.ReadAsync(since: new EventPosition("another", 700))), Is.EqualTo(new[] { "push" }));
    }

    [Test]
    public async Task What_is_gone_is_told_as_a_gap_with_the_position_after_it()
    {
        using var hub = new Hub(new HubOptions { RetainedEvents = 2 }, clock: _clock);
        await using var reading = hub.ReadAsync().GetAsyncEnumerator();

        for (var number = 0; number < 1000; number++)
            hub.Broadcast(new Event("push"), Acme);
        var gap = await NextAsync(reading);
        var first = await NextAsync(reading);
        var second = await NextAsync(reading);

        Assert.That((gap.IsGap, gap.Position), Is.EqualTo((true, hub.Head with { Seq = 998 })));
        Assert.That((first.IsGap, first.Position.Seq, second.Position.Seq), Is.EqualTo((false, 999, 1000)));
    }

    [Test]
    public async Task A_slow_reader_holds_up_nobody_and_loses_nothing_that_is_held()
    {
        using var hub = new Hub(clock: _clock);
        await using var slow = hub.ReadAsync().GetAsyncEnumerator();
        await using var quick = hub.ReadAsync().GetAsyncEnumerator();
        hub.Broadcast(new Event("push"), Acme);
        await NextAsync(slow);

        for (var number = 2; number <= 2000; number++)
            hub.Broadcast(new Event("push"), Acme);
        for (var seq = 1; seq <= 2000; seq++)
            Assert.That((await NextAsync(quick)).Position.Seq, Is.EqualTo(seq));
        for (var seq = 2; seq <= 2000; seq++)
            Assert.That((await NextAsync(slow)).Position.Seq, Is.EqualTo(seq));
    }

    [Test]
    public async Task When_the_hub_stops_the_rest_is_read_and_the_reader_ends()
    {
        using var hub = new Hub(clock: _clock);
        await using var reading = hub.ReadAsync().GetAsyncEnumerator();
        hub.Broadcast(new Event("push"), Acme);
        await NextAsync(reading);

        hub.Broadcast(new Event("fork"), Acme);
        hub.Stop();

        Assert.That((await NextAsync(reading)).Event!.Type, Is.EqualTo("fork"));
        Assert.That(await reading.MoveNextAsync(), Is.False);
        Assert.That((hub.ClientCount, hub.Completion.IsCompleted), Is.EqualTo((0, true)));
    }

    [Test]
    public async Task A_reader_of_a_hub_that_has_stopped_with_nothing_to_read_ends_at_once()
    {
        using var hub = new Hub(clock: _clock);
        hub.Broadcast(new Event("push"), Acme);
        hub.Stop();

        Assert.That(await TypesAsync(hub, hub.ReadAsync()), Is.Empty);
    }

    [Test]
    public async Task Cancelling_ends_a_reader_that_waits_without_an_exception()
    {
        using var hub = new Hub(clock: _clock);
        using var stop = new CancellationTokenSource();
        await using var reading = hub.ReadAsync(cancellationToken: stop.Token).GetAsyncEnumerator();
        var step = reading.MoveNextAsync().AsTask();
        var following = hub.ClientCount;

        await stop.CancelAsync();

        Assert.That(await step.WaitAsync(TestTimeouts.Guard), Is.False);
        Assert.That((following, hub.ClientCount), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task One_that_breaks_off_is_forgotten()
    {
        using var hub = new Hub(clock: _clock);
        var events = hub.ReadAsync();
        hub.Broadcast(new Event("push"), Acme);

        await foreach (var told in events)
        {
            Assert.That((told.Event!.Type, hub.ClientCount), Is.EqualTo(("push", 1)));
            break;
        }

        Assert.That(hub.ClientCount, Is.Zero);
    }

    private static IEnumerable<TestCaseData> BadOnes()
    {
        yield return new TestCaseData(new Subscription(), "organization").SetArgDisplayNames("nothing");
        yield return new TestCaseData(new Subscription { Organization = "no way" }, "organization").SetArgDisplayNames("bad characters");
        yield return new TestCaseData(new Subscription { UserEventsOnly = true }, "user_events_only").SetArgDisplayNames("own events");
        yield return new TestCaseData(new Subscription { Organization = "*", UserEventsOnly = true }, "user_events_only").SetArgDisplayNames("own events of all");
        yield return new TestCaseData(new Subscription { Organization = "acme", UserEventsOnly = true }, "user_events_only").SetArgDisplayNames("own events of one");
        yield return new TestCaseData(new Subscription { PullRequests = ["https://github.com/acme"] }, "pull_requests[0]").SetArgDisplayNames("no pull request");
    }

    [TestCaseSource(nameof(BadOnes))]
    public void What_can_match_nothing_is_refused_at_the_call(Subscription wanted, string member)
    {
        using var hub = new Hub(clock: _clock);

        var thrown = Assert.Throws<ArgumentException>(() => hub.ReadAsync(wanted));

        Assert.That((thrown!.ParamName, thrown.Message), Is.EqualTo(("wanted", thrown.Message)));
        Assert.That(thrown.Message, Does.StartWith(member));
    }

    private static async Task<HubEvent> NextAsync(IAsyncEnumerator<HubEvent> reading)
    {
        Assert.That(await reading.MoveNextAsync().AsTask().WaitAsync(TestTimeouts.Guard), Is.True);
        return reading.Current;
    }

    /// <summary>Stops the hub and reads what there is until then.</summary>
    private static async Task<List<string>> TypesAsync(Hub hub, IAsyncEnumerable<HubEvent> events)
    {
        hub.Stop();
        var types = new List<string>();
        await foreach (var told in events)
            types.Add(told.Event!.Type);
        return types;
    }
}
