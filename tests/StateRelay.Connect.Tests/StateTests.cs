using System.Text.Json.Serialization;

using StateRelay.Tests.Connect.Support;

namespace StateRelay.Tests.Connect;

/// <summary>A state as its consumer sees it, with a server that the test plays.</summary>
public sealed partial class StateTests
{
    [Test]
    public async Task A_state_comes_whole_and_then_with_its_changes()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        var asked = await server.StartStateAsync("""{"name":"nightly","done":1}""", seq: 7);
        var first = await states.NextAsync();

        await server.DeltaAsync(7, 9, """[{"op":"replace","path":"/done","value":2}]""");
        var second = await states.NextAsync();

        Assert.That(asked.ToJsonString(), Is.EqualTo("""{"type":"subscribe","id":1,"topic":"state"}"""));
        Assert.That((first.Topic, first.Epoch, first.Seq, first.ToString()), Is.EqualTo(("state", "e1", 7, """{"name":"nightly","done":1}""")));
        Assert.That((second.Seq, second.As(JobJson.Default.Job)), Is.EqualTo((9, new Job("nightly", 2))));
        Assert.That(first.As(JobJson.Default.Job), Is.EqualTo(new Job("nightly", 1)), "what was handed out stays as it was");
    }

    [Test]
    public async Task Frames_that_come_together_are_one_step()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();
        states.Begin();

        await server.SayAsync($"[{ScriptedServer.Delta(1, 2, """[{"op":"replace","path":"/n","value":1}]""")},{ScriptedServer.Delta(2, 3, """[{"op":"replace","path":"/n","value":2}]""")}]");
        var state = await states.NextAsync();

        Assert.That((state.Seq, state.ToString()), Is.EqualTo((3, """{"n":2}""")));
    }

    [Test]
    public async Task Whoever_takes_them_slowly_skips_to_the_newest_while_pings_are_answered()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();

        for (var seq = 2; seq <= 50; seq++)
        {
            await server.DeltaAsync(seq - 1, seq, $$"""[{"op":"replace","path":"/n","value":{{seq}}}]""");
            await server.SettleAsync();
        }

        Assert.That((await states.NextAsync()).ToString(), Is.EqualTo("""{"n":50}"""));
        states.Begin();
        Assert.That(states.HasNothing, Is.True);
    }

    [Test]
    public async Task A_delta_that_leaves_a_hole_is_asked_for_again_from_the_position()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync(seq: 3);
        await states.NextAsync();

        await server.DeltaAsync(4, 5, """[{"op":"replace","path":"/n","value":5}]""");
        var left = await server.HearAsync("unsubscribe");
        var asked = await server.ConfirmAsync(sub: 2, seq: 5, recovered: true);
        await server.DeltaAsync(3, 5, """[{"op":"replace","path":"/n","value":55}]""", sub: 2);
        var state = await states.NextAsync();

        Assert.That((int?)left["sub"], Is.EqualTo(1));
        Assert.That(asked["since"]!.ToJsonString(), Is.EqualTo("""{"epoch":"e1","seq":3}"""));
        Assert.That((state.Seq, state.ToString()), Is.EqualTo((5, """{"n":55}""")));
    }

    [Test]
    public async Task A_delta_that_is_not_news_or_of_another_subscription_is_ignored()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync(seq: 3);
        await states.NextAsync();
        states.Begin();

        await server.DeltaAsync(2, 3, """[{"op":"replace","path":"/n","value":9}]""");
        await server.DeltaAsync(3, 4, """[{"op":"replace","path":"/n","value":9}]""", sub: 5);
        await server.SettleAsync();

        Assert.That(states.HasNothing, Is.True);
    }

    [Test]
    public async Task A_delta_that_does_not_fit_is_never_shown_and_the_state_is_asked_for_anew()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();
        states.Begin();

        await server.DeltaAsync(1, 2, """[{"op":"replace","path":"/n","value":1},{"op":"remove","path":"/not there"}]""");
        await server.HearAsync("unsubscribe");
        var asked = await server.StartStateAsync("""{"n":2}""", seq: 2, sub: 2);
        var state = await states.NextAsync();

        Assert.That(asked.ContainsKey("since"), Is.False);
        Assert.That(state.ToString(), Is.EqualTo("""{"n":2}"""));
        Assert.That(scripted.Logger.Lines.Select(line => line.Id.Id), Does.Contain(1806));
    }

    [Test]
    public async Task After_an_interruption_it_goes_on_from_its_position()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var first = await scripted.ServerAsync();
        await first.StartStateAsync(seq: 4);
        await states.NextAsync();
        await scripted.StatusAtLastAsync(RelayPhase.Connected);
        first.Dispose();
        await scripted.WaitOutAsync();

        var second = await scripted.ServerAsync();
        var asked = await second.ConfirmAsync(sub: 3, seq: 6, recovered: true);
        await second.DeltaAsync(4, 6, """[{"op":"replace","path":"/n","value":6}]""", sub: 3);
        var state = await states.NextAsync();

        Assert.That(asked["since"]!.ToJsonString(), Is.EqualTo("""{"epoch":"e1","seq":4}"""));
        Assert.That((state.Seq, state.ToString()), Is.EqualTo((6, """{"n":6}""")));
        Assert.That((await scripted.StatusAtLastAsync(RelayPhase.Connected)).Recovered, Is.True);
    }

    [Test]
    public async Task Where_the_server_has_another_history_it_starts_anew_and_says_so()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var first = await scripted.ServerAsync();
        await first.StartStateAsync(seq: 40);
        await states.NextAsync();
        Assert.That((await scripted.StatusAtLastAsync(RelayPhase.Connected)).Recovered, Is.Null);
        first.Dispose();
        await scripted.WaitOutAsync();

        await (await scripted.ServerAsync()).StartStateAsync("""{"n":1}""", seq: 2, epoch: "e2");
        var state = await states.NextAsync();

        Assert.That((state.Epoch, state.Seq, state.ToString()), Is.EqualTo(("e2", 2, """{"n":1}""")));
        Assert.That((await scripted.StatusAtLastAsync(RelayPhase.Connected)).Recovered, Is.False);
    }

    [Test]
    public async Task A_head_beyond_its_position_makes_it_ask_again()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync(seq: 3);
        await states.NextAsync();

        await server.SayAsync("""{"type":"ping","seq":1,"heads":{"1":3,"x":9}}""");
        await server.HearAsync("pong");
        await server.SayAsync("""{"type":"ping","seq":2,"heads":{"1":4}}""");
        await server.HearAsync("pong");
        await server.HearAsync("unsubscribe");
        var asked = await server.HearAsync("subscribe");

        Assert.That((int?)asked["since"]!["seq"], Is.EqualTo(3));
    }

    [Test]
    public async Task What_the_host_says_about_a_change_comes_with_the_state_and_what_is_gone_is_counted()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();

        await server.SayAsync("""[{"type":"state_event","sub":1,"seq":1,"n":12,"event":{"type":"item_done","subject":"a","data":{"x":1}}},{"type":"state_event","sub":1,"seq":1,"n":15,"event":{"type":"item_failed"}}]""");
        var state = await states.NextAsync();

        Assert.That(state.Events.Select(told => (told.Type, told.Subject, told.Data?.GetRawText())), Is.EqualTo([("item_done", "a", """{"x":1}"""), ("item_failed", (string?)null, null)]));
        Assert.That((state.Seq, state.MissedEvents), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task Of_what_the_host_says_to_a_slow_consumer_the_newest_256_are_kept()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();

        for (var n = 1; n <= 300; n++)
            await server.SayAsync($$$"""{"type":"state_event","sub":1,"seq":1,"n":{{{n}}},"event":{"type":"e{{{n}}}"}}""");
        await server.SettleAsync();
        var state = await states.NextAsync();

        Assert.That((state.Events.Count, state.Events[0].Type, state.MissedEvents), Is.EqualTo((256, "e45", 44)));
    }

    [Test]
    public async Task Several_are_followed_on_one_socket_each_for_itself()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync("1", sub: 1);
        Assert.That((await states.NextAsync()).ToString(), Is.EqualTo("1"));

        await using var others = scripted.Connection.FollowStateAsync("other").Read();
        var asked = await server.StartStateAsync("2", sub: 2);
        await server.SnapshotAsync("3", 2, sub: 1);

        Assert.That((string?)asked["topic"], Is.EqualTo("other"));
        Assert.That(((await others.NextAsync()).ToString(), (await states.NextAsync()).ToString()), Is.EqualTo(("2", "3")));
    }

    [Test]
    public async Task One_that_is_refused_fails_by_name_and_the_others_go_on()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync("1");
        await states.NextAsync();
        await using var none = scripted.Connection.FollowStateAsync("none").Read();
        var asked = await server.HearAsync("subscribe");

        await server.SayAsync($$"""{"type":"error","id":{{asked["id"]}},"error":"unknown_topic","message":"topic: there is none of that name","temporary":false}""");
        var error = await none.FailAsync<RelayRefusedException>();
        await server.SnapshotAsync("2", 2);

        Assert.That((error.Error, error.StatusCode, error.CloseCode), Is.EqualTo(("unknown_topic", (int?)null, (int?)null)));
        Assert.That((await states.NextAsync()).ToString(), Is.EqualTo("2"));
    }

    [Test]
    public async Task One_that_is_refused_for_now_is_asked_for_again_after_a_while()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        var asked = await server.HearAsync("subscribe");

        await server.SayAsync($$"""{"type":"error","id":{{asked["id"]}},"error":"temporarily_unavailable","message":"later","temporary":true}""");
        Assert.That(await server.ClosedAsync(), Is.EqualTo(1000));
        await server.CloseAsync(1000);
        await scripted.WaitOutAsync();
        await (await scripted.ServerAsync()).StartStateAsync("1");

        Assert.That((await states.NextAsync()).ToString(), Is.EqualTo("1"));
    }

    [Test]
    public async Task What_it_does_not_know_reaches_no_consumer()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();
        states.Begin();

        await server.SayAsync("""[{"type":"error","error":"internal_error","message":"?"},{"type":"weather","sub":1,"seq":9},7,{},{"type":"unsubscribed"},{"type":"pong"}]""");
        await server.SettleAsync();

        Assert.That(states.HasNothing, Is.True);
        Assert.That(scripted.Logger.Lines.Select(line => line.Id.Id), Is.SupersetOf([1810, 1811]));
    }

    [TestCase("this is no JSON")]
    [TestCase("""{"type":"state_snapshot","sub":1,"epoch":"e1","seq":2,"state":{"\ud800":1}}""")]
    public async Task What_cannot_be_read_ends_the_connection_and_it_comes_back(string message)
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();

        await server.SayAsync(message);
        await scripted.WaitOutAsync();
        await (await scripted.ServerAsync()).StartStateAsync("""{"n":3}""", seq: 3);

        Assert.That((await states.NextAsync()).ToString(), Is.EqualTo("""{"n":3}"""));
    }

    [Test]
    public async Task A_message_beyond_the_limit_ends_the_connection_and_says_which_limit()
    {
        await using var scripted = new Scripted(options => options.MaxMessageBytes = 1024);
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();

        await server.SnapshotAsync($"\"{new string('x', 1024)}\"", 2);
        var status = await scripted.StatusAtLastAsync(RelayPhase.Waiting);

        Assert.That(status.Why, Does.Contain(nameof(RelayConnectionOptions.MaxMessageBytes)));
    }

    [Test]
    public async Task A_consumer_that_leaves_is_unsubscribed_also_before_it_was_confirmed()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();

        var confirmed = scripted.Connection.FollowStateAsync("a").Read();
        await server.StartStateAsync(sub: 2);
        await confirmed.NextAsync();
        await confirmed.DisposeAsync();
        var first = await server.HearAsync("unsubscribe");
        var asking = scripted.Connection.FollowStateAsync("b").Read();
        var asked = await server.HearAsync("subscribe");
        await asking.DisposeAsync();
        await server.SayAsync($$"""{"type":"subscription_confirmed","id":{{asked["id"]}},"sub":3,"epoch":"e1","seq":1,"recovered":false}""");
        var second = await server.HearAsync("unsubscribe");

        Assert.That(((int?)first["sub"], (int?)second["sub"]), Is.EqualTo((2, 3)));
    }

    [Test]
    public async Task Cancelling_ends_it_without_an_exception()
    {
        await using var scripted = new Scripted();
        await using var states = scripted.Connection.FollowStateAsync().Read();
        var server = await scripted.ServerAsync();
        await server.StartStateAsync();
        await states.NextAsync();
        states.Begin();

        states.Cancel();

        await states.EndAsync();
    }

    internal sealed record Job(string Name, double Done);

    [JsonSerializable(typeof(Job))]
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    internal sealed partial class JobJson : JsonSerializerContext;
}
