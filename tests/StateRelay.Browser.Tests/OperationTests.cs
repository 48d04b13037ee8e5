using System.Text.Json.Nodes;

namespace StateRelay.Browser.Tests;

/// <summary>The operation's view, from start to end.</summary>
public sealed class OperationTests : PageTest
{
    [Test]
    public async Task Shows_a_job_from_its_start_to_its_end()
    {
        using var job = new OperationTracker("Nightly import", new OperationTrackerOptions { Unit = "rows" });
        var orders = job.AddItem("orders", 1000);
        var prices = job.AddItem("prices", 1000);
        await using var server = new WebServer(job.State, new WebServerOptions { Port = null });
        await server.StartAsync();

        await Page.GotoAsync(server.Address.ToString());
        await Expect(Row("orders").Locator(".badge")).ToHaveTextAsync("Pending");

        orders.Start();
        orders.Advance(500);
        await Expect(Row("orders").Locator(".badge")).ToHaveTextAsync("Running");
        await Expect(Row("orders").Locator(".percent")).ToHaveTextAsync("50.0 %");
        await Expect(Page.Locator(".big")).ToHaveTextAsync("25.0 %");

        orders.Advance(500);
        orders.Complete();
        prices.Start();
        prices.Fail("the table is locked");
        job.Complete();

        await Expect(Page.Locator("#status .badge")).ToHaveTextAsync("Completed");
        await Expect(Row("orders").Locator(".badge")).ToHaveTextAsync("Completed");
        await Expect(Row("prices").Locator(".badge")).ToHaveTextAsync("Failed");
        await Expect(Tile("Failed")).ToHaveTextAsync("1");
    }

    [Test]
    public async Task Tells_the_server_that_the_end_has_been_seen()
    {
        await using var served = await Served.StartAsync(Some.Operation());
        await OpenAsync(served);

        served.Mutate(state => state["status"] = "cancelled");
        var seen = await served.Server.WaitForCompletionAckAsync(TimeSpan.FromSeconds(20));

        Assert.That(seen, Is.EqualTo(CompletionAck.Acknowledged));
    }

    [Test]
    public async Task Shows_what_the_summary_says()
    {
        await using var served = await Served.StartAsync(Some.Operation());

        await OpenAsync(served);

        await Expect(Page.Locator(".big")).ToHaveTextAsync("70.0 %");
        await Expect(Page.Locator(".amount")).ToHaveTextAsync("8,400 of 12,000 rows");
        await Expect(Page.Locator(".facts-line")).ToContainTextAsync("1,235 rows/s");
        await Expect(Page.Locator(".facts-line")).ToContainTextAsync("4 s");
        await Expect(Page.GetByRole(AriaRole.Progressbar, new() { Name = "Whole operation" })).ToHaveAttributeAsync("value", "70");
        await Expect(Tile("Completed")).ToHaveTextAsync("5");
    }

    [Test]
    public async Task Shows_a_status_it_has_never_heard_of_as_it_is()
    {
        await using var served = await Served.StartAsync(Some.Operation("defrosting", Some.Item("orders", "marinating")));

        await OpenAsync(served);

        await Expect(Page.Locator("#status .badge")).ToHaveTextAsync("Defrosting");
        await Expect(Row("orders").Locator(".badge")).ToHaveTextAsync("Marinating");
    }

    [Test]
    public async Task Without_a_total_it_shows_that_something_is_under_way()
    {
        var item = Some.Item("orders", done: 40);
        item.AsObject().Remove("total");
        item.AsObject().Remove("percent");
        await using var served = await Served.StartAsync(Some.Operation("running", item));

        await OpenAsync(served);

        Assert.That(await Row("orders").Locator("progress").GetAttributeAsync("value"), Is.Null);
    }

    [Test]
    public async Task Shows_log_errors_and_warnings_and_filters_the_log_by_level()
    {
        var state = Some.Operation();
        state["log"] = new JsonArray(Line(1, "info", "begun"), Line(2, "warning", "slow"), Line(3, "info", "quick again"));
        state["errors"] = new JsonArray(new JsonObject { ["id"] = 4, ["time"] = "2026-11-21T22:00:00Z", ["message"] = "disk full" });
        state["warnings"] = new JsonArray(new JsonObject { ["id"] = 5, ["time"] = "2026-11-21T22:00:00Z", ["message"] = "disk nearly full" });
        await using var served = await Served.StartAsync(state);
        await OpenAsync(served);
        var log = Page.GetByRole(AriaRole.List, new() { Name = "Log", Exact = true });

        await Expect(log.Locator("li")).ToHaveCountAsync(3);
        await Expect(Page.GetByRole(AriaRole.List, new() { Name = "Errors" })).ToContainTextAsync("disk full");
        await Expect(Page.GetByRole(AriaRole.List, new() { Name = "Warnings" })).ToContainTextAsync("disk nearly full");

        await Page.GetByLabel("Level of Log").SelectOptionAsync("warning");

        await Expect(log.Locator("li .message")).ToHaveTextAsync(["slow"]);
    }

    [Test]
    public async Task The_log_follows_its_end_unless_it_was_scrolled_away_from_it()
    {
        var state = Some.Operation();
        state["log"] = new JsonArray([.. Enumerable.Range(1, 200).Select(n => Line(n, "info", $"line {n}"))]);
        await using var served = await Served.StartAsync(state);
        await OpenAsync(served);
        var log = Page.GetByRole(AriaRole.List, new() { Name = "Log", Exact = true });
        await Expect(log.Locator("li").Last).ToBeInViewportAsync();

        served.Mutate(now => now["log"]!.AsArray().Add(Line(201, "info", "the newest")));
        await Expect(log.GetByText("the newest")).ToBeInViewportAsync();

        await log.EvaluateAsync("list => { list.scrollTop = 0; }");
        await Expect(Page.GetByRole(AriaRole.Button, new() { Name = "Newest" })).ToBeVisibleAsync();
        served.Mutate(now => now["log"]!.AsArray().Add(Line(202, "info", "newer still")));
        await Expect(log.GetByText("newer still")).ToBeAttachedAsync();
        await Expect(log.GetByText("newer still")).Not.ToBeInViewportAsync();

        await Page.GetByRole(AriaRole.Button, new() { Name = "Newest" }).ClickAsync();

        await Expect(log.GetByText("newer still")).ToBeInViewportAsync();
    }

    [Test]
    public async Task Draws_the_history_of_a_metric()
    {
        var state = Some.Operation();
        var history = Enumerable.Range(0, 30).Select(n => (JsonNode)new JsonObject
        {
            ["id"] = n,
            ["time"] = $"2026-11-21T22:00:{n:00}Z",
            ["value"] = n * n,
        });
        state["metrics"] = new JsonArray(new JsonObject
        {
            ["name"] = "speed",
            ["unit"] = "rows/s",
            ["value"] = 841,
            ["history"] = new JsonArray([.. history]),
        });
        await using var served = await Served.StartAsync(state);

        await OpenAsync(served);

        await Expect(Page.GetByRole(AriaRole.Img, new() { Name = "Speed: 841 rows/s; between 0 and 841 over 30 values" })).ToBeVisibleAsync();
        Assert.That(await Page.Locator(".chart .line").GetAttributeAsync("d"), Does.StartWith("M0.0 ").And.Contain("L240.0 3.0"));
    }

    [Test]
    public async Task Members_that_a_tracker_does_not_have_are_shown_too()
    {
        var state = Some.Operation();
        state["cluster"] = JsonNode.Parse("""{"nodes":[{"name":"n1","load":0.5}]}""");
        await using var served = await Served.StartAsync(state);

        await OpenAsync(served);

        await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Nodes" })).ToBeVisibleAsync();
        await Expect(Row("n1")).ToContainTextAsync("0.5");
    }

    private static JsonObject Line(int id, string level, string message) =>
        new JsonObject { ["id"] = id, ["time"] = "2026-11-21T22:00:00Z", ["level"] = level, ["message"] = message };

    private ILocator Row(string key) => Page.Locator($"tr[data-key='{key}']");

    private ILocator Tile(string name) =>
        Page.Locator(".tile").Filter(new() { Has = Page.Locator("dt", new() { HasTextString = name }) }).Locator("dd");
}
