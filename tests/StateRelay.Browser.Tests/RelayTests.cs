namespace StateRelay.Browser.Tests;

/// <summary>The page of a server that relays events, from a hub to the eyes of a viewer.</summary>
public sealed class RelayTests : PageTest
{
    private const string Amy = "amys-own-token";

    private static readonly StaticTokenAuthenticator People = new([new(new Secret(Amy), new ClientIdentity("amy") { Organizations = ["acme"] })]);

    [Test]
    public async Task Shows_what_is_broadcast_and_who_follows_it()
    {
        using var hub = new Hub();
        await using var server = new WebServer(hub, People, Options(options => options.ViewerToken = Secret.Random()));
        await server.StartAsync();
        await Page.GotoAsync(server.ViewerLink!.ToString());
        await Expect(Page.Locator("h1")).ToHaveTextAsync("Event relay");
        await Expect(Page.GetByText("Nobody follows events now.")).ToBeVisibleAsync();

        await Page.EvaluateAsync("""
            async token => {
              const { connect } = await import('./static/staterelay.js');
              window.heard = [];
              connect({ token, topics: [{ topic: 'events', filter: { organization: 'acme' } }], onEvent: event => window.heard.push(event.type) });
            }
            """, Amy);
        await Expect(Page.Locator("tr:has-text('amy') [data-column=follows]")).ToHaveTextAsync("acme");
        hub.Broadcast(
            new Event("pull_request") { Url = "https://github.com/acme/widgets/pull/42", DeliveryId = "72d3162e" },
            EventAudience.ForOrganization("acme"));
        hub.Broadcast(new Event("push") { Url = "https://github.com/tools/anvil" }, EventAudience.ForOrganization("tools"));

        await Expect(Page.Locator("tr[data-key='1'] [data-column=about]")).ToHaveTextAsync("acme/widgets#42");
        await Expect(Page.Locator("tr[data-key='1'] [data-column=sent]")).ToHaveTextAsync("1");
        await Expect(Page.Locator("tr[data-key='2'] [data-column=sent]")).ToHaveTextAsync("0");
        await Expect(Page.Locator(".amount")).ToHaveTextAsync("2 events in all");
        Assert.That(await Page.EvaluateAsync<string[]>("() => window.heard"), Is.EqualTo((string[])["pull_request"]));
    }

    [Test]
    public async Task Lets_viewers_go_between_a_state_and_the_events()
    {
        using var hub = new Hub();
        hub.Broadcast(new Event("push"), EventAudience.Everyone);
        await using var server = new WebServer(Served.Store(Some.Operation()), Options(options => options.ShowEventsToEveryViewer = true))
            .AddEvents(hub, People);
        await server.StartAsync();
        await Page.GotoAsync(server.Address.ToString());
        await Expect(Page.Locator("h1")).ToHaveTextAsync("Nightly import");

        await Page.GetByRole(AriaRole.Link, new() { Name = "Relay", Exact = true }).ClickAsync();
        await Expect(Page.Locator("tr[data-key='1'] [data-column=type]")).ToHaveTextAsync("push");

        await Page.GetByRole(AriaRole.Link, new() { Name = "State", Exact = true }).ClickAsync();
        await Expect(Page.Locator("h1")).ToHaveTextAsync("Nightly import");
    }

    [Test]
    public async Task Comes_back_to_where_things_are_after_the_server_was_started_again()
    {
        using var hub = new Hub();
        hub.Broadcast(new Event("push"), EventAudience.Everyone);
        var first = new WebServer(hub, People, Options(options => options.ShowEventsToEveryViewer = true));
        await first.StartAsync();
        await Page.GotoAsync(first.Address.ToString());
        await Expect(Page.Locator("tr[data-key='1']")).ToBeVisibleAsync();

        await first.DisposeAsync();
        hub.Broadcast(new Event("star"), EventAudience.Everyone);
        await using var second = new WebServer(hub, People, Options(options => (options.Port, options.ShowEventsToEveryViewer) = (first.Address.Port, true)));
        await second.StartAsync();

        await Expect(Page.Locator("tr[data-key='2'] [data-column=type]")).ToHaveTextAsync("star");
    }

    [TestCase(360)]
    [TestCase(1280)]
    public async Task Where_nobody_is_asked_who_they_are_it_says_why_nothing_is_shown(int width)
    {
        using var hub = new Hub();
        await using var server = new WebServer(hub, People, Options());
        await server.StartAsync();
        await Page.SetViewportSizeAsync(width, 800);

        await Page.GotoAsync(server.Address.ToString());

        await Expect(Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("StateRelay");
        await Expect(Page.GetByRole(AriaRole.Main)).ToContainTextAsync("Nothing is shown here.");
        Assert.That(await Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"), Is.True);
    }

    private static WebServerOptions Options(Action<WebServerOptions>? change = null)
    {
        var options = new WebServerOptions { Port = null, CoalescingInterval = TimeSpan.FromMilliseconds(20) };
        change?.Invoke(options);
        return options;
    }
}
