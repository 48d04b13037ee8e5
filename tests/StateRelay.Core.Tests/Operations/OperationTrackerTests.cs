using StateRelay.Operations;

namespace StateRelay.Tests.Operations;

public sealed class OperationTrackerTests
{
    private ManualClock _clock = null!;
    private OperationTracker _job = null!;
    private List<StateChange> _changes = null!;

    private OperationState Shown => _job.State.Current;

    [SetUp]
    public void MakeATracker()
    {
        _clock = new ManualClock();
        _job = new OperationTracker("Nightly import", new OperationTrackerOptions { Unit = "rows" }, _clock);
        _changes = [];
        _job.State.OnStateChange(_changes.Add);
    }

    [TearDown]
    public void DisposeTheTracker() => _job.Dispose();

    // Construction and status

    [Test]
    public void A_new_operation_has_an_id_a_title_and_nothing_begun()
    {
        Assert.That(Shown.Id, Does.Match("^[0-9a-f]{16}$"));
        Assert.That(Shown.Title, Is.EqualTo("Nightly import"));
        Assert.That(Shown.Status, Is.EqualTo(OperationStatus.Initializing));
        Assert.That(Shown.Unit, Is.EqualTo("rows"));
        Assert.That(Shown.StartTime, Is.EqualTo(_clock.GetUtcNow()));
        Assert.That(Shown.EndTime, Is.Null);
        Assert.That(Shown.Items, Is.Empty);
        Assert.That(Shown.Log, Is.Empty);
        Assert.That(Shown.Errors, Is.Empty);
        Assert.That(Shown.Warnings, Is.Empty);
        Assert.That(Shown.Details, Is.Empty);
        Assert.That(Shown.Metrics, Is.Empty);
        Assert.That(Shown.Summary.Percent, Is.Null);
    }

    [Test]
    public void Every_operation_has_another_id()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => new OperationTracker("x", clock: _clock).State.Current.Id);

        Assert.That(ids, Is.Unique);
    }

    [Test]
    public void A_title_is_asked_for_and_every_broken_option_is_named_at_once()
    {
        Assert.That(() => new OperationTracker(" "), Throws.ArgumentException);
        Assert.That(
            () => new OperationTracker("x", new OperationTrackerOptions { MaxItems = 0, ProgressInterval = TimeSpan.Zero, MetricHistory = -1 }),
            Throws.ArgumentException.With.Message.Contains("MaxItems").And.Message.Contains("ProgressInterval").And.Message.Contains("MetricHistory"));
    }

    [Test]
    public void An_operation_goes_through_its_statuses_in_turn_and_ends_with_a_time()
    {
        _job.Confirm();
        _job.Prepare();
        _clock.Push(1000);
        _job.Run();
        var started = Shown.StartTime;
        _clock.Push(2000);
        _job.Complete();

        Assert.That(Shown.Status, Is.EqualTo(OperationStatus.Completed));
        Assert.That(Shown.EndTime - started, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(_changes.Select(change => change.Event?.Type), Is.EqualTo(new[] { null, null, "operation_started", "operation_completed" }));
        Assert.That(_changes[^1].Event!.Class, Is.EqualTo(StateEventClass.Milestone));
    }

    [Test]
    public void Each_way_to_end_sets_the_end_and_says_so([Values("completed", "failed", "cancelled")] string end)
    {
        _job.Run();
        _clock.Push(500);

        End(end);

        Assert.That(StatusRules.Text(Shown.Status), Is.EqualTo(end));
        Assert.That(Shown.EndTime, Is.EqualTo(_clock.GetUtcNow()));
        Assert.That(_changes[^1].Event!.Type, Is.EqualTo("operation_" + end));
        Assert.That(_changes[^1].Event!.Class, Is.EqualTo(StateEventClass.Milestone));
    }

    [Test]
    public void A_move_that_is_not_allowed_is_refused_and_changes_nothing()
    {
        _job.Run();
        _job.Complete();
        var version = _job.State.Version;

        Assert.That(_job.Prepare, Throws.InvalidOperationException.With.Message.Contains("completed").And.Message.Contains("preparing"));
        Assert.That(_job.Run, Throws.InvalidOperationException);
        Assert.That(() => _job.Fail("late"), Throws.InvalidOperationException);
        Assert.That(_job.State.Version, Is.EqualTo(version));
        Assert.That(Shown.Errors, Is.Empty);
    }

    [Test]
    public void Saying_what_is_so_already_changes_nothing_and_tells_nobody()
    {
        _job.Run();
        var item = _job.AddItem("orders");
        item.Start();
        item.Complete();
        var version = _job.State.Version;

        item.Complete();
        _job.Run();

        Assert.That(_job.State.Version, Is.EqualTo(version));
        Assert.That(Shown.Summary.Completed, Is.EqualTo(1));
    }

    [Test]
    public void An_operation_cannot_complete_while_items_are_unfinished_but_failed_ones_are_no_obstacle()
    {
        var orders = _job.AddItem("orders");
        var people = _job.AddItem("people");
        orders.Start();
        orders.Fail("no such table");

        Assert.That(_job.Complete, Throws.InvalidOperationException.With.Message.Contains("1 of its items").And.Message.Contains("\"people\""));

        people.Skip();
        _job.Complete();
        Assert.That(Shown.Summary.Failed, Is.EqualTo(1));
        Assert.That(Shown.Summary.Percent, Is.EqualTo(100));
    }

    [Test]
    public void Items_that_have_not_ended_are_cancelled_when_the_operation_fails_or_is_cancelled([Values("failed", "cancelled")] string end)
    {
        var running = _job.AddItem("running");
        var retrying = _job.AddItem("retrying");
        var done = _job.AddItem("done");
        var pending = _job.AddItem("pending");
        running.Start();
        retrying.Start();
        retrying.Retry("again");
        done.Start();
        done.Complete();

        End(end);

        Assert.That(new[] { running.Status, retrying.Status, pending.Status }, Is.All.EqualTo(ItemStatus.Cancelled));
        Assert.That(done.Status, Is.EqualTo(ItemStatus.Completed));
        Assert.That(Shown.Summary.Cancelled, Is.EqualTo(3));
        Assert.That(Shown.Summary.Active, Is.Zero);
        Assert.That(Shown.Summary.SecondsLeft, Is.Null);
    }

    [Test]
    public void One_that_is_stopped_shows_how_far_it_came([Values("failed", "cancelled")] string end)
    {
        Begin("whole", 100).Advance(100);
        _job.AddItem("given up", 100).Cancel();
        Begin("begun", 300).Advance(50);
        _job.Publish();
        Assert.That((Shown.Summary.Done, Shown.Summary.Total, Shown.Summary.Percent), Is.EqualTo((150, 400, 37.5)));

        End(end);

        Assert.That((Shown.Summary.Done, Shown.Summary.Total, Shown.Summary.Percent), Is.EqualTo((150, 500, 30)));
    }

    [Test]
    public void One_that_is_stopped_and_whose_totals_are_not_known_shows_how_many_of_its_items_it_has_done([Values("failed", "cancelled")] string end)
    {
        Begin("whole", null).Complete();
        Begin("begun", null).Advance(50);
        _job.AddItem("pending");
        _job.AddItem("skipped").Skip();

        End(end);

        Assert.That(Shown.Summary.Percent, Is.EqualTo(50));
    }

    [Test]
    public void After_the_end_nothing_can_be_added_or_moved_but_late_progress_and_words_still_count()
    {
        var failed = _job.AddItem("failed");
        failed.Start();
        failed.Fail("broken");
        _job.Complete();

        failed.Advance(7);
        _job.Log(OperationLogLevel.Info, "bye");
        _clock.Push(1000);

        Assert.That(() => _job.AddItem("late"), Throws.InvalidOperationException.With.Message.Contains("completed"));
        Assert.That(() => failed.Retry("again"), Throws.InvalidOperationException);
        Assert.That(Shown.Items[0].Done, Is.EqualTo(7));
        Assert.That(Shown.Log, Has.Length.EqualTo(1));
    }

    [Test]
    public void An_operation_that_ended_can_begin_anew_under_a_new_id()
    {
        var old = _job.AddItem("orders");
        old.Advance(5);
        old.Complete();
        _job.SetDetail("source", "db1");
        _job.AddError("one");
        Assert.That(() => _job.Restart(), Throws.InvalidOperationException.With.Message.Contains("running"));
        _job.Complete();
        var before = Shown;

        _job.Restart("Second import");
        old.Advance(10);
        var again = _job.AddItem("orders");
        again.Advance(1);

        Assert.That(Shown.Id, Is.Not.EqualTo(before.Id));
        Assert.That(Shown.Title, Is.EqualTo("Second import"));
        Assert.That(Shown.Status, Is.EqualTo(OperationStatus.Running));
        Assert.That(Shown.Items.Single().Done, Is.EqualTo(1));
        Assert.That(Shown.Details, Is.Empty);
        Assert.That(Shown.Summary.Errors, Is.Zero);
        Assert.That(() => old.Start(), Throws.InvalidOperationException.With.Message.Contains("is over"));
        Assert.That(before.Items.Single().Done, Is.EqualTo(5));
    }

    // Items

    [Test]
    public void An_added_item_is_pending_and_in_the_totals()
    {
        _job.AddItem("orders", total: 1000);
        _job.AddItem("people", total: 500, unit: "rows");
        _job.Publish();

        Assert.That(Shown.Items.Select(item => item.Name), Is.EqualTo(new[] { "orders", "people" }));
        Assert.That(Shown.Items[0].Status, Is.EqualTo(ItemStatus.Pending));
        Assert.That(Shown.Items[0].Total, Is.EqualTo(1000));
        Assert.That(Shown.Items[1].Unit, Is.Null);
        Assert.That(Shown.Summary.Items, Is.EqualTo(2));
        Assert.That(Shown.Summary.Waiting, Is.EqualTo(2));
        Assert.That(Shown.Summary.Total, Is.EqualTo(1500));
    }

    [Test]
    public void Two_items_cannot_have_one_name_and_one_too_many_is_refused()
    {
        using var job = new OperationTracker("small", new OperationTrackerOptions { MaxItems = 2 }, _clock);
        job.AddItem("a");

        Assert.That(() => job.AddItem("a"), Throws.ArgumentException.With.Message.Contains("\"a\""));
        job.AddItem("A");
        Assert.That(() => job.AddItem("c"), Throws.InvalidOperationException.With.Message.Contains("MaxItems"));
        Assert.That(() => job.AddItem(""), Throws.ArgumentException);
        Assert.That(() => job.AddItem("d", total: -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Starting_an_item_sets_its_start_and_its_worker_and_completing_it_its_end_and_100_percent()
    {
        var item = _job.AddItem("orders", total: 1000);
        item.Queue();
        item.Start(worker: 2);
        var started = Shown.Items[0];
        item.Advance(900);
        _clock.Push(3000);
        item.Complete();
        var completed = Shown.Items[0];

        Assert.That(started.StartTime, Is.EqualTo(Shown.StartTime));
        Assert.That(started.Worker, Is.EqualTo(2));
        Assert.That(completed.EndTime - completed.StartTime, Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(completed.Percent, Is.EqualTo(100));
        Assert.That(completed.Speed, Is.EqualTo(300));
        Assert.That(completed.SecondsLeft, Is.Null);
        Assert.That(Shown.Summary.Completed, Is.EqualTo(1));
        Assert.That(Shown.Summary.Percent, Is.EqualTo(100));
        Assert.That(
            _changes.Where(change => change.Event is not null).Select(change => (change.Event!.Type, change.Event.Class, change.Event.Subject)),
            Is.EqualTo(new[]
            {
                ("operation_started", StateEventClass.Milestone, null),
                ("item_started", StateEventClass.Notice, "orders"),
                ("item_completed", StateEventClass.Milestone, "orders"),
            }));
    }

    [Test]
    public void Skipped_and_failed_items_are_counted_as_such_and_have_an_end()
    {
        var skipped = _job.AddItem("skipped", total: 10);
        var failed = _job.AddItem("failed", total: 10);
        skipped.Skip("not asked for");
        failed.Start();
        failed.Fail("disk full");

        Assert.That(Shown.Summary.Skipped, Is.EqualTo(1));
        Assert.That(Shown.Summary.Failed, Is.EqualTo(1));
        Assert.That(Shown.Items.Select(item => item.EndTime), Is.All.Not.Null);
        Assert.That(Shown.Items.Select(item => item.Message), Is.EqualTo(new[] { "not asked for", "disk full" }));
        Assert.That(Shown.Errors.Single().Message, Is.EqualTo("disk full"));
        Assert.That(Shown.Items[1].Errors, Is.EqualTo(1));
        Assert.That(_changes[^1].Event!.Type, Is.EqualTo("item_failed"));
        Assert.That(_changes[^1].Event!.Data!.Value.GetProperty("message").GetString(), Is.EqualTo("disk full"));
    }

    [Test]
    public void A_retried_item_is_no_longer_failed()
    {
        var item = _job.AddItem("orders");
        item.Start();
        item.Fail("deadlock");
        item.Retry("deadlock");

        Assert.That(Shown.Summary.Failed, Is.Zero);
        Assert.That(Shown.Summary.Active, Is.EqualTo(1));
        Assert.That(Shown.Summary.Retries, Is.EqualTo(1));
        Assert.That(Shown.Items[0].EndTime, Is.Null);

        item.Start();
        Assert.That(Shown.Items[0].Status, Is.EqualTo(ItemStatus.Running));
        Assert.That(Shown.Items[0].Message, Is.Null);
    }

    [Test]
    public void A_move_that_an_item_may_not_make_names_the_item_and_both_statuses()
    {
        var item = _job.AddItem("orders");

        Assert.That(item.Complete, Throws.InvalidOperationException.With.Message.EqualTo("Item \"orders\" is pending and cannot become completed."));
        Assert.That(() => item.Retry("why"), Throws.InvalidOperationException);
        item.Skip();
        Assert.That(() => item.Start(), Throws.InvalidOperationException);
        Assert.That(_job.Status, Is.EqualTo(OperationStatus.Initializing));
    }

    [Test]
    public void Progress_shows_rows_percent_speed_and_time_left()
    {
        var item = _job.AddItem("orders", total: 1000);
        item.Start();
        _clock.Push(2000);
        item.SetProgress(500);
        _clock.Push(100);

        var shown = Shown.Items[0];
        Assert.That(shown.Done, Is.EqualTo(500));
        Assert.That(shown.Percent, Is.EqualTo(50));
        Assert.That(shown.Speed, Is.EqualTo(250));
        Assert.That(shown.SecondsLeft, Is.EqualTo(2));
        Assert.That(Shown.Summary.Done, Is.EqualTo(500));
        Assert.That(Shown.Summary.Percent, Is.EqualTo(50));
        Assert.That(Shown.Summary.Speed, Is.EqualTo(250));
        Assert.That(Shown.Summary.SecondsLeft, Is.EqualTo(2));
    }

    [Test]
    public void The_first_progress_starts_a_pending_or_queued_item_and_the_operation()
    {
        var pending = _job.AddItem("pending");
        var queued = _job.AddItem("queued");
        queued.Queue();

        pending.Advance(3);
        queued.SetProgress(4);

        Assert.That(_job.Status, Is.EqualTo(OperationStatus.Running));
        Assert.That(Shown.Items.Select(item => item.Status), Is.All.EqualTo(ItemStatus.Running));
        Assert.That(Shown.Items.Select(item => item.Done), Is.EqualTo(new[] { 3L, 4L }));
        Assert.That(_changes.Count(change => change.Event?.Type == "operation_started"), Is.EqualTo(1));
    }

    [Test]
    public void More_than_the_total_is_100_percent_and_less_than_nothing_is_nothing()
    {
        var item = _job.AddItem("orders", total: 10);
        item.Advance(25);
        _clock.Push(1000);
        Assert.That(Shown.Items[0].Percent, Is.EqualTo(100));
        Assert.That(Shown.Items[0].SecondsLeft, Is.Null);
        Assert.That(Shown.Summary.Total, Is.EqualTo(25));

        item.Advance(-100);
        _clock.Push(1000);
        Assert.That(Shown.Items[0].Done, Is.Zero);
        Assert.That(Shown.Items[0].Speed, Is.Zero);
        Assert.That(Shown.Summary.Done, Is.Zero);
        Assert.That(() => item.SetProgress(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Percent_is_100_only_when_all_is_done()
    {
        var item = _job.AddItem("orders", total: 1_000_000);
        item.Advance(999_999);
        _clock.Push(100);

        Assert.That(Shown.Items[0].Percent, Is.EqualTo(99.9));
        Assert.That(Shown.Summary.Percent, Is.EqualTo(99.9));
    }

    [Test]
    public void Items_without_rows_need_no_special_care()
    {
        var empty = _job.AddItem("empty", total: 0);
        var other = _job.AddItem("other", total: 0);
        empty.Start();
        empty.Complete();

        Assert.That(Shown.Items[0].Percent, Is.EqualTo(100));
        Assert.That(Shown.Items[0].Speed, Is.Zero);
        Assert.That(Shown.Items[1].Percent, Is.Null);
        Assert.That(Shown.Summary.Percent, Is.EqualTo(50));

        other.Skip();
        Assert.That(Shown.Summary.Percent, Is.EqualTo(100));
        Assert.That(Shown.Summary.SecondsLeft, Is.Null);
    }

    [Test]
    public void Items_with_nothing_to_do_leave_the_amounts_as_they_are_but_one_whose_total_is_not_known_does_not()
    {
        _job.AddItem("orders", total: 1000).Advance(500);
        _job.AddItem("empty", total: 0);
        _clock.Push(1000);
        Assert.That(Shown.Summary.Percent, Is.EqualTo(50));
        Assert.That(Shown.Summary.SecondsLeft, Is.EqualTo(1));

        var unknown = _job.AddItem("unknown");
        _job.Publish();
        Assert.That(Shown.Summary.Percent, Is.EqualTo(16.6));
        Assert.That(Shown.Summary.SecondsLeft, Is.Null);

        unknown.SetTotal(0);
        _job.Publish();
        Assert.That(Shown.Summary.Percent, Is.EqualTo(50));
    }

    [Test]
    public void Nobody_waits_for_what_failed()
    {
        var failed = _job.AddItem("failed", total: 100);
        _job.AddItem("orders", total: 100).Advance(100);
        failed.Start();
        failed.Fail("broken");
        _clock.Push(1000);

        Assert.That(Shown.Summary.Speed, Is.EqualTo(100));
        Assert.That(Shown.Summary.SecondsLeft, Is.Null);
        Assert.That(Shown.Summary.Percent, Is.EqualTo(50));
    }

    [Test]
    public void Items_counted_in_another_unit_stay_out_of_the_amounts()
    {
        _job.AddItem("orders", total: 100).Advance(50);
        _job.AddItem("files", total: 10, unit: "files").Advance(10);
        _clock.Push(100);

        Assert.That(Shown.Summary.Done, Is.EqualTo(50));
        Assert.That(Shown.Summary.Total, Is.EqualTo(100));
        Assert.That(Shown.Summary.Percent, Is.EqualTo(75));
        Assert.That(Shown.Items[1].Unit, Is.EqualTo("files"));
    }

    [Test]
    public void A_total_or_a_message_that_changes_is_shown()
    {
        var item = _job.AddItem("orders");
        item.SetTotal(200);
        item.SetMessage("counting");
        _clock.Push(100);

        Assert.That(Shown.Items[0].Total, Is.EqualTo(200));
        Assert.That(Shown.Items[0].Message, Is.EqualTo("counting"));
    }

    [Test]
    public void Snapshots_stay_as_they_were()
    {
        var item = _job.AddItem("orders");
        item.Advance(1);
        _job.SetDetail("a", "1");
        _job.SetMetric("speed", 1);
        _job.Publish();
        var snapshot = Shown;

        item.Advance(1);
        _job.AddItem("people");
        _job.SetDetail("b", "2");
        _job.SetMetric("speed", 2);
        _job.Log(OperationLogLevel.Info, "later");
        _job.Publish();

        Assert.That(snapshot.Items.Single().Done, Is.EqualTo(1));
        Assert.That(snapshot.Details, Has.Count.EqualTo(1));
        Assert.That(snapshot.Metrics.Single().History, Has.Length.EqualTo(1));
        Assert.That(snapshot.Log, Is.Empty);
        Assert.That(Shown.Items, Has.Length.EqualTo(2));
    }

    [Test]
    public void Only_items_that_moved_are_recorded_anew()
    {
        var items = Enumerable.Range(0, 1000).Select(index => _job.AddItem($"item {index}", total: 100)).ToList();
        foreach (var item in items)
            item.Start();
        _clock.Push(100);
        var before = Shown.Items;

        foreach (var item in items.Take(20))
            item.Advance();
        _clock.Push(100);

        Assert.That(Shown.Items.Where((item, index) => !ReferenceEquals(item, before[index])).Count(), Is.EqualTo(20));
    }

    // Logs, errors, warnings, details, metrics

    [Test]
    public void The_log_keeps_its_newest_thousand_entries()
    {
        var item = _job.AddItem("orders");
        for (var n = 1; n <= 1005; n++)
            _job.Log(OperationLogLevel.Warn, $"line {n}", item);
        _clock.Push(100);

        Assert.That(Shown.Log, Has.Length.EqualTo(1000));
        Assert.That(Shown.Log[0].Id, Is.EqualTo(6));
        Assert.That(Shown.Log[^1].Message, Is.EqualTo("line 1005"));
        Assert.That(Shown.Log[^1].Level, Is.EqualTo(OperationLogLevel.Warn));
        Assert.That(Shown.Log[^1].Item, Is.EqualTo("orders"));
        Assert.That(Shown.Log[^1].Time, Is.EqualTo(_clock.GetUtcNow() - TimeSpan.FromMilliseconds(100)));
        Assert.That(_changes.Select(change => change.Event), Is.All.Null);
    }

    [Test]
    public void Errors_and_warnings_are_told_at_once_kept_to_a_bound_and_counted_on()
    {
        var item = _job.AddItem("orders");
        _job.AddError("bad row", item);
        Assert.That(_changes[^1].Event, Has.Property("Type").EqualTo("error_added").And.Property("Class").EqualTo(StateEventClass.Notice));
        for (var n = 0; n < 250; n++)
            _job.AddWarning("slow", item);

        Assert.That(Shown.Errors.Single(), Has.Property("Message").EqualTo("bad row").And.Property("Fatal").EqualTo(false));
        Assert.That(Shown.Warnings, Has.Length.EqualTo(200));
        Assert.That(Shown.Warnings[^1].Id, Is.EqualTo(250));
        Assert.That(Shown.Summary.Errors, Is.EqualTo(1));
        Assert.That(Shown.Summary.Warnings, Is.EqualTo(250));
        Assert.That(Shown.Items[0].Warnings, Is.EqualTo(250));
        Assert.That(_changes[^1].Event!.Type, Is.EqualTo("warning_added"));
    }

    [Test]
    public void The_reason_of_a_failed_operation_is_a_fatal_error()
    {
        _job.Run();
        _job.Fail("source is gone");

        Assert.That(Shown.Errors.Single(), Has.Property("Message").EqualTo("source is gone").And.Property("Fatal").EqualTo(true));
    }

    [Test]
    public void A_metric_keeps_its_newest_sixty_points()
    {
        for (var n = 1; n <= 65; n++)
            _job.SetMetric("speed", n, "rows/s");
        _clock.Push(100);

        var metric = Shown.Metrics.Single();
        Assert.That(metric.Name, Is.EqualTo("speed"));
        Assert.That(metric.Unit, Is.EqualTo("rows/s"));
        Assert.That(metric.Value, Is.EqualTo(65));
        Assert.That(metric.History, Has.Length.EqualTo(60));
        Assert.That(metric.History[0].Id, Is.EqualTo(6));
        Assert.That(metric.History[^1].Value, Is.EqualTo(65));
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity)]
    public void A_metric_that_is_not_finite_is_refused(double value)
    {
        Assert.That(() => _job.SetMetric("speed", value), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Details_keep_their_order_can_be_taken_away_and_are_bounded()
    {
        using var job = new OperationTracker("small", new OperationTrackerOptions { MaxNames = 2 }, _clock);
        job.SetDetail("target", "db2");
        job.SetDetail("source", "db1");
        job.SetMetric("a", 1);
        job.SetMetric("b", 1);

        Assert.That(() => job.SetDetail("third", "x"), Throws.InvalidOperationException.With.Message.Contains("MaxNames"));
        Assert.That(() => job.SetMetric("c", 1), Throws.InvalidOperationException.With.Message.Contains("MaxNames"));
        job.Publish();
        Assert.That(job.State.Current.Details.Keys, Is.EqualTo(new[] { "target", "source" }));

        job.SetDetail("target", null);
        job.Publish();
        Assert.That(job.State.Current.Details.Keys, Is.EqualTo(new[] { "source" }));
    }

    // Pace

    [Test]
    public void Progress_goes_out_at_once_and_then_at_most_once_an_interval_and_the_last_is_never_lost()
    {
        var item = _job.AddItem("orders", total: 1_000_000);
        item.Start();
        _clock.Push(1000);
        var version = _job.State.Version;

        item.Advance();
        _clock.RunDue();
        Assert.That(_job.State.Version, Is.EqualTo(version + 1));

        for (var millisecond = 0; millisecond < 1000; millisecond++)
        {
            item.Advance();
            _clock.Push(1);
        }

        Assert.That(_job.State.Version - version, Is.InRange(20, 22));
        _clock.Push(50);
        Assert.That(Shown.Items[0].Done, Is.EqualTo(1001));
    }

    [Test]
    public void Speed_falls_to_nothing_when_nothing_moves_and_then_no_timer_is_set()
    {
        var item = _job.AddItem("orders", total: 1000);
        item.Advance(100);
        _clock.Push(1000);
        Assert.That(Shown.Items[0].Speed, Is.GreaterThan(0));
        Assert.That(Shown.Summary.Speed, Is.GreaterThan(0));
        Assert.That(_clock.TimerCount, Is.EqualTo(1));

        _clock.Push(10_000);

        Assert.That(Shown.Items[0].Speed, Is.Zero);
        Assert.That(Shown.Items[0].SecondsLeft, Is.Null);
        Assert.That(Shown.Summary.Speed, Is.Zero);
        Assert.That(Shown.Summary.SecondsLeft, Is.Null);
        Assert.That(_clock.TimerCount, Is.Zero);
    }

    [Test]
    public void A_quiet_tracker_sets_no_timer_and_makes_no_versions()
    {
        _job.AddItem("orders").Start();
        _clock.Push(100);
        var version = _job.State.Version;

        _clock.Push(TimeSpan.FromHours(1));

        Assert.That(_clock.TimerCount, Is.Zero);
        Assert.That(_job.State.Version, Is.EqualTo(version));
    }

    [Test]
    public void A_disposed_tracker_has_published_everything_and_sets_no_timer()
    {
        var item = _job.AddItem("orders");
        item.Start();
        item.Advance(5);
        _job.Dispose();
        var done = Shown.Items[0].Done;

        item.Advance(5);
        item.Complete();

        Assert.That(done, Is.EqualTo(5));
        Assert.That(Shown.Items[0].Done, Is.EqualTo(10));
        Assert.That(_clock.TimerCount, Is.Zero);
    }

    [Test]
    public void A_listener_hears_of_changes_until_it_unsubscribes_and_may_call_back()
    {
        var heard = new List<string?>();
        var listening = _job.State.OnStateChange(change =>
        {
            heard.Add(change.Event?.Type);
            if (change.Event?.Type == "item_completed")
                _job.Complete();
        });

        var item = _job.AddItem("orders");
        item.Start();
        item.Complete();
        listening.Dispose();
        _job.AddError("nobody listens");

        Assert.That(heard, Is.EqualTo(new[] { "operation_started", "item_started", "item_completed", "operation_completed" }));
    }

    private OperationItem Begin(string name, long? total)
    {
        var item = _job.AddItem(name, total);
        item.Start();
        return item;
    }

    private void End(string how)
    {
        if (how == "completed")
            _job.Complete();
        else if (how == "failed")
            _job.Fail("broken");
        else
            _job.Cancel("called off");
    }
}
