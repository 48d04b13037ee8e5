using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace StateRelay.Browser.Tests;

/// <summary>What a viewer meets first. That no page complains of anything is checked after every test.</summary>
public sealed class OpeningTests : PageTest
{
    [Test]
    public async Task Opens_without_configuration_and_without_a_word_of_complaint()
    {
        await using var served = await Served.StartAsync(Some.Operation());

        await OpenAsync(served);

        await Expect(Page.Locator("h1")).ToHaveTextAsync("Nightly import");
        await Expect(Page.Locator("#status .badge")).ToHaveTextAsync("Running");
        await Assertions.Expect(Page).ToHaveTitleAsync("70.0 % · Nightly import");
        Assert.That(Complaints, Is.Empty);
    }

    [Test]
    public async Task Before_the_first_state_it_says_that_it_waits_and_shows_no_status()
    {
        await using var served = await Served.StartAsync(Some.Operation());
        await Page.RouteWebSocketAsync("**/ws", _ => { });  // opens, and nothing is said

        await Page.GotoAsync(served.Address.ToString());

        await Expect(Page.GetByText("Waiting for the first state.")).ToBeVisibleAsync();
        await Expect(Page.Locator("#status .badge")).ToBeHiddenAsync();
    }

    [Test]
    public async Task Everything_it_loads_comes_from_the_server_itself()
    {
        var requested = new List<string>();
        await using var served = await Served.StartAsync(Some.Operation());
        Page.Request += (_, request) => requested.Add(request.Url);

        await OpenAsync(served);

        Assert.That(requested, Has.Count.GreaterThan(5));
        Assert.That(requested, Has.All.StartsWith(served.Address.ToString()));
    }

    [Test]
    public async Task The_address_chooses_among_several_states()
    {
        var options = new WebServerOptions { Port = null };
        await using var server = new WebServer(Served.Store(Some.Operation()), options);
        server.AddState("fleet", Served.Store(JsonNode.Parse("""{"title":"Fleet","trucks":3}""")!));
        await server.StartAsync();

        await Page.GotoAsync(server.Address + "?topic=fleet");

        await Expect(Page.Locator("h1")).ToHaveTextAsync("Fleet");
        await Expect(Page.Locator("dt")).ToHaveTextAsync("Trucks");
        await Expect(Page.Locator("#json")).ToHaveAttributeAsync("href", "./api/state?topic=fleet");
    }

    [Test]
    public async Task Several_states_can_be_chosen_from_by_keyboard_and_the_browsers_way_back_leads_back()
    {
        await using var server = new WebServer(Served.Store(Some.Operation()), new WebServerOptions { Port = null });
        server.AddState("fleet", Served.Store(JsonNode.Parse("""{"title":"Fleet","trucks":3}""")!));
        server.AddState("north-1.b_2", Served.Store(JsonNode.Parse("""{"title":"North"}""")!));
        await server.StartAsync();
        await Page.GotoAsync(server.Address.ToString());
        var choices = Page.GetByRole(AriaRole.Navigation, new() { Name = "What to show" }).GetByRole(AriaRole.Link);
        await Expect(choices).ToHaveTextAsync(["State", "Fleet", "north-1.b_2"]);
        await Expect(choices.First).ToHaveAttributeAsync("aria-current", "page");

        await choices.Nth(1).FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Page.Locator("h1")).ToHaveTextAsync("Fleet");
        await Expect(choices.Nth(1)).ToHaveAttributeAsync("aria-current", "page");

        await choices.Nth(2).ClickAsync();
        await Expect(Page.Locator("h1")).ToHaveTextAsync("North");

        await Page.GoBackAsync();
        await Page.GoBackAsync();
        await Expect(Page.Locator("h1")).ToHaveTextAsync("Nightly import");
    }

    [Test]
    public async Task A_single_state_leaves_nothing_to_choose()
    {
        await using var served = await Served.StartAsync(Some.Operation());

        await OpenAsync(served);

        await Expect(Page.Locator("#topics")).ToBeHiddenAsync();
    }

    [Test]
    public async Task A_state_that_does_not_exist_is_named()
    {
        await using var served = await Served.StartAsync("{}");

        await Page.GotoAsync(served.Address + "?topic=nowhere");

        await Expect(Page.Locator("#waiting")).ToContainTextAsync("nowhere");
        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Stopped");
    }

    [Test]
    public async Task Elapsed_time_is_counted_by_the_servers_clock()
    {
        var tenDaysOff = new ShiftedClock(TimeSpan.FromDays(-10));
        var state = Some.Operation();
        state["startTime"] = (tenDaysOff.GetUtcNow() - TimeSpan.FromHours(2)).ToString("yyyy-MM-ddTHH:mm:ssZ", null);
        await using var served = await Served.StartAsync(state, clock: tenDaysOff);

        await OpenAsync(served);

        await Expect(Fact("Elapsed")).ToHaveTextAsync(new Regex("^02:00:[0-5][0-9]$"));
    }

    private ILocator Fact(string name) =>
        Page.Locator(".facts-line > div").Filter(new() { Has = Page.GetByText(name, new() { Exact = true }) }).Locator("dd");

    /// <summary>Runs as the system's clock does, but shows another time.</summary>
    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
