using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace StateRelay.Browser.Tests;

/// <summary>
/// More than two hundred hostile texts at once in every place that a state or an event has for text: none runs, none becomes an element, none
/// is complained of by the page's policy.
/// </summary>
public sealed class InjectionTests : PageTest
{
    private static readonly IReadOnlyList<string> Texts = Hostile.Texts;

    [Test]
    public void There_are_at_least_two_hundred_and_no_two_alike()
    {
        Assert.That(Texts, Has.Count.GreaterThanOrEqualTo(200).And.Unique);
    }

    [Test]
    public async Task As_what_happened_and_who_is_connected()
    {
        var state = Some.Relay([.. Texts.Select((_, n) => Event(n))]);
        state["clients"] = new JsonArray([.. Texts.Select((_, n) => Client(n))]);
        await using var served = await Served.StartAsync(state, options => options.CoalescingInterval = TimeSpan.FromSeconds(1));

        await OpenAsync(served);
        await Expect(Page.Locator(".table-view .count")).ToHaveTextAsync([$"{Texts.Count} rows", $"{Texts.Count} rows"]);
        await SeeEverythingAsync();
        await Page.Locator(".chip").Nth(3).ClickAsync();

        await ExpectOnlyTextAsync();
        Assert.That(
            await Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('main a')].map(a => a.protocol).filter(protocol => protocol !== 'https:')"),
            Is.Empty);
    }

    [Test]
    public async Task As_items_log_errors_and_details_of_an_operation()
    {
        var state = Some.Operation("running", [.. Texts.Select(text => Some.Item(text, text))]);
        state["title"] = Texts[0];
        state["details"] = new JsonObject(Texts.Select(text => KeyValuePair.Create(text, (JsonNode?)text)));
        state["log"] = Lines();
        state["errors"] = Lines();
        state["warnings"] = Lines();
        state["metrics"] = new JsonArray([.. Texts.Select(text => new JsonObject { ["name"] = text, ["unit"] = text, ["value"] = 1 })]);
        await using var served = await Served.StartAsync(state, options => options.CoalescingInterval = TimeSpan.FromSeconds(1));

        await OpenAsync(served);
        await SeeEverythingAsync();

        await ExpectOnlyTextAsync();
    }

    [Test]
    public async Task As_members_and_values_of_any_state()
    {
        var state = new JsonObject
        {
            ["title"] = Texts[1],
            ["flat"] = new JsonObject(Texts.Select(text => KeyValuePair.Create(text, (JsonNode?)text))),
            ["rows"] = new JsonArray([.. Texts.Select(text => new JsonObject { ["name"] = text, ["status"] = text, ["text"] = text })]),
            ["map"] = new JsonObject(Texts.Select(text => KeyValuePair.Create(text, (JsonNode?)new JsonObject { ["x"] = text }))),
            ["words"] = new JsonArray([.. Texts.Select(text => (JsonNode)text)]),
            ["columns"] = new JsonArray(new JsonObject(Texts.Select(text => KeyValuePair.Create(text, (JsonNode?)text)))),
        };
        await using var served = await Served.StartAsync(state, options => options.CoalescingInterval = TimeSpan.FromSeconds(1));

        await OpenAsync(served);
        await SeeEverythingAsync();
        served.State.Announce(new StateEvent(Texts[2]) { Subject = Texts[3] });

        await Expect(Page.Locator("#events-details")).ToBeVisibleAsync();
        await Page.Locator("#events-details > summary").ClickAsync();
        await ExpectOnlyTextAsync();
    }

    [Test]
    public async Task As_titles_names_and_numbers_of_deliveries_of_webhooks()
    {
        using var hub = new Hub();
        var options = new WebServerOptions { Port = null, ShowEventsToEveryViewer = true, CoalescingInterval = TimeSpan.FromSeconds(1) };
        await using var server = new WebServer(hub, new StaticTokenAuthenticator([]), options)
            .AddGitHubWebhooks(hub, new GitHubWebhookOptions { Secrets = { "signed" }, MaxRefusalsPerMinute = 10_000 });
        await server.StartAsync();
        await Page.GotoAsync(server.Address.ToString());
        await Expect(Page.Locator("h1")).ToHaveTextAsync("Event relay");

        var relayed = 0;
        using var http = new HttpClient();
        for (var n = 0; n < Texts.Count; n++)
            relayed += await DeliverAsync(http, server.Address, n) == HttpStatusCode.Accepted ? 1 : 0;

        Assert.That(relayed, Is.EqualTo(Texts.Count));
        await Expect(Page.Locator(".amount")).ToHaveTextAsync($"{Texts.Count} events in all");
        await SeeEverythingAsync();
        await ExpectOnlyTextAsync();
    }

    [Test]
    public async Task As_the_topic_in_the_address()
    {
        await using var served = await Served.StartAsync("{}");

        foreach (var text in Texts.Where((_, n) => n % 20 == 0))
        {
            await Page.GotoAsync($"{served.Address}?topic={Uri.EscapeDataString(text)}");

            await Expect(Page.Locator("#connection")).ToHaveTextAsync("Stopped");
            await ExpectOnlyTextAsync();
        }
    }

    private static async Task<HttpStatusCode> DeliverAsync(HttpClient http, Uri server, int n)
    {
        var (text, next) = (Texts[n], Texts[(n + 1) % Texts.Count]);
        var payload = new JsonObject
        {
            ["action"] = text,
            ["pull_request"] = new JsonObject
            {
                ["number"] = n + 1,
                ["html_url"] = next,
                ["title"] = text,
                ["body"] = text,
                ["user"] = new JsonObject { ["login"] = text },
                ["head"] = new JsonObject { ["ref"] = text, ["sha"] = text },
            },
            ["repository"] = new JsonObject { ["name"] = "rocket", ["private"] = false, ["html_url"] = "https://github.com/acme/rocket", ["owner"] = new JsonObject { ["login"] = "acme" } },
            ["sender"] = new JsonObject { ["login"] = text },
        };
        var body = Encoding.UTF8.GetBytes(payload.ToJsonString());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "webhook")) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.Add("X-GitHub-Event", "pull_request");
        request.Headers.Add("X-GitHub-Delivery", $"d-{n}");
        request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData("signed"u8, body))}");
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private static JsonObject Event(int n) => new JsonObject
    {
        ["id"] = n + 1,
        ["type"] = Texts[n],
        ["url"] = Texts[(n + 1) % Texts.Count],
        ["time"] = Texts[(n + 2) % Texts.Count],
        ["delivery"] = Texts[(n + 3) % Texts.Count],
        ["commit"] = Texts[(n + 4) % Texts.Count],
        ["sentTo"] = n,
    };

    private static JsonObject Client(int n) => new JsonObject
    {
        ["id"] = Texts[n],
        ["name"] = Texts[(n + 1) % Texts.Count],
        ["follows"] = Texts[(n + 2) % Texts.Count],
        ["behind"] = n,
        ["since"] = Texts[(n + 3) % Texts.Count],
    };

    private static JsonArray Lines() => new(
        [.. Texts.Select((text, n) => new JsonObject { ["id"] = n, ["level"] = text, ["message"] = text, ["item"] = text, ["time"] = text })]);

    /// <summary>Tables draw what is in view: each is scrolled from its start to its end; the tree is unfolded.</summary>
    private async Task SeeEverythingAsync()
    {
        await OpenTreeAsync();
        await Page.EvaluateAsync("""
            async () => {
              const frame = () => new Promise(requestAnimationFrame);
              document.querySelectorAll('#tree details').forEach(details => { details.open = true; });
              for (const scroller of document.querySelectorAll('.scroller')) {
                for (let top = 0; top < scroller.scrollHeight; top += scroller.clientHeight || 400) {
                  scroller.scrollTop = top;
                  await frame();
                  await frame();
                }
              }
            }
            """);
    }

    private async Task ExpectOnlyTextAsync()
    {
        Assert.That(await Page.EvaluateAsync<bool>("() => window.pwned === undefined && ({}).x === undefined && ({}).name === undefined"), Is.True);
        Assert.That(
            await Page.EvaluateAsync<string[]>("""
                () => [...document.querySelectorAll('*')]
                  .filter(element => element.matches('main :is(script, img, iframe, object, embed, style, link, base, meta, form, template, video, audio, math, marquee, b)')
                    || element.getAttributeNames().some(name => name.startsWith('on')))
                  .map(element => element.outerHTML.slice(0, 200))
                """),
            Is.Empty);
        Assert.That(Complaints, Is.Empty);
    }
}
