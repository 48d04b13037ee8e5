using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;

namespace StateRelay.Browser.Tests;

/// <summary>The page behind nginx, below a path and under a name that the server knows nothing of, set up as docs/operations.md says.</summary>
public sealed class ProxyTests : PageTest
{
    [Test]
    public async Task The_listeners_page_is_live_below_the_path_of_a_proxy()
    {
        await using var nginx = new Nginx();
        await using var served = await Served.StartAsync("""{"count":1}""", options =>
        {
            options.ViewerToken = "open sesame";
            options.AllowedOrigins.Add(nginx.Address.GetLeftPart(UriPartial.Authority));
        });
        await nginx.StartAsync(served.Address);

        await IsLiveAsync(new Uri(nginx.Address, "depot/"), () => served.Mutate(state => state["count"] = 2));
    }

    [Test]
    public async Task An_applications_page_is_live_at_its_path_behind_a_proxy()
    {
        await using var nginx = new Nginx();
        var state = Served.Store(System.Text.Json.Nodes.JsonNode.Parse("""{"count":1}""")!);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddStateRelay(options => (options.ViewerToken, options.CoalescingInterval) = ("open sesame", TimeSpan.FromMilliseconds(20))).AddState(state);
        await using var app = builder.Build();
        app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto });
        app.MapStateRelay("/relay");
        await app.StartAsync();
        await nginx.StartAsync(new Uri(app.Urls.Single()));

        await IsLiveAsync(new Uri(nginx.Address, "relay/"), () => state.Mutate(state => state["count"] = 2));
    }

    // By the link, which leads on to the page; by its changes; and by the cookie alone, without the last slash.
    private async Task IsLiveAsync(Uri page, Action change)
    {
        await Page.GotoAsync(page + "?token=open%20sesame");
        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Live");
        Assert.That(Page.Url, Is.EqualTo(page.ToString()));
        await Expect(Page.Locator("dd")).ToHaveTextAsync("1");

        change();
        await Expect(Page.Locator("dd")).ToHaveTextAsync("2");

        await Page.GotoAsync(page.ToString().TrimEnd('/'));
        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Live");
        Assert.That(Page.Url, Is.EqualTo(page.ToString()));
    }
}
