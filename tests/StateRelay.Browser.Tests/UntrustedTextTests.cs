using System.Text.Json.Nodes;

namespace StateRelay.Browser.Tests;

/// <summary>Whatever a state contains is text: it makes no element and runs nothing, wherever it stands.</summary>
public sealed class UntrustedTextTests : PageTest
{
    private static readonly string[] Payloads =
    [
        "<script>window.pwned = 1</script>",
        "<img src=x onerror=\"window.pwned = 1\">",
        "<svg onload=\"window.pwned = 1\"></svg>",
        "\"><iframe srcdoc=\"<script>parent.pwned = 1</script>\"></iframe>",
        "'; window.pwned = 1; //",
        "javascript:window.pwned=1",
        "</style><script>window.pwned = 1</script>",
        "<a href=\"javascript:window.pwned=1\">click</a>",
        "${window.pwned = 1}",
        "{{constructor.constructor('window.pwned = 1')()}}",
        "__proto__",
        "constructor",
        "<!--",
        "\u202e\u0000]]>&lt;b&gt;",
    ];

    [TestCaseSource(nameof(Payloads))]
    public async Task In_an_operation_it_stays_text(string payload)
    {
        var state = Some.Operation(payload, Some.Item(payload, payload), Some.Item("other"));
        state["title"] = payload;
        state["unit"] = payload;
        state["details"] = new JsonObject { [payload] = payload };
        state["items"]![0]!["message"] = payload;
        state["log"] = new JsonArray(new JsonObject { ["id"] = 1, ["level"] = payload, ["message"] = payload, ["item"] = payload });
        state["errors"] = new JsonArray(new JsonObject { ["id"] = 2, ["message"] = payload });
        state["metrics"] = new JsonArray(new JsonObject { ["name"] = payload, ["unit"] = payload, ["value"] = 1 });
        state[payload] = new JsonObject { [payload] = payload };
        await using var served = await Served.StartAsync(state);

        await OpenAsync(served);
        await OpenTreeAsync();

        await ExpectOnlyTextAsync(payload);
    }

    [TestCaseSource(nameof(Payloads))]
    public async Task In_a_relay_of_events_it_stays_text(string payload)
    {
        var happened = Some.Event(2, payload, payload);
        happened["delivery"] = payload;
        happened["commit"] = payload;
        happened["time"] = payload;
        var client = Some.Client(9, payload);
        client["id"] = payload;
        client["follows"] = payload;
        client["since"] = payload;
        var state = Some.Relay(happened, Some.Event(1, url: null));
        state["clients"]!.AsArray().Add(client);
        state["counts"]![payload] = payload;
        state[payload] = payload;
        await using var served = await Served.StartAsync(state);

        await OpenAsync(served);
        await OpenTreeAsync();

        await Expect(Page.Locator("tr[data-key='2'] [data-column=type]")).ToHaveTextAsync(payload);
        await ExpectOnlyTextAsync(payload);
    }

    [TestCase("view")]
    [TestCase("title")]
    [TestCase("head")]
    [TestCase("subscriptions")]
    [TestCase("counts")]
    [TestCase("rate")]
    [TestCase("events")]
    [TestCase("earlierEvents")]
    [TestCase("clients")]
    [TestCase("moreClients")]
    public async Task A_relay_of_events_with_something_else_in_a_members_place_is_drawn_without_complaint(string member)
    {
        await using var served = await Served.StartAsync(Some.Relay(Some.Event(1)));
        await OpenAsync(served);

        foreach (var odd in (string[])["null", "7", "\"x\"", "[]", "{}", "[null, 7, [], \"x\", {}]", """{"now":"x","history":[7,{}]}"""])
            served.Mutate(state => state[member] = JsonNode.Parse(odd));
        served.Mutate(state => state["drawn"] = true);
        await OpenTreeAsync();

        await Expect(Page.Locator("#tree")).ToContainTextAsync("drawn");
    }

    [TestCaseSource(nameof(Payloads))]
    public async Task In_any_other_state_it_stays_text(string payload)
    {
        var state = new JsonObject
        {
            ["title"] = payload,
            ["status"] = payload,
            [payload] = new JsonObject { [payload] = payload, ["more"] = new JsonObject { [payload] = new JsonArray(payload) } },
            ["list"] = new JsonArray(new JsonObject { [payload] = payload, ["status"] = payload }, new JsonObject { ["other"] = 1 }),
            ["map"] = new JsonObject { [payload] = new JsonObject { ["x"] = payload }, ["b"] = new JsonObject { ["x"] = 1 } },
            ["words"] = new JsonArray(payload, payload),
        };
        await using var served = await Served.StartAsync(state);

        await OpenAsync(served);
        await OpenTreeAsync();
        served.State.Announce(new StateEvent(payload.Replace('\0', ' ')) { Subject = payload });
        served.Mutate(now => now["words"]!.AsArray().Add(payload));

        await Expect(Page.Locator("[data-name=words] li")).ToHaveCountAsync(3);
        await ExpectOnlyTextAsync(payload);
    }

    private async Task ExpectOnlyTextAsync(string payload)
    {
        Assert.That(await Page.EvaluateAsync<bool>("() => window.pwned === undefined && ({}).x === undefined"), Is.True);
        Assert.That(
            await Page.Locator("main :is(script, img, iframe, object, embed, a, style, link, b), main [onload], main [onerror]").CountAsync(),
            Is.Zero);
        Assert.That(await Page.EvaluateAsync<bool>("text => document.body.textContent.includes(text)", payload), Is.True);
    }
}
