using System.Text.Json.Nodes;

namespace StateRelay.Browser.Tests;

/// <summary><c>staterelay.js</c>, as any page would use it, against the real server or one that the test plays.</summary>
public sealed class ClientTests : PageTest
{
    [Test]
    public async Task Shows_what_the_server_has_after_thousands_of_random_changes()
    {
        var random = new Random(20261121);
        await using var served = await Served.StartAsync("{}", options => options.CoalescingInterval = TimeSpan.FromMilliseconds(10));
        await OpenAsync(served);
        await Page.EvaluateAsync("""
            async () => {
              const { connect } = await import('./static/staterelay.js');
              const freeze = value => {
                if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
                  Object.freeze(value);
                  Object.values(value).forEach(freeze);
                }
              };
              window.snapshots = 0;
              window.relay = connect({ onState: (state, { snapshot }) => { freeze(state); window.snapshots += snapshot; } });
            }
            """);
        await Page.WaitForFunctionAsync("() => window.relay.position !== null");

        for (var round = 0; round < 200; round++)
        {
            for (var change = 0; change < 25; change++)
                served.Mutate(state => RandomChange(state.AsObject(), random));
            if (round % 10 == 0)
                await Page.WaitForFunctionAsync("seq => window.relay.position.seq >= seq", served.State.Version);
        }

        await Page.WaitForFunctionAsync("seq => window.relay.position.seq === seq", served.State.Version);
        var shown = JsonNode.Parse(await Page.EvaluateAsync<string>("() => JSON.stringify(window.relay.state)"));
        var answer = JsonNode.Parse(await Page.EvaluateAsync<string>("async () => await (await fetch('./api/state')).text()"));
        Assert.That(JsonNode.DeepEquals(shown, answer!["state"]), Is.True);
        Assert.That(await Page.EvaluateAsync<bool>("() => ({}).x === undefined"), Is.True);
    }

    [Test]
    public async Task An_array_is_applied_whole_and_told_once()
    {
        await PlayAsync("""[{"type":"subscription_confirmed","id":1,"sub":4,"epoch":"e","seq":5,"recovered":false},{"type":"state_snapshot","sub":4,"epoch":"e","seq":5,"state":{"a":1}},{"type":"state_delta","sub":4,"prev":5,"seq":9,"patch":[{"op":"replace","path":"/a","value":2}]}]""");

        await ExpectToldAsync("""[{"state":{"a":2},"seq":9}]""");
    }

    [Test]
    public async Task A_frame_that_is_not_beyond_the_position_is_ignored()
    {
        await PlayAsync(
            Snapshot,
            """{"type":"state_delta","sub":4,"prev":3,"seq":5,"patch":[{"op":"replace","path":"/a","value":0}]}""",
            """{"type":"state_delta","sub":4,"prev":5,"seq":6,"patch":[{"op":"replace","path":"/a","value":2}]}""");

        await ExpectToldAsync("""[{"state":{"a":1},"seq":5},{"state":{"a":2},"seq":6}]""");
        Assert.That(await SentAsync(), Is.EqualTo(new[] { "subscribe" }));
    }

    [Test]
    public async Task A_frame_that_leaves_a_hole_makes_it_subscribe_again_from_its_position()
    {
        await PlayAsync(Snapshot, """{"type":"state_delta","sub":4,"prev":7,"seq":8,"patch":[]}""");

        var again = JsonNode.Parse(await Page.EvaluateAsync<string>("() => window.sent.at(-1)"))!;

        Assert.That(await SentAsync(), Is.EqualTo(new[] { "subscribe", "unsubscribe", "subscribe" }));
        Assert.That(again["since"]!.ToJsonString(), Is.EqualTo("""{"epoch":"e","seq":5}"""));
    }

    [Test]
    public async Task A_delta_that_does_not_fit_makes_it_ask_for_everything()
    {
        await PlayAsync(Snapshot, """{"type":"state_delta","sub":4,"prev":5,"seq":8,"patch":[{"op":"remove","path":"/b"}]}""");

        var again = JsonNode.Parse(await Page.EvaluateAsync<string>("() => window.sent.at(-1)"))!;

        Assert.That(again["type"]!.GetValue<string>(), Is.EqualTo("subscribe"));
        Assert.That(again["since"], Is.Null);
    }

    [Test]
    public async Task A_connection_that_breaks_between_the_confirmation_and_the_snapshot_leaves_nothing_to_go_on_from()
    {
        await PlayAsync("""{"type":"subscription_confirmed","id":1,"sub":4,"epoch":"e","seq":5,"recovered":false}""");

        var again = JsonNode.Parse(await Page.EvaluateAsync<string>("""
            () => {
              window.socket.onclose({ code: 1006, reason: '' });
              window.relay.retryNow();
              window.socket.onopen();
              return window.sent.at(-1);
            }
            """))!;

        Assert.That(again["type"]!.GetValue<string>(), Is.EqualTo("subscribe"));
        Assert.That(again["since"], Is.Null);
    }

    [Test]
    public async Task A_ping_is_answered_and_a_head_that_is_ahead_makes_it_subscribe_again()
    {
        await PlayAsync(Snapshot, """{"type":"ping","seq":1,"heads":{"4":5}}""", """{"type":"ping","seq":2,"heads":{"4":6}}""");

        Assert.That(await SentAsync(), Is.EqualTo(new[] { "subscribe", "pong", "pong", "unsubscribe", "subscribe" }));
    }

    [Test]
    public async Task Events_that_are_gone_are_counted()
    {
        await PlayAsync(
            Snapshot,
            """{"type":"state_event","sub":4,"seq":5,"n":7,"event":{"type":"a"}}""",
            """{"type":"state_event","sub":4,"seq":5,"n":11,"event":{"type":"b"}}""");

        await ExpectToldAsync("""[{"state":{"a":1},"seq":5},{"event":"a","missed":0},{"event":"b","missed":3}]""");
    }

    [Test]
    public async Task A_gap_in_an_event_topic_is_told_and_moves_the_position()
    {
        await PlayAsync(
            """{"type":"subscription_confirmed","id":1,"sub":4,"epoch":"e","seq":5}""",
            """{"type":"gap","sub":4,"prev":5,"seq":9,"lost":3,"reason":"retention"}""",
            """{"type":"event","sub":4,"prev":9,"seq":12,"event":{"type":"push"}}""");

        await ExpectToldAsync("""[{"gap":3,"seq":9},{"event":"push","missed":0}]""");
    }

    [TestCase(4400, "stopped")]
    [TestCase(4499, "stopped")]
    [TestCase(1008, "stopped")]
    [TestCase(1001, "reconnecting")]
    [TestCase(1006, "reconnecting")]
    [TestCase(4001, "reconnecting")]
    [TestCase(4500, "reconnecting")]
    public async Task Some_endings_are_for_good_and_all_others_are_not(int code, string phase)
    {
        await PlayAsync(Snapshot);

        await Page.EvaluateAsync("code => window.socket.onclose({ code, reason: 'because' })", code);

        Assert.That(await Page.EvaluateAsync<string>("() => window.relay.status.phase"), Is.EqualTo(phase));
        Assert.That(await Page.EvaluateAsync<string>("() => window.relay.status.reason"), Is.EqualTo("because"));
    }

    [Test]
    public async Task A_goodbye_says_when_to_come_back()
    {
        await PlayAsync(Snapshot, """{"type":"goodbye","code":4001,"reason":"shutdown","retry":{"after":1000,"jitter":4000}}""");

        await Page.EvaluateAsync("() => window.socket.onclose({ code: 4001, reason: '' })");

        Assert.That(await Page.EvaluateAsync<double>("() => window.relay.status.retryInMs"), Is.EqualTo(3000));
    }

    [Test]
    public async Task The_wait_between_tries_grows_to_its_limit()
    {
        await PlayAsync(Snapshot);

        var waits = await Page.EvaluateAsync<double[]>("""
            () => Array.from({ length: 8 }, () => {
              window.socket.onclose({ code: 1006, reason: '' });
              const { retryInMs } = window.relay.status;
              window.relay.retryNow();
              return retryInMs;
            })
            """);

        Assert.That(waits, Is.EqualTo(new[] { 250.0, 500, 1000, 2000, 4000, 8000, 15000, 15000 }));
    }

    [Test]
    public async Task Silence_beyond_what_the_server_promised_means_that_the_way_is_gone()
    {
        await Page.Clock.InstallAsync();
        await PlayAsync("""{"type":"hello","v":1,"time":"2026-11-21T22:00:00Z","ping":{"interval":25000,"timeout":10000}}""", Snapshot);

        await Page.Clock.RunForAsync(44_000);
        Assert.That(await Page.EvaluateAsync<string>("() => window.relay.status.phase"), Is.EqualTo("live"));
        await Page.Clock.RunForAsync(2_000);

        Assert.That(await Page.EvaluateAsync<string>("() => window.relay.status.reason"), Is.EqualTo("the server fell silent"));
    }

    [Test]
    public async Task A_token_goes_as_a_subprotocol_and_not_in_the_address()
    {
        await PlayAsync(Snapshot);

        Assert.That(await Page.EvaluateAsync<string[]>("() => window.protocols"), Is.EqualTo(new[] { "staterelay.v1.json", "bearer.w6khPz8-" }));
        Assert.That(await Page.EvaluateAsync<string>("() => window.address"), Does.StartWith("ws://").And.EndWith("/ws"));
    }

    [Test]
    public async Task What_it_does_not_know_is_left_alone_and_can_be_looked_at()
    {
        await PlayAsync(Snapshot, """{"type":"news","x":1}""", """[null,1,"x",{}]""", """{"type":"state_delta","sub":99,"prev":1,"seq":2,"patch":[]}""");

        await ExpectToldAsync("""[{"state":{"a":1},"seq":5},{"unknown":"news"},{"unknown":null}]""");
    }

    private const string Snapshot = """[{"type":"subscription_confirmed","id":1,"sub":4,"epoch":"e","seq":5,"recovered":false},{"type":"state_snapshot","sub":4,"epoch":"e","seq":5,"state":{"a":1}}]""";

    /// <summary>Connects the client to a socket that the test plays, and gives it these frames.</summary>
    private async Task PlayAsync(params string[] frames)
    {
        await using var served = await Served.StartAsync("{}");
        await Page.RouteAsync("**/", route => route.FulfillAsync(new() { Body = "<!DOCTYPE html>", ContentType = "text/html" }));
        await Page.GotoAsync(served.Address.ToString());
        await Page.EvaluateAsync("""
            async frames => {
              const { connect } = await import('./static/staterelay.js');
              window.told = [];
              window.sent = [];
              class PlayedSocket {
                readyState = 1;
                constructor(address, protocols) {
                  Object.assign(window, { socket: this, address, protocols });
                }
                send(text) {
                  window.sent.push(text);
                }
                close() {}
              }
              window.relay = connect({
                WebSocket: PlayedSocket,
                random: () => 0.5,
                token: 'é!??>',
                onState: (state, { seq }) => window.told.push({ state, seq }),
                onEvent: (event, { missed }) => window.told.push({ event: event.type, missed }),
                onGap: ({ lost, seq }) => window.told.push({ gap: lost, seq }),
                onUnknown: ({ type }) => window.told.push({ unknown: type ?? null }),
              });
              window.socket.onopen();
              frames.forEach(data => window.socket.onmessage({ data }));
            }
            """, frames);
    }

    private async Task ExpectToldAsync(string expected) =>
        Assert.That(await Page.EvaluateAsync<string>("() => JSON.stringify(window.told)"), Is.EqualTo(expected));

    private Task<string[]> SentAsync() => Page.EvaluateAsync<string[]>("() => window.sent.map(text => JSON.parse(text).type)");

    private static void RandomChange(JsonObject state, Random random)
    {
        string[] names = ["a", "b", "c", "", "a/b", "m~n", "é", "__proto__", "constructor", "items"];
        var name = names[random.Next(names.Length)];
        switch (random.Next(6))
        {
            case 0:
                state.Remove(name);
                break;
            case 1 when state[name] is JsonArray { Count: > 0 } list:
                list.RemoveAt(random.Next(list.Count));
                break;
            case 2 when state[name] is JsonArray { Count: < 40 } list:
                list.Insert(random.Next(list.Count + 1), new JsonObject { ["id"] = random.Next(1000), ["done"] = random.NextDouble() });
                break;
            case 3 when state[name] is JsonArray list && list.OfType<JsonObject>().FirstOrDefault() is { } first:
                first["done"] = random.Next();
                break;
            case 4:
                state[name] = new JsonArray(1, "x", null, new JsonObject { ["id"] = 1 });
                break;
            default:
                state[name] = new JsonObject { ["x"] = random.Next(10), ["y"] = new JsonObject { ["z"] = random.Next(3) == 0 ? null : "text" } };
                break;
        }
    }
}
