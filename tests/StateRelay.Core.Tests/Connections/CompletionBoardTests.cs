using StateRelay.Connections;

namespace StateRelay.Tests.Connections;

public sealed class CompletionBoardTests
{
    private static readonly TimeSpan HalfAMinute = TimeSpan.FromSeconds(30);

    private readonly ManualClock _clock = new();

    [Test]
    public async Task With_nobody_connected_the_wait_ends_at_once()
    {
        var board = new CompletionBoard(_clock);

        Assert.That(await board.WaitAsync(5, HalfAMinute, default), Is.EqualTo(CompletionAck.NobodyConnected));
    }

    [Test]
    public async Task It_ends_when_the_last_viewer_leaves()
    {
        var board = new CompletionBoard(_clock);
        board.SetViewers(2);
        var waiting = board.WaitAsync(5, HalfAMinute, default);

        board.SetViewers(1);
        var afterOne = waiting.IsCompleted;
        board.SetViewers(0);

        Assert.That(afterOne, Is.False);
        Assert.That(await waiting.WaitAsync(TestTimeouts.Guard), Is.EqualTo(CompletionAck.NobodyConnected));
    }

    [Test]
    public async Task One_acknowledgement_answers_every_wait_before_and_after_it()
    {
        var board = new CompletionBoard(_clock);
        board.SetViewers(1);
        var first = board.WaitAsync(5, HalfAMinute, default);

        board.Acknowledge(5);

        Assert.That(await first.WaitAsync(TestTimeouts.Guard), Is.EqualTo(CompletionAck.Acknowledged));
        Assert.That(await board.WaitAsync(5, HalfAMinute, default), Is.EqualTo(CompletionAck.Acknowledged));
    }

    [Test]
    public async Task One_that_came_too_early_does_not_count()
    {
        var board = new CompletionBoard(_clock);
        board.SetViewers(1);
        board.Acknowledge(4);

        var waiting = board.WaitAsync(5, HalfAMinute, default);
        var early = waiting.IsCompleted;
        board.Acknowledge(6);

        Assert.That(early, Is.False);
        Assert.That(await waiting.WaitAsync(TestTimeouts.Guard), Is.EqualTo(CompletionAck.Acknowledged));
    }

    [Test]
    public async Task It_ends_when_time_is_up()
    {
        var board = new CompletionBoard(_clock);
        board.SetViewers(1);
        var waiting = board.WaitAsync(5, HalfAMinute, default);

        _clock.Push(HalfAMinute);

        Assert.That(await waiting.WaitAsync(TestTimeouts.Guard), Is.EqualTo(CompletionAck.TimedOut));
    }

    [Test]
    public void Its_caller_may_give_up()
    {
        var board = new CompletionBoard(_clock);
        board.SetViewers(1);
        using var stop = new CancellationTokenSource();
        var waiting = board.WaitAsync(5, HalfAMinute, stop.Token);

        stop.Cancel();

        Assert.That(async () => await waiting.WaitAsync(TestTimeouts.Guard), Throws.InstanceOf<OperationCanceledException>());
    }
}
