using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace StateRelay.Browser.Tests;

/// <summary>The view of a relay of events: what happened, whom it reached, who is connected and how far behind.</summary>
public sealed class EventsTests : PageTest
{
    private static readonly string[] Pausing = ["""{"type":"update","sub":1,"paused":true}""", """{"type":"update","sub":1,"paused":false}"""];

    [Test]
    public async Task Shows_what_happened_where_when_and_to_how_many_it_went()
    {
        await using var served = await Served.StartAsync(Some.Relay(Some.Event(5821), Some.Event(5820, "push", "https://github.com/acme/widgets")));

        await OpenAsync(served);

        await Expect(Page.Locator("h1")).ToHaveTextAsync("Event relay");
        await Expect(Cell(5821, "type")).ToHaveTextAsync("pull_request");
        await Expect(Cell(5821, "about")).ToHaveTextAsync("acme/widgets#42");
        await Expect(Cell(5821, "time")).ToContainTextAsync(":00:00");
        await Expect(Cell(5821, "delivery")).ToHaveTextAsync("72d3162e-cc78-11e3-81ab-000000005821");
        await Expect(Cell(5821, "sent")).ToHaveTextAsync("4");
        await Expect(Cell(5820, "about")).ToHaveTextAsync("acme/widgets");
        await Expect(Region("Latest events").Locator("h2")).ToHaveTextAsync("Latest events and 5,819 earlier");
    }

    [Test]
    public async Task Shows_rates_and_counts()
    {
        await using var served = await Served.StartAsync(Some.Relay(Some.Event(5821)));

        await OpenAsync(served);

        await Expect(Page.Locator(".big")).ToHaveTextAsync("3.2 events/s");
        await Expect(Page.Locator(".amount")).ToHaveTextAsync("5,821 events in all");
        await Expect(Tile("Subscriptions")).ToHaveTextAsync("3");
        await Expect(Tile("Furthest behind")).ToHaveTextAsync("1,204");
        await Expect(Tile("Sent to them")).ToHaveTextAsync("20,211");
        await Expect(Tile("Duplicate")).ToHaveTextAsync("12");
        await Expect(Page.GetByRole(AriaRole.Img, new() { Name = "Events a second: 3.2 /s; between 1 and 7.4 over 3 values" })).ToBeVisibleAsync();
    }

    [Test]
    public async Task Counts_that_are_not_known_are_not_shown()
    {
        var state = Some.Relay();
        state["counts"] = new JsonObject { ["sent"] = 0 };
        await using var served = await Served.StartAsync(state);

        await OpenAsync(served);

        await Expect(Tile("Sent to them")).ToHaveTextAsync("0");
        await Expect(Page.Locator(".tiles dt")).ToHaveCountAsync(0);
    }

    [Test]
    public async Task Those_far_behind_come_first_and_the_rest_in_the_order_they_came()
    {
        await using var served = await Served.StartAsync(Some.Relay());
        await OpenAsync(served);
        var names = Region("Clients").Locator("tbody tr[data-key] th");

        await Expect(names).ToHaveTextAsync(["ben", "amy", "chloe"]);
        await Expect(Cell("c2", "behind")).ToHaveTextAsync("1,204");
        await Expect(Cell("c2", "follows")).ToHaveTextAsync("acme: pull_request");

        served.Mutate(state => state["clients"]![2]!["behind"] = 100_000);

        await Expect(names).ToHaveTextAsync(["chloe", "ben", "amy"]);
    }

    [Test]
    public async Task New_events_come_on_top_and_the_rest_stays_as_it_is()
    {
        await using var served = await Served.StartAsync(Some.Relay(Some.Event(2), Some.Event(1)));
        await OpenAsync(served);
        await Expect(Row(2)).ToBeVisibleAsync();
        await Page.EvaluateAsync("() => { window.kept = document.querySelector(\"tr[data-key='2']\"); }");

        served.Mutate(state =>
        {
            state["events"]!.AsArray().Insert(0, Some.Event(3));
            state["events"]!.AsArray().RemoveAt(2);
        });

        await Expect(Region("Latest events").Locator("tbody tr[data-key]")).ToHaveCountAsync(2);
        await Expect(Region("Latest events").Locator("tbody tr[data-key]").First).ToHaveAttributeAsync("data-key", "3");
        Assert.That(await Page.EvaluateAsync<bool>("() => window.kept === document.querySelector(\"tr[data-key='2']\")"), Is.True);
    }

    [Test]
    public async Task The_filter_looks_through_whole_addresses_commits_and_deliveries()
    {
        var pushed = Some.Event(1, "push", "https://github.com/tools/anvil");
        pushed["commit"] = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d";
        await using var served = await Served.StartAsync(Some.Relay(Some.Event(3), Some.Event(2, "issues", null), pushed));
        await OpenAsync(served);
        var filter = Page.GetByRole(AriaRole.Searchbox, new() { Name = "Filter Events" });
        var keys = Region("Latest events").Locator("tbody tr[data-key]");

        foreach (var (text, key) in (List<(string, string)>)[("pull/42", "3"), ("ISSUES", "2"), ("5e6f7a8b", "1"), ("000000000002", "2"), ("push anvil", "1")])
        {
            await filter.FillAsync(text);

            await Expect(keys).ToHaveCountAsync(1);
            await Expect(keys).ToHaveAttributeAsync("data-key", key);
        }
    }

    [Test]
    public async Task A_press_of_a_type_shows_only_that()
    {
        await using var served = await Served.StartAsync(Some.Relay(Some.Event(3), Some.Event(2, "push"), Some.Event(1)));
        await OpenAsync(served);

        await Page.GetByRole(AriaRole.Group, new() { Name = "Type of Events" }).GetByRole(AriaRole.Button, new() { Name = "Push 1" }).ClickAsync();

        await Expect(Region("Latest events").Locator("tbody tr[data-key]")).ToHaveCountAsync(1);
    }

    [Test]
    public async Task Of_a_hundred_types_the_most_frequent_can_be_pressed()
    {
        var events = Enumerable.Range(1, 100).Select(id => Some.Event(id, id % 10 == 0 ? "frequent" : $"type_{id}"));
        await using var served = await Served.StartAsync(Some.Relay([.. events]));

        await OpenAsync(served);

        await Expect(Page.Locator(".chip:visible")).ToHaveCountAsync(13);
        await Expect(Page.GetByRole(AriaRole.Button, new() { Name = "Frequent 10" })).ToBeVisibleAsync();
    }

    [TestCase("https://github.com/acme/widgets/pull/42", "acme/widgets#42")]
    [TestCase("https://github.com/acme/widgets/issues/7", "acme/widgets#7")]
    [TestCase("https://github.com/acme/widgets/commit/1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d", "acme/widgets @ 1a2b3c4")]
    [TestCase("https://github.com/", "github.com")]
    [TestCase("https://ghe.example:8443/acme/widgets/pull/42", "ghe.example:8443/acme/widgets#42")]
    [TestCase("https://g\u0456thub.com/acme/widgets", "xn--gthub-n2e.com/acme/widgets")]
    [TestCase("https://github.com.example/acme/widgets", "github.com.example/acme/widgets")]
    public async Task What_it_is_about_is_a_link_that_names_its_host_unless_that_is_GitHub(string url, string text)
    {
        await using var served = await Served.StartAsync(Some.Relay(Some.Event(1, url: url)));

        await OpenAsync(served);

        var link = Cell(1, "about").Locator("a");
        await Expect(link).ToHaveTextAsync(text);
        await Expect(link).ToHaveAttributeAsync("href", new UriBuilder(url) { Host = new Uri(url).IdnHost }.Uri.AbsoluteUri);
        await Expect(link).ToHaveAttributeAsync("rel", "noopener noreferrer");
        await Expect(link).ToHaveAttributeAsync("target", "_blank");
    }

    [TestCase("http://github.com/acme/widgets/pull/42")]
    [TestCase("javascript:alert(1)")]
    [TestCase("java\nscript:alert(1)")]
    [TestCase(" JaVaScRiPt:alert(1)")]
    [TestCase("data:text/html,<script>alert(1)</script>")]
    [TestCase("blob:https://github.com/1")]
    [TestCase("//github.com/acme")]
    [TestCase("/static/page.js")]
    [TestCase("https://github.com@evil.example/")]
    [TestCase("https://")]
    [TestCase("not an address")]
    public async Task Whatever_is_not_plainly_https_is_no_link(string url)
    {
        await using var served = await Served.StartAsync(Some.Relay(Some.Event(1, url: url)));

        await OpenAsync(served);

        await Expect(Cell(1, "about")).ToHaveTextAsync(url);
        await Expect(Page.Locator("main a[href]")).ToHaveCountAsync(0);
    }

    [Test]
    public async Task A_row_whose_address_stops_being_one_stops_being_a_link()
    {
        await using var served = await Served.StartAsync(Some.Relay(Some.Event(1)));
        await OpenAsync(served);
        await Expect(Cell(1, "about").Locator("a")).ToHaveCountAsync(1);

        served.Mutate(state => state["events"]![0]!["url"] = "javascript:alert(1)");

        await Expect(Cell(1, "about")).ToHaveTextAsync("javascript:alert(1)");
        await Expect(Page.Locator("main a[href]")).ToHaveCountAsync(0);
    }

    [Test]
    public async Task It_can_be_paused_and_goes_on_where_things_are_then()
    {
        await using var served = await Served.StartAsync(Some.Relay(Some.Event(1)));
        var said = new ConcurrentQueue<string>();
        Page.WebSocket += (_, socket) => socket.FrameSent += (_, frame) => said.Enqueue(frame.Text ?? "");
        await OpenAsync(served);

        await Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Expect(Page.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeVisibleAsync();
        served.Mutate(state => state["events"]!.AsArray().Insert(0, Some.Event(2)));

        await Expect(Row(2)).ToBeVisibleAsync();
        Assert.That(said.Where(text => text.Contains("paused", StringComparison.Ordinal)), Is.EqualTo(Pausing));
    }

    [Test]
    public async Task Before_anything_happened_it_says_so()
    {
        var state = Some.Relay();
        state["clients"] = new JsonArray();
        await using var served = await Served.StartAsync(state);
        await OpenAsync(served);

        await Expect(Region("Latest events").Locator(".empty:visible")).ToHaveTextAsync("Nothing has happened yet. Events appear here as they come.");
        await Expect(Region("Clients").Locator(".empty:visible")).ToHaveTextAsync("Nobody follows events now.");
        await Expect(Page.Locator("table:visible")).ToHaveCountAsync(0);

        served.Mutate(now => now["events"]!.AsArray().Add(Some.Event(1)));

        await Expect(Row(1)).ToBeVisibleAsync();
    }

    [Test]
    public async Task Clients_that_are_not_listed_are_counted()
    {
        var state = Some.Relay();
        state["moreClients"] = 900;
        await using var served = await Served.StartAsync(state);

        await OpenAsync(served);

        await Expect(Region("Clients").Locator("h2")).ToHaveTextAsync("Clients and 900 more");
    }

    private ILocator Region(string name) => Page.GetByRole(AriaRole.Region, new() { Name = name, Exact = true });

    private ILocator Row(object key) => Page.Locator($"tr[data-key='{key}']");

    private ILocator Cell(object key, string column) => Row(key).Locator($"[data-column={column}]");

    private ILocator Tile(string name) =>
        Page.Locator(".tile").Filter(new() { Has = Page.Locator("dt", new() { HasTextRegex = new Regex($"^{name}$") }) }).Locator("dd");
}
