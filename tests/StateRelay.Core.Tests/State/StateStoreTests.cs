using Microsoft.Extensions.Logging;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.State;

public sealed class StateStoreTests
{
    private readonly CollectingLogger _logger = new();

    [OneTimeTearDown]
    public void Done() => _logger.Dispose();

    [Test]
    public void The_first_value_is_version_one_and_each_change_adds_one()
    {
        var store = Some();

        store.Update(fleet => fleet with { Name = "north" });

        Assert.That(store.Version, Is.EqualTo(2));
        Assert.That(store.Current.Name, Is.EqualTo("north"));
    }

    [Test]
    public void A_missing_value_or_type_info_is_refused()
    {
        Assert.That(() => new StateStore<Fleet>(null!, TestFleetJson.Default.Fleet), Throws.ArgumentNullException);
        Assert.That(() => new StateStore<Fleet>(Fleet.Empty, null!), Throws.ArgumentNullException);
    }

    [Test]
    public void A_value_changed_in_place_is_a_change_like_any_other()
    {
        var store = new StateStore<List<int>>([1], ListJson.Default.ListInt32);
        var heard = new List<long>();
        using var listening = store.OnStateChange(change => heard.Add(change.Version));

        store.Mutate(list => list.Add(2));

        Assert.That(heard, Is.EqualTo(new[] { 2L }));
        Assert.That(store.Read(list => list.Sum()), Is.EqualTo(3));
    }

    [Test]
    public void A_change_that_throws_leaves_an_immutable_value_as_it_was_and_tells_nobody()
    {
        var store = Some();
        var heard = 0;
        using var listening = store.OnStateChange(_ => heard++);

        Assert.That(() => store.Update(_ => throw new FormatException()), Throws.TypeOf<FormatException>());

        Assert.That((store.Version, heard), Is.EqualTo((1L, 0)));
    }

    [Test]
    public void What_a_failing_change_in_place_had_done_by_then_is_told()
    {
        var store = new StateStore<List<int>>([], ListJson.Default.ListInt32);
        var heard = 0;
        using var listening = store.OnStateChange(_ => heard++);

        Assert.That(() => store.Mutate(list =>
        {
            list.Add(1);
            throw new FormatException();
        }), Throws.TypeOf<FormatException>());

        Assert.That((store.Version, heard), Is.EqualTo((2L, 1)));
    }

    [Test]
    public void A_change_may_not_make_the_state_null()
    {
        var store = Some();

        Assert.That(() => store.Update(_ => null!), Throws.InvalidOperationException);
        Assert.That(store.Current, Is.SameAs(Fleet.Empty));
    }

    [Test]
    public void A_change_that_calls_back_into_its_store_is_refused()
    {
        var store = Some();

        Assert.That(() => store.Update(fleet => store.Update(inner => inner)), Throws.InvalidOperationException);
        Assert.That(() => store.Update(fleet => store.Read(inner => inner)), Throws.InvalidOperationException);
        Assert.That(() => store.Mutate(_ => store.Announce(new StateEvent("note"))), Throws.InvalidOperationException);
    }

    [Test]
    public void Listeners_hear_every_change_in_version_order_whoever_makes_it()
    {
        var store = Some();
        var heard = new List<long>();
        using var listening = store.OnStateChange(change => heard.Add(change.Version));

        Parallel.For(0, 200, number => store.Update(fleet => fleet with { Load = number }));

        Assert.That(heard, Is.EqualTo(Enumerable.Range(2, 200).Select(version => (long)version)));
    }

    [Test]
    public void A_listener_that_throws_is_logged_and_disturbs_nobody()
    {
        var store = Some();
        var heard = 0;
        using var first = store.OnStateChange(_ => throw new FormatException("mine"));
        using var second = store.OnStateChange(_ => heard++);

        store.Update(fleet => fleet with { Load = 1 });

        Assert.That(heard, Is.EqualTo(1));
        Assert.That(_logger.Lines, Has.Some.Matches<(LogLevel Level, EventId Id, string Text, Exception? Error)>(
            line => line.Id.Id == 1001 && line.Error is FormatException));
    }

    [Test]
    public void A_listener_may_change_the_state_and_hears_of_it_afterwards()
    {
        var store = Some();
        var heard = new List<(long Version, double Load)>();
        using var listening = store.OnStateChange(change =>
        {
            if (change.Version < 5)
                store.Update(fleet => fleet with { Load = fleet.Load + 1 });
            heard.Add((change.Version, store.Current.Load));
        });

        store.Update(fleet => fleet with { Load = 1 });

        Assert.That(heard.Select(one => one.Version), Is.EqualTo(new[] { 2L, 3, 4, 5 }));
    }

    [Test]
    public void A_listener_given_twice_is_called_twice_and_not_at_all_once_both_are_disposed()
    {
        var store = Some();
        var listener = new CountingListener();
        var first = store.OnStateChange(listener);
        var second = store.OnStateChange(listener);

        store.Update(fleet => fleet with { Load = 1 });
        first.Dispose();
        store.Update(fleet => fleet with { Load = 2 });
        second.Dispose();
        store.Update(fleet => fleet with { Load = 3 });

        Assert.That(listener.Count, Is.EqualTo(3));
    }

    [Test]
    public void A_listener_disposed_by_the_one_before_it_hears_no_more()
    {
        var store = Some();
        IDisposable? second = null;
        var heard = 0;
        using var first = store.OnStateChange(_ => second!.Dispose());
        second = store.OnStateChange(_ => heard++);

        store.Update(fleet => fleet with { Load = 1 });

        Assert.That(heard, Is.Zero);
    }

    [TestCase(StateStore.MaxUntold, 0)]
    [TestCase(StateStore.MaxUntold + 1, 1)]
    public void Changes_that_wait_for_a_slow_listener_are_bounded_and_what_is_left_out_is_counted(int waiting, int skipped)
    {
        var store = Some();
        var heard = new List<StateChange>();
        using var listening = store.OnStateChange(change =>
        {
            heard.Add(change);
            if (change.Version == 2)
                for (var number = 0; number < waiting; number++)
                    store.Update(fleet => fleet with { Load = number });
        });

        store.Update(fleet => fleet with { Load = -1 });

        Assert.That(heard.Sum(change => change.Skipped), Is.EqualTo(skipped));
        Assert.That(heard[^1].Version, Is.EqualTo(2 + waiting));
        Assert.That(heard, Has.Count.EqualTo(1 + waiting - skipped));
    }

    [Test]
    public async Task A_watcher_that_is_slow_skips_to_the_newest_change()
    {
        var store = Some();
        using var stop = new CancellationTokenSource(TestTimeouts.Guard);
        await using var watching = store.WatchAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        var next = watching.MoveNextAsync();
        store.Update(fleet => fleet with { Load = 1 });
        await next;
        var first = watching.Current.Version;

        for (var number = 2; number < 10; number++)
            store.Update(fleet => fleet with { Load = number });
        await watching.MoveNextAsync();

        Assert.That((first, watching.Current.Version), Is.EqualTo((2L, 10L)));
    }

    [Test]
    public void An_announcement_is_a_change_without_a_new_value()
    {
        var store = Some();
        StateChange? heard = null;
        using var listening = store.OnStateChange(change => heard = change);

        store.Announce(new StateEvent("coffee_ready"));

        Assert.That(heard!.Event!.Type, Is.EqualTo("coffee_ready"));
        Assert.That(store.Current, Is.SameAs(Fleet.Empty));
    }

    [Test]
    public void An_event_without_a_type_is_refused()
    {
        Assert.That(() => new StateEvent(" "), Throws.ArgumentException);
    }

    private StateStore<Fleet> Some() => new(Fleet.Empty, TestFleetJson.Default.Fleet, logger: _logger);

    private sealed class CountingListener : IStateListener
    {
        public int Count { get; private set; }

        public void OnStateChange(StateChange change) => Count++;
    }
}
