using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace StateRelay.Browser.Tests;

/// <summary>The page as a part of an ASP.NET Core application, below a path that it knows nothing of.</summary>
public sealed class MappedTests : PageTest
{
    [Test]
    public async Task The_link_opens_the_page_below_any_path_and_it_stays_open()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddStateRelay(options => options.ViewerToken = "open sesame").AddState(Served.Store(Some.Operation()));
        await using var app = builder.Build();
        app.UsePathBase("/depot");
        app.UseRouting();
        app.MapStateRelay("/tools/relay");
        await app.StartAsync();
        var address = new Uri(new Uri(app.Urls.Single()), "/depot/tools/relay");

        await Page.GotoAsync(address + "?token=open%20sesame");
        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Live");
        Assert.That(Page.Url, Is.EqualTo(address + "/"));

        await Page.GotoAsync(address.ToString());
        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Live");
        await Expect(Page.Locator("h1")).ToHaveTextAsync("Nightly import");
    }

    [Test]
    public async Task A_page_of_the_applications_own_follows_the_state()
    {
        var state = Served.Store(JsonNode.Parse("""{"ferries":[{"at":"08:10","name":"Gannet","to":"Skerry","boarded":1,"seats":120,"status":"Boarding"}]}""")!);
        var builder = WebApplication.CreateEmptyBuilder(new() { WebRootPath = Path.Combine(RepositoryFolder.Path, "samples", "Pages", "wwwroot") });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddStateRelay().AddState(state);
        await using var app = builder.Build();
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.MapStateRelay("/relay");
        await app.StartAsync();

        await Page.GotoAsync(app.Urls.Single());
        await Expect(Page.Locator("#live")).ToHaveTextAsync("live");
        await Expect(Page.Locator("#board td")).ToHaveTextAsync(["08:10", "Gannet", "Skerry", "1 of 120", "Boarding"]);

        state.Mutate(harbour => harbour["ferries"]![0]!["status"] = "Departed");
        await Expect(Page.Locator("#board td").Last).ToHaveTextAsync("Departed");
    }
}
