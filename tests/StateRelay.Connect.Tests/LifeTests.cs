using StateRelay.Tests.Connect.Support;

namespace StateRelay.Tests.Connect;

/// <summary>A connection's life: how it ends, when it comes back, and how it is stopped.</summary>
public sealed class LifeTests
{
    [Test]
    public async Task The_wait_is_random_up_to_a_ceiling_that_doubles_to_the_largest()
    {
        await using var scripted = new Scripted(options => options.MaxBackoff = TimeSpan.FromSeconds(3)) { Failing = int.MaxValue };
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var waits = new List<double>();

        for (var attempt = 0; attempt < 6; attempt++)
            waits.Add((await scripted.WaitOutAsync()).TotalMilliseconds);

        Assert.That(waits, Is.EqualTo([250, 500, 1000, 1500, 1500, 1500]));
    }

    [TestCase(0.0, 0)]
    [TestCase(0.999, 499.5)]
    public async Task The_wait_may_be_anything_from_nothing_to_the_ceiling(double random, double milliseconds)
    {
        await using var scripted = new Scripted(random: random) { Failing = int.MaxValue };
        await using var states = scripted.Connection.FollowStateAsync().Read();

        var waiting = await scripted.StatusAtLastAsync(RelayPhase.Waiting);

        Assert.That((waiting.Until!.Value - new ManualClock().GetUtcNow()).TotalMilliseconds, Is.EqualTo(milliseconds));
    }

    [Test]
    public async Task A_connection_that_has_held_makes_failures_before_it_forgotten_and_one_that_breaks_at_once_does_not()
    {
        await using var scripted = new Scripted { Failing = 2 };
        await using var states = scripted.Connection.FollowStateAsync().Read();
        await scripted.WaitOutAsync();
        await scripted.WaitOutAsync();

        var brief = await scripted.ServerAsync();
        await brief.StartStateAsync();
        await scripted.StatusAtLastAsync(RelayPhase.Connected);
        scripted.Clock.Push(TimeSpan.FromSeconds(9.9));
        brief.Dispose();
        var third = await scripted.WaitOutAsync();
        var stable = await scripted.ServerAsync();
        await stable.StartStateAsync();
        await scripted.StatusAtLastAsync(RelayPhase.Connected);
        scripted.Clock.Push(TimeSpan.FromSeconds(10));
        stable.Dispose();
        var first = await scripted.WaitOutAsync();

        Assert.That((third.TotalMilliseconds, first.TotalMilliseconds), Is.EqualTo((1000, 250)));
    }

    [Test]
    public async Task Attempts_in_a_row_may_be_bounded()
    {
        await using var scripted = new Scripted(options => options.MaxAttempts = 3) { Failing = int.MaxValue };
        await using var states = scripted.Connection.FollowStateAsync().Read();
        await scripted.WaitOutAsync();
        await scripted.WaitOutAsync();

        var error = await states.FailAsync<RelayUnreachableException>();

        Assert.That(scripted.Tokens, Has.Count.EqualTo(3));
        Assert.That(error.InnerException, Is.TypeOf<HttpRequestException>());
        Assert.That((await scripted.StatusAtLastAsync(RelayPhase.Ended)).Error, Is.InstanceOf<RelayUnreachableException>());
    }

    [Test]
    public async Task Without_a_bound_it_tries_for_ever()
    {
        await using var scripted = new Scripted { Failing = int.MaxValue };
        await using var states = scripted.Connection.FollowStateAsync().Read();

        for (var attempt = 0; attempt < 100; attempt++)
            Assert.That(await scripted.WaitOutAsync(), Is.LessThanOrEqualTo(TimeSpan.FromSeconds(30)));
    }

    [Test]
    public async Task A_goodbye_says_when_to_come_back()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();

        await server.SayAsync("""{"type":"goodbye","code":4001,"reason":"shutdown","retry":{"after":1000,"jitter":4000}}""");
        await server.CloseAsync(4001, "shutdown");
        var waiting = await scripted.StatusAtLastAsync(RelayPhase.Waiting);

        Assert.That(waiting.Until - scripted.Clock.GetUtcNow(), Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(waiting.Why, Does.Contain("4001 shutdown"));
        Assert.That(await server.ClosedAsync(), Is.EqualTo(1000), "the close frame is answered");
    }

    [TestCase(1000)]
    [TestCase(1001)]
    [TestCase(1011)]
    [TestCase(4000)]
    [TestCase(4003)]
    [TestCase(4099)]
    [TestCase(4399)]
    [TestCase(4500)]
    public async Task Codes_that_do_not_say_to_stay_away_are_come_back_from(int code)
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();

        await (await scripted.ServerAsync()).CloseAsync(code, "4403 stay away");

        await scripted.StatusAtLastAsync(RelayPhase.Waiting);
    }

    [TestCase(4400)]
    [TestCase(4401)]
    [TestCase(4403)]
    [TestCase(4499)]
    [TestCase(1008)]
    [TestCase(1009)]
    public async Task Codes_that_say_to_stay_away_are_final(int code)
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();

        await (await scripted.ServerAsync()).CloseAsync(code, "4001 come back");
        var error = await states.FailAsync<RelayRefusedException>();

        Assert.That((error.CloseCode, error.StatusCode), Is.EqualTo((code, (int?)null)));
        Assert.That((await scripted.StatusAtLastAsync(RelayPhase.Ended)).Error, Is.TypeOf<RelayRefusedException>());
    }

    [Test]
    public async Task A_goodbye_that_says_to_stay_away_counts_also_when_its_close_frame_is_lost()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();

        await server.SayAsync("""{"type":"goodbye","code":4403,"reason":"not allowed"}""");
        await server.SettleAsync();
        server.Dispose();

        Assert.That((await states.FailAsync<RelayRefusedException>()).CloseCode, Is.EqualTo(4403));
    }

    [Test]
    public async Task A_server_that_falls_silent_is_given_up_after_the_interval_and_the_timeout_that_it_named()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();
        await scripted.StatusAtLastAsync(RelayPhase.Connected);

        scripted.Clock.Push(TimeSpan.FromSeconds(34.9));
        await server.SettleAsync();
        scripted.Clock.Push(TimeSpan.FromSeconds(34.9));
        await server.SettleAsync();
        scripted.Clock.Push(TimeSpan.FromSeconds(35));
        var waiting = await scripted.StatusAsync(RelayPhase.Waiting);

        Assert.That(waiting.Why, Does.Contain("silent"));
    }

    [Test]
    public async Task A_server_that_does_not_say_hello_is_given_up()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.SilentServerAsync();
        await server.HearAsync("subscribe");

        scripted.Clock.Push(TimeSpan.FromSeconds(15));

        Assert.That((await scripted.StatusAtLastAsync(RelayPhase.Waiting)).Why, Does.Contain("hello"));
    }

    [Test]
    public async Task A_subscription_that_is_not_answered_in_time_ends_the_connection()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.HearAsync("subscribe");
        await server.SettleAsync();

        scripted.Clock.Push(TimeSpan.FromSeconds(19.9));
        await server.SettleAsync();
        scripted.Clock.Push(TimeSpan.FromSeconds(0.1));

        Assert.That((await scripted.StatusAtLastAsync(RelayPhase.Waiting)).Why, Does.Contain("subscription"));
    }

    [Test]
    public async Task A_server_that_does_not_read_is_given_up_however_much_it_says()
    {
        await using var scripted = new Scripted(capacity: 256);
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.SilentServerAsync();
        await server.SayAsync("""{"type":"hello","ping":{"interval":2000000000,"timeout":10000}}""");
        await server.StartStateAsync();
        await states.NextAsync();
        var waiting = scripted.StatusAtLastAsync(RelayPhase.Waiting);

        // Each is answered, and no answer is taken.
        for (var ping = 0; ping < 100; ping++)
            await server.SayAsync("""{"type":"ping","seq":1}""");
        while (!waiting.IsCompleted)
        {
            scripted.Clock.Push(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.That((await waiting).Why, Does.Contain("lost"));
    }

    [Test]
    public async Task Each_connection_is_told_once_from_its_beginning_to_its_end()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        await scripted.StatusAsync(RelayPhase.Connecting);
        var first = await scripted.ServerAsync();
        await first.StartStateAsync();
        await scripted.StatusAsync(RelayPhase.Connected);
        await first.SettleAsync();
        first.Dispose();
        await scripted.WaitOutAsync();
        await scripted.StatusAsync(RelayPhase.Connecting);
        var second = await scripted.ServerAsync();
        await second.StartStateAsync();
        await scripted.StatusAsync(RelayPhase.Connected);

        second.Dispose();
        await scripted.StatusAsync(RelayPhase.Waiting);
        await scripted.Connection.StopAsync();

        var ended = await scripted.StatusAsync(RelayPhase.Ended);
        Assert.That((ended.Error, scripted.Connection.Status.Phase), Is.EqualTo(((Exception?)null, RelayPhase.Ended)));
    }

    [Test]
    public async Task Stopping_interrupts_the_wait_and_ends_every_reading_without_an_exception()
    {
        await using var scripted = new Scripted { Failing = int.MaxValue };
        await using var states = scripted.Connection.FollowStateAsync().Read();
        await using var events = scripted.Connection.FollowEventsAsync(new Subscription { Organization = "acme" }).Read();
        await scripted.StatusAtLastAsync(RelayPhase.Waiting);

        await scripted.Connection.StopAsync().WaitAsync(TestTimeouts.Guard);

        await states.EndAsync();
        await events.EndAsync();
        Assert.That(scripted.Clock.TimerCount, Is.Zero);
    }

    [Test]
    public async Task It_may_be_stopped_while_it_connects()
    {
        await using var scripted = new Scripted { IsDeaf = true };
        await using var states = scripted.Connection.FollowStateAsync().Read();
        await scripted.StatusAsync(RelayPhase.Connecting);

        await scripted.Connection.StopAsync().WaitAsync(TestTimeouts.Guard);

        await states.EndAsync();
    }

    [Test]
    public async Task Stopping_says_goodbye()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();

        var stopping = scripted.Connection.StopAsync();
        Assert.That(await server.ClosedAsync(), Is.EqualTo(1000));
        await server.CloseAsync(1000);

        await stopping.WaitAsync(TestTimeouts.Guard);
    }

    [Test]
    public async Task A_stop_waits_two_seconds_for_a_server_that_does_not_answer_the_goodbye_and_no_longer()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();

        var stopping = scripted.Connection.StopAsync();
        await server.ClosedAsync();
        scripted.Clock.Push(TimeSpan.FromSeconds(1.9));
        Assert.That(stopping.IsCompleted, Is.False);
        scripted.Clock.Push(TimeSpan.FromSeconds(0.1));

        await stopping.WaitAsync(TestTimeouts.Guard);
    }

    [Test]
    public async Task It_may_be_stopped_before_it_started_any_number_of_times_by_anybody_and_nothing_can_be_followed_then()
    {
        await using var scripted = new Scripted();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(scripted.Connection.StopAsync))).WaitAsync(TestTimeouts.Guard);
        await scripted.Connection.DisposeAsync();

        await using var states = scripted.Connection.FollowStateAsync().Read();
        await states.FailAsync<ObjectDisposedException>();
        Assert.That(scripted.Tokens, Is.Empty);
    }

    [Test]
    public async Task It_may_be_stopped_by_whoever_is_told_something()
    {
        RelayConnection? connection = null;
        await using var scripted = new Scripted(options =>
        {
            var tell = options.StatusChanged!;
            options.StatusChanged = status =>
            {
                if (status.Phase == RelayPhase.Connected)
                    connection!.StopAsync().GetAwaiter().GetResult();
                tell(status);
            };
        });
        connection = scripted.Connection;
        await using var states = connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();

        await server.ClosedAsync();
        await server.CloseAsync(1000);

        await states.EndAsync();
    }

    [Test]
    public async Task A_status_callback_that_blocks_or_throws_harms_nobody()
    {
        using var release = new ManualResetEventSlim();
        await using var scripted = new Scripted(options => options.StatusChanged = _ =>
        {
            release.Wait();
            throw new FormatException("mine");
        });
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();
        await server.SettleAsync();

        release.Set();
        while (scripted.Logger.Lines.All(line => line.Id.Id != 1805))
            await Task.Yield();

        await server.SettleAsync();
        Assert.That(scripted.Connection.Status.Phase, Is.EqualTo(RelayPhase.Connected));
    }

    [Test]
    public async Task Without_anybody_who_follows_there_is_no_connection()
    {
        await using var scripted = new Scripted();
        Assert.That(scripted.Connection.Status.Phase, Is.EqualTo(RelayPhase.Idle));
        var states = scripted.Connection.FollowStateAsync().Read();
        var first = await scripted.ServerAsync();
        await first.StartStateAsync();
        await states.NextAsync();

        await states.DisposeAsync();
        Assert.That(await first.ClosedAsync(), Is.EqualTo(1000));
        await first.CloseAsync(1000);
        await scripted.StatusAtLastAsync(RelayPhase.Idle);
        await using var again = scripted.Connection.FollowStateAsync().Read();
        await (await scripted.ServerAsync()).StartStateAsync();

        Assert.That((await again.NextAsync()).Seq, Is.EqualTo(1));
    }
}
