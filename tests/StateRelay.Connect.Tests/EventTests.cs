using System.Text;

using StateRelay.Tests.Connect.Support;

namespace StateRelay.Tests.Connect;

/// <summary>Events as their consumer sees them, with a server that the test plays.</summary>
public sealed class EventTests
{
    private static readonly Subscription Acme = new() { Organization = "acme" };

    [Test]
    public async Task An_event_has_all_that_the_server_says_and_the_position_after_it()
    {
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(Acme).Read();
        var server = await scripted.ServerAsync();
        await server.ConfirmAsync(seq: 88);

        const string Json = """{"type":"pull_request","url":"https://github.com/acme/site/pull/5","timestamp":"2026-11-21T22:00:02Z","delivery_id":"72d3","commit_sha":"abc","later":1}""";
        await server.EventAsync(88, 91, Json);
        var told = await events.NextAsync();

        Assert.That((told.IsGap, told.GapReason, told.Position), Is.EqualTo((false, (string?)null, new EventPosition("e1", 91))));
        Assert.That(told.Event, Is.EqualTo(new Event("pull_request")
        {
            Url = "https://github.com/acme/site/pull/5",
            Timestamp = new DateTimeOffset(2026, 11, 21, 22, 0, 2, TimeSpan.Zero),
            DeliveryId = "72d3",
            CommitSha = "abc",
        }));
        Assert.That(Encoding.UTF8.GetString(told.Utf8.Span), Is.EqualTo(Json));
    }

    [TestCase("""{"type":"push"}""")]
    [TestCase("""{"type":"push","url":7,"timestamp":"yesterday","delivery_id":null,"commit_sha":{}}""")]
    public async Task What_an_event_lacks_or_cannot_be_read_is_left_out(string json)
    {
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(Acme).Read();
        var server = await scripted.ServerAsync();
        await server.ConfirmAsync();

        await server.EventAsync(0, 1, json);

        Assert.That((await events.NextAsync()).Event, Is.EqualTo(new Event("push")));
    }

    [TestCase("7")]
    [TestCase("""{"url":"https://github.com/acme/site"}""")]
    [TestCase("""{"type":" "}""")]
    public async Task Something_that_is_no_event_is_told_as_a_gap_and_the_next_one_follows(string json)
    {
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(Acme).Read();
        var server = await scripted.ServerAsync();
        await server.ConfirmAsync();

        await server.EventAsync(0, 1, json);
        await server.EventAsync(1, 2);

        var gap = await events.NextAsync();
        Assert.That((gap.IsGap, gap.GapReason, gap.Position.Seq), Is.EqualTo((true, "unreadable", 1)));
        Assert.That((await events.NextAsync()).Position.Seq, Is.EqualTo(2));
    }

    [Test]
    public async Task What_is_wanted_is_sent_as_it_was_said()
    {
        var wanted = new Subscription { Organization = "*", EventTypes = ["push", "check_run"], PullRequests = ["https://github.com/acme/site/pull/5"], UserEventsOnly = true };
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(wanted, new EventPosition("e9", 7)).Read();
        var server = await scripted.ServerAsync();

        var asked = await server.HearAsync("subscribe");

        Assert.That(asked.ToJsonString(), Is.EqualTo(
            """{"type":"subscribe","id":1,"topic":"events","filter":{"organization":"*","event_types":["push","check_run"],"pull_requests":["https://github.com/acme/site/pull/5"],"user_events_only":true},"since":{"epoch":"e9","seq":7}}"""));
    }

    [Test]
    public async Task Own_events_need_no_organization()
    {
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(new Subscription { UserEventsOnly = true }).Read();
        var server = await scripted.ServerAsync();

        var asked = await server.HearAsync("subscribe");

        Assert.That(asked["filter"]!.ToJsonString(), Is.EqualTo("""{"user_events_only":true}"""));
    }

    [Test]
    public async Task What_the_server_would_refuse_for_its_form_is_refused_here_by_the_same_rules()
    {
        await using var scripted = new Scripted();

        Assert.That(() => scripted.Connection.FollowEventsAsync(new Subscription { Organization = "a b" }), Throws.ArgumentException.With.Message.Contains("organization"));
        Assert.That(() => scripted.Connection.FollowEventsAsync(Acme, new EventPosition("", 1)), Throws.ArgumentException);
        Assert.That(() => scripted.Connection.FollowEventsAsync(Acme, new EventPosition("e", -1)), Throws.ArgumentException);
        Assert.That(() => scripted.Connection.FollowEventsAsync(null!), Throws.ArgumentNullException);
        Assert.That(() => scripted.Connection.FollowStateAsync(new string('t', 101)), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public async Task Each_confirmation_is_told_between_the_events_with_what_came_into_force()
    {
        var confirmations = new List<ConfirmedSubscription>();
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(Acme, confirmed: confirmations.Add).Read();
        var first = await scripted.ServerAsync();
        await first.ConfirmAsync(seq: 5, more: ""","organization":"acme","username":"amy","event_types":["push"]""");
        await first.EventAsync(5, 6);
        await events.NextAsync();
        first.Dispose();
        await scripted.WaitOutAsync();
        var second = await scripted.ServerAsync();
        await second.ConfirmAsync(seq: 6, recovered: true, more: ""","organization":"acme","username":"amy","event_types":null""");
        await second.EventAsync(6, 8);
        await events.NextAsync();

        Assert.That(confirmations.Select(one => (one.Position.Seq, one.Recovered, one.UserName, one.InForce.Organization, one.InForce.EventTypes.Count)), Is.EqualTo([(5, false, "amy", "acme", 1), (6, true, "amy", "acme", 0)]));
    }

    [Test]
    public async Task After_an_interruption_events_go_on_after_the_last_one_that_came()
    {
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(Acme).Read();
        var first = await scripted.ServerAsync();
        await first.ConfirmAsync(seq: 5);
        await first.EventAsync(5, 6);
        await events.NextAsync();
        first.Dispose();
        await scripted.WaitOutAsync();

        var second = await scripted.ServerAsync();
        var asked = await second.ConfirmAsync(seq: 6, recovered: true);
        await second.EventAsync(6, 9);

        Assert.That(asked["since"]!.ToJsonString(), Is.EqualTo("""{"epoch":"e1","seq":6}"""));
        Assert.That((await events.NextAsync()).Position.Seq, Is.EqualTo(9));
    }

    [Test]
    public async Task One_that_was_told_nothing_yet_comes_back_to_where_it_began()
    {
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(Acme).Read();
        var first = await scripted.ServerAsync();
        await first.ConfirmAsync(seq: 5);
        await first.SettleAsync();
        first.Dispose();
        await scripted.WaitOutAsync();

        var asked = await (await scripted.ServerAsync()).HearAsync("subscribe");

        Assert.That((int?)asked["since"]!["seq"], Is.EqualTo(5));
    }

    [Test]
    public async Task A_gap_that_the_server_tells_of_is_told_in_its_place()
    {
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(Acme, new EventPosition("e1", 5)).Read();
        var server = await scripted.ServerAsync();
        await server.ConfirmAsync(seq: 5, more: ""","reason":"expired" """);

        await server.SayAsync("""[{"type":"gap","sub":1,"prev":5,"seq":100,"reason":"retention"},{"type":"event","sub":1,"prev":100,"seq":101,"event":{"type":"push"}}]""");
        var gap = await events.NextAsync();
        var next = await events.NextAsync();

        Assert.That((gap.IsGap, gap.GapReason, gap.Position), Is.EqualTo((true, "retention", new EventPosition("e1", 100))));
        Assert.That((next.IsGap, next.Position.Seq), Is.EqualTo((false, 101)));
    }

    [TestCase("e2", 0, "epoch")]
    [TestCase("e1", 3, "expired")]
    public async Task Where_the_server_goes_on_from_elsewhere_that_is_told_as_a_gap(string epoch, int seq, string reason)
    {
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(Acme, new EventPosition("e1", 5)).Read();
        var server = await scripted.ServerAsync();

        await server.ConfirmAsync(epoch: epoch, seq: seq, more: $",\"reason\":\"{reason}\"");
        await server.EventAsync(seq, seq + 1);
        var gap = await events.NextAsync();

        Assert.That((gap.IsGap, gap.GapReason, gap.Position), Is.EqualTo((true, reason, new EventPosition(epoch, seq))));
        Assert.That((await events.NextAsync()).Position, Is.EqualTo(new EventPosition(epoch, seq + 1)));
    }

    [Test]
    public async Task An_event_that_came_already_is_told_once_and_one_that_leaves_a_hole_is_asked_for()
    {
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(Acme).Read();
        var server = await scripted.ServerAsync();
        await server.ConfirmAsync();
        await server.EventAsync(0, 1);
        await server.EventAsync(0, 1);
        await server.EventAsync(1, 2);
        await server.EventAsync(4, 5);
        await server.HearAsync("unsubscribe");
        var asked = await server.ConfirmAsync(sub: 2, seq: 2, recovered: true);
        await server.EventAsync(2, 4, sub: 2);

        long[] told = [(await events.NextAsync()).Position.Seq, (await events.NextAsync()).Position.Seq, (await events.NextAsync()).Position.Seq];

        Assert.That((int?)asked["since"]!["seq"], Is.EqualTo(2));
        Assert.That(told, Is.EqualTo([1, 2, 4]));
    }

    [Test]
    public async Task A_consumer_that_is_far_behind_holds_so_many_and_no_more_while_pings_are_answered()
    {
        await using var scripted = new Scripted(options => options.MaxBufferedEvents = 5);
        await using var events = scripted.Connection.FollowEventsAsync(Acme).Read();
        var server = await scripted.ServerAsync();
        await server.ConfirmAsync();
        await server.EventAsync(0, 1);
        await events.NextAsync();

        for (var seq = 2; seq <= 9; seq++)
            await server.EventAsync(seq - 1, seq);
        var left = await server.HearAsync("unsubscribe");
        await server.SettleAsync();
        Assert.That((int?)left["sub"], Is.EqualTo(1));
        Assert.That(scripted.Logger.Lines.Count(line => line.Id.Id == 1808), Is.EqualTo(1));

        var told = new List<long>();
        for (var count = 0; count < 3; count++)
            told.Add((await events.NextAsync()).Position.Seq);
        var asked = await server.ConfirmAsync(sub: 2, seq: 6, recovered: true);
        for (var count = 0; count < 2; count++)
            told.Add((await events.NextAsync()).Position.Seq);
        for (var seq = 7; seq <= 9; seq++)
            await server.EventAsync(seq - 1, seq, sub: 2);
        for (var count = 0; count < 3; count++)
            told.Add((await events.NextAsync()).Position.Seq);

        Assert.That(asked["since"]!.ToJsonString(), Is.EqualTo("""{"epoch":"e1","seq":6}"""));
        Assert.That(told, Is.EqualTo([2, 3, 4, 5, 6, 7, 8, 9]));
    }

    [Test]
    public async Task One_that_is_far_behind_when_the_connection_is_lost_is_followed_again_once_it_has_caught_up()
    {
        await using var scripted = new Scripted(options => options.MaxBufferedEvents = 2);
        await using var events = scripted.Connection.FollowEventsAsync(Acme).Read();
        var first = await scripted.ServerAsync();
        await first.ConfirmAsync();
        await first.EventAsync(0, 1);
        await events.NextAsync();
        await first.EventAsync(1, 2);
        await first.EventAsync(2, 3);
        await first.SettleAsync();
        first.Dispose();
        await scripted.WaitOutAsync();

        var second = await scripted.ServerAsync();
        await second.SettleAsync();
        await events.NextAsync();
        var asked = await second.HearAsync("subscribe");

        Assert.That((int?)asked["since"]!["seq"], Is.EqualTo(3));
    }

    [Test]
    public async Task A_subscription_that_may_not_be_fails_with_the_servers_word_for_it()
    {
        await using var scripted = new Scripted();
        await using var events = scripted.Connection.FollowEventsAsync(new Subscription { Organization = "globex" }).Read();
        var server = await scripted.ServerAsync();
        var asked = await server.HearAsync("subscribe");

        await server.SayAsync($$"""{"type":"error","id":{{asked["id"]}},"error":"access_denied","message":"organization: you do not belong to it","temporary":false}""");
        var error = await events.FailAsync<RelayRefusedException>();

        Assert.That(error.Error, Is.EqualTo("access_denied"));
        Assert.That(error.Message, Does.Contain("you do not belong to it"));
    }

    [Test]
    public async Task A_consumer_that_fails_ends_its_own_reading_and_nothing_else()
    {
        await using var scripted = new Scripted();
        await using var others = scripted.Connection.FollowEventsAsync(Acme).Read();
        var server = await scripted.ServerAsync();
        await server.ConfirmAsync();
        var reading = FailAtFirstAsync(scripted.Connection);
        await server.ConfirmAsync(sub: 2);

        await server.EventAsync(0, 1, sub: 2);
        Assert.That(async () => await reading, Throws.TypeOf<FormatException>());
        await server.HearAsync("unsubscribe");
        await server.EventAsync(0, 1);

        Assert.That((await others.NextAsync()).Position.Seq, Is.EqualTo(1));
    }

    private static async Task FailAtFirstAsync(RelayConnection connection)
    {
        await foreach (var told in connection.FollowEventsAsync(Acme))
            throw new FormatException("mine");
    }
}
