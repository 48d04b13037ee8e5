namespace StateRelay.Browser.Tests;

/// <summary>What a viewer sees when the way to the server fails, and when it is there again.</summary>
public sealed class ConnectionTests : PageTest
{
    [Test]
    public async Task A_connection_that_was_cut_goes_on_where_it_stopped()
    {
        await using var served = await Served.StartAsync("""{"count":1}""");
        await using var gate = new TcpGate(served.Address);
        await Page.GotoAsync(gate.Address.ToString());
        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Live");
        await Expect(Page.Locator("dd")).ToHaveTextAsync("1");

        gate.Cut();
        served.Mutate(state => state["count"] = 2);

        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Live, resumed");
        await Expect(Page.Locator("dd")).ToHaveTextAsync("2");
    }

    [Test]
    public async Task A_server_that_stops_is_waited_for_and_its_successor_is_read_anew()
    {
        int port;
        await using (var first = await Served.StartAsync("""{"count":1}"""))
        {
            port = first.Address.Port;
            await OpenAsync(first);
            await Expect(Page.Locator("dd")).ToHaveTextAsync("1");
        }

        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Reconnecting");
        await Expect(Page.Locator("#banner")).ToContainTextAsync("Connection lost (shutdown)");
        await Expect(Page.Locator("dd")).ToHaveTextAsync("1");

        await using var second = await Served.StartAsync("""{"count":7}""", options => options.Port = port);

        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Live, reloaded");
        await Expect(Page.Locator("dd")).ToHaveTextAsync("7");
        await Expect(Page.Locator("#banner")).ToBeHiddenAsync();
    }

    [Test]
    public async Task It_never_stops_trying()
    {
        await Page.Clock.InstallAsync();
        await using var served = await Served.StartAsync("""{"count":1}""");
        await OpenAsync(served);
        await Page.EvaluateAsync("""
            () => {
              window.tries = 0;
              window.WebSocket = class extends EventTarget {
                constructor() {
                  super();
                  window.tries++;
                  setTimeout(() => this.onclose?.({ code: 1006, reason: '' }), 1);
                }
                close() {}
              };
            }
            """);

        await served.DisposeAsync();
        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Reconnecting");

        // Each jump rings a timer once: that of the next try, then that of its end.
        for (var minute = 0; minute < 120; minute++)
            await Page.Clock.FastForwardAsync(60_000);

        Assert.That(await Page.EvaluateAsync<int>("() => window.tries"), Is.GreaterThan(50));
        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Reconnecting");
    }

    [Test]
    public async Task What_changed_is_said_aloud_once()
    {
        await using var served = await Served.StartAsync(Some.Operation());
        await OpenAsync(served);

        await Expect(Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Live. Nightly import: Running");
        served.Mutate(state => state["status"] = "failed");

        await Expect(Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Live. Nightly import: Failed");
    }
}
