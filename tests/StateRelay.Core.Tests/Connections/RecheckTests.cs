using System.Text.Json.Nodes;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.Connections;

/// <summary>Who was let in is asked about again.</summary>
public sealed class RecheckTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly AuthenticationResult NotNow = AuthenticationResult.Refused(AuthenticationFailure.TemporarilyUnavailable, "Not now.");

    [TestCase(false)]
    [TestCase(true)]
    public async Task Where_nothing_has_changed_nothing_is_said(bool v1)
    {
        using var relay = NewRelay();
        using var client = await SubscribedAsync(relay, v1);

        while (relay.People.Asked < 5)
            Assert.That(await StepAsync(relay, client), Is.Empty);

        relay.Hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
        await client.NextAsync(v1 ? "event" : "push");
        Assert.That(relay.Hub.ClientCount, Is.EqualTo(1));
    }

    [TestCase(false, 1008)]
    [TestCase(true, 4401)]
    public async Task Whose_token_is_no_longer_valid_is_told_so_and_cut_off(bool v1, int code)
    {
        using var relay = NewRelay();
        using var client = await SubscribedAsync(relay, v1);

        relay.People.Instead = AuthenticationResult.Refused(AuthenticationFailure.AuthenticationFailed, "This token is not valid.");

        Assert.That((string?)(await ErrorAsync(relay, client))["error"], Is.EqualTo("authentication_failed"));
        Assert.That((await client.ClosedAsync(), relay.Hub.ClientCount), Is.EqualTo((code, 0)));
    }

    [TestCase(false, 1008)]
    [TestCase(true, 4403)]
    public async Task Who_has_left_the_organization_is_told_so_and_cut_off(bool v1, int code)
    {
        using var relay = NewRelay();
        using var client = await SubscribedAsync(relay, v1);

        relay.People.Instead = AuthenticationResult.Admitted(new ClientIdentity("amy") { Organizations = ["globex"] });

        Assert.That((string?)(await ErrorAsync(relay, client))["error"], Is.EqualTo("access_denied"));
        Assert.That((await client.ClosedAsync(), relay.Hub.ClientCount), Is.EqualTo((code, 0)));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Who_changes_organizations_gets_what_is_theirs_then_and_loses_and_doubles_nothing(bool v1)
    {
        using var relay = NewRelay();
        using var client = await SubscribedAsync(relay, v1, organization: "*");
        relay.People.Instead = AuthenticationResult.Admitted(new ClientIdentity("amy") { Organizations = ["acme", "initech"] });

        // Amy stays with acme, leaves globex and comes to initech, some time while this goes on.
        var received = new List<string>();
        var rounds = 0;
        var roundsAfterwards = 0;
        while (roundsAfterwards < 5)
        {
            foreach (var organization in new[] { "acme", "globex", "initech" })
                relay.Hub.Broadcast(new Event("push") { DeliveryId = $"{organization} {rounds}" }, EventAudience.ForOrganization(organization));
            received.AddRange((await StepAsync(relay, client)).Select(message => (string)(v1 ? message["event"]! : message)["delivery_id"]!));
            rounds++;
            roundsAfterwards += received.Any(delivery => delivery.StartsWith("initech", StringComparison.Ordinal)) ? 1 : 0;
            Assert.That(rounds, Is.LessThan(50));
        }

        int[] RoundsOf(string organization) =>
            [.. received.Where(delivery => delivery.StartsWith(organization, StringComparison.Ordinal)).Select(delivery => int.Parse(delivery.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))];
        var since = RoundsOf("initech")[0];
        Assert.That(RoundsOf("acme"), Is.EqualTo(Enumerable.Range(0, rounds)));
        Assert.That(RoundsOf("initech"), Is.EqualTo(Enumerable.Range(since, rounds - since)));
        Assert.That(RoundsOf("globex"), Is.EqualTo(Enumerable.Range(0, RoundsOf("globex").Length)));
        Assert.That(RoundsOf("globex").Length, Is.InRange(since - 1, since + 1));
    }

    [TestCase(false, 1001)]
    [TestCase(true, 4013)]
    public async Task Who_cannot_be_asked_about_six_times_in_a_row_is_sent_away_until_later(bool v1, int code)
    {
        using var relay = NewRelay();
        using var client = await SubscribedAsync(relay, v1);

        relay.People.Instead = NotNow;

        Assert.That((string?)(await ErrorAsync(relay, client))["error"], Is.EqualTo("temporarily_unavailable"));
        Assert.That((await client.ClosedAsync(), relay.People.Asked, relay.Hub.ClientCount), Is.EqualTo((code, 7, 0)));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task One_good_answer_in_between_forgives_the_failures_before(bool v1)
    {
        using var relay = NewRelay();
        using var client = await SubscribedAsync(relay, v1);

        for (var round = 0; round < 3; round++)
        {
            relay.People.Instead = NotNow;
            await AskedAsync(relay, client, times: 4);
            relay.People.Instead = null;
            await AskedAsync(relay, client, times: 2);
        }

        relay.Hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
        await client.NextAsync(v1 ? "event" : "push");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Nobody_asks_about_one_who_has_left(bool v1)
    {
        using var relay = NewRelay();
        using var client = await SubscribedAsync(relay, v1);
        await AskedAsync(relay, client, times: 1);

        await client.Socket.CloseOutputAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await client.ClosedAsync();
        var asked = relay.People.Asked;
        relay.Clock.Push(TimeSpan.FromMinutes(5));

        Assert.That((relay.People.Asked, relay.Alarms.Count, relay.Hub.ClientCount), Is.EqualTo((asked, 0, 0)));
    }

    [Test]
    public async Task Who_begins_to_follow_again_later_does_so_with_the_rights_of_then()
    {
        using var relay = NewRelay();
        using var client = await SubscribedAsync(relay, v1: true);
        await client.SayAsync("""{"type":"unsubscribe","sub":1}""");
        await client.NextAsync("unsubscribed");
        relay.People.Instead = AuthenticationResult.Admitted(new ClientIdentity("amy") { Organizations = ["globex"] });
        relay.Clock.Push(Interval);

        await client.SayAsync("""{"type":"subscribe","id":2,"topic":"events","filter":{"organization":"acme"}}""");

        Assert.That((string?)(await client.NextAsync("error"))["error"], Is.EqualTo("access_denied"));
        await client.SayAsync("""{"type":"subscribe","id":3,"topic":"events","filter":{"organization":"globex"}}""");
        await client.NextAsync("subscription_confirmed");
    }

    [Test]
    public async Task An_answer_that_nobody_waits_for_any_more_is_not_that_to_a_later_question()
    {
        using var relay = NewRelay();
        using var client = relay.ConnectV1As("slow");
        await client.NextAsync("hello");
        await client.SayAsync("""[{"type":"subscribe","topic":"events","filter":{"organization":"acme"}},{"type":"ping"}]""");
        await client.NextAsync("pong");
        while (relay.People.Asked == 0)
            await Task.Yield();
        await client.SayAsync("""{"type":"unsubscribe","sub":1}""");
        await client.NextAsync("unsubscribed");
        relay.Clock.Push(new HubOptions().AuthenticationTimeout);
        await client.SayAsync("""{"type":"ping"}""");
        await client.NextAsync("pong");
        relay.People.Answer();

        await client.SayAsync("""{"type":"subscribe","topic":"events","filter":{"organization":"acme"}}""");

        await client.NextAsync("subscription_confirmed");
        Assert.That(relay.People.Asked, Is.EqualTo(2));
    }

    private static TestRelay NewRelay()
    {
        var relay = new TestRelay();
        relay.AddEvents(new HubOptions { RecheckInterval = Interval });
        return relay;
    }

    private static async Task<TestViewer> SubscribedAsync(TestRelay relay, bool v1, string organization = "acme")
    {
        var client = v1 ? relay.ConnectV1As("amy") : relay.ConnectEvents();
        if (v1)
            await client.NextAsync("hello");
        await client.SayAsync(v1
            ? $$$"""{"type":"subscribe","topic":"events","filter":{"organization":"{{{organization}}}"}}"""
            : $$"""{"organization":"{{organization}}"}""");
        await client.NextAsync("subscription_confirmed");
        return client;
    }

    /// <summary>Lets an interval go by and gives what the server says until it has nothing more to say; an error is the last of that.</summary>
    private static async Task<List<JsonObject>> StepAsync(TestRelay relay, TestViewer client)
    {
        relay.Clock.Push(Interval);
        var said = new List<JsonObject>();

        // What is owed already may follow the answer to the first ping, but not that to one which came after this answer.
        for (var pongs = 0; pongs < 2; pongs++)
        {
            await client.SayAsync("""{"type":"ping","seq":"step"}""");
            for (var next = await client.NextAsync(); (string?)next["type"] != "pong"; next = await client.NextAsync())
            {
                said.Add(next);
                if ((string?)next["type"] == "error")
                    return said;
            }
        }

        return said;
    }

    private static async Task<JsonObject> ErrorAsync(TestRelay relay, TestViewer client)
    {
        while (true)
        {
            if (await StepAsync(relay, client) is [.., { } last])
                return last;
        }
    }

    private static async Task AskedAsync(TestRelay relay, TestViewer client, int times)
    {
        var until = relay.People.Asked + times;
        while (relay.People.Asked < until)
            Assert.That(await StepAsync(relay, client), Is.Empty);
    }
}
