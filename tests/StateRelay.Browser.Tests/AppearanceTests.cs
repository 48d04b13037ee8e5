using System.Text.Json.Nodes;

namespace StateRelay.Browser.Tests;

/// <summary>How it looks and how it is used: themes, widths, keyboard, names for those who cannot see it.</summary>
public sealed class AppearanceTests : PageTest
{
    private const string Unnamed = """
        () => [...document.querySelectorAll('a[href], button, input, select, summary, progress, [role=img], [tabindex="0"]')]
          .filter(element => element.checkVisibility())
          .filter(element => {
            const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
            return name.trim() === '';
          })
          .map(element => element.outerHTML.slice(0, 120))
        """;

    private const string TooFaint = """
        () => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const channels = color => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
          };
          const light = ([r, g, b]) => [r, g, b]
            .map(channel => channel / 255)
            .map(channel => channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4)
            .reduce((sum, channel, index) => sum + channel * [0.2126, 0.7152, 0.0722][index], 0);
          const behind = element => {
            for (let at = element; at; at = at.parentElement) {
              const color = channels(getComputedStyle(at).backgroundColor);
              if (color[3] === 255) {
                return color;
              }
            }
            return [255, 255, 255];
          };
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const faint = new Set();
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (walker.currentNode.data.trim() === '' || !element.checkVisibility({ visibilityProperty: true }) || element.closest('noscript, option, .skip')) {
              continue;
            }
            const [a, b] = [light(channels(getComputedStyle(element).color)), light(behind(element))];
            const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (contrast < 4.5) {
              faint.add(`${walker.currentNode.data.trim()} (${element.className}): ${contrast.toFixed(2)}`);
            }
          }
          return [...faint];
        }
        """;

    [Test]
    public async Task Follows_the_systems_theme_until_one_is_chosen_and_remembers_the_choice()
    {
        await using var served = await Served.StartAsync(Some.Operation());
        await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await OpenAsync(served);
        Assert.That(await LightnessAsync(), Is.LessThan(0.2));

        await Page.GetByRole(AriaRole.Button, new() { Name = "Theme: system" }).ClickAsync();
        Assert.That(await LightnessAsync(), Is.GreaterThan(0.8));

        await Page.ReloadAsync();
        await Expect(Page.GetByRole(AriaRole.Button, new() { Name = "Theme: light" })).ToBeVisibleAsync();
        Assert.That(await LightnessAsync(), Is.GreaterThan(0.8));
    }

    [TestCase(ColorScheme.Light, "operation")]
    [TestCase(ColorScheme.Dark, "operation")]
    [TestCase(ColorScheme.Light, "events")]
    [TestCase(ColorScheme.Dark, "events")]
    public async Task Every_text_stands_out_from_what_is_behind_it(ColorScheme scheme, string view)
    {
        await using var served = await Served.StartAsync(Everything(view));
        await Page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await OpenAsync(served);
        await OpenTreeAsync();

        var tooFaint = await Page.EvaluateAsync<string[]>(TooFaint);

        Assert.That(tooFaint, Is.Empty);
    }

    [Test]
    public async Task Nothing_sticks_out_sideways_at_any_width([Values(320, 360, 768, 1280, 1920)] int width, [Values("operation", "events")] string view)
    {
        var state = Everything(view);
        state["title"] = new string('w', 200);
        state[view == "operation" ? "items" : "clients"]![0]!["name"] = new string('w', 300);
        state["other"] = JsonNode.Parse($$"""{"{{new string('k', 100)}}": "{{new string('v', 500)}}"}""");
        await using var served = await Served.StartAsync(state);
        await Page.SetViewportSizeAsync(width, 800);
        await OpenAsync(served);
        await OpenTreeAsync();

        var widths = await Page.EvaluateAsync<int[]>("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]");

        Assert.That(widths[0], Is.LessThanOrEqualTo(widths[1]));
    }

    [Test]
    public async Task The_keyboard_reaches_and_works_everything()
    {
        await using var served = await Served.StartAsync(Some.Operation("running", Some.Item("b"), Some.Item("a", "failed")));
        await OpenAsync(served);

        await Page.Keyboard.PressAsync("Tab");
        await Expect(Page.Locator(".skip")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Page.Locator("main")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Tab");
        await Expect(Page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Tab");
        await Page.Keyboard.PressAsync("Tab");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Page.Locator("[aria-pressed=true]")).ToContainTextAsync("Running");

        await Page.Locator("[aria-pressed]").First.FocusAsync();
        await Page.Keyboard.PressAsync("Space");
        await Page.Locator("th[data-column=name] button").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Page.Locator("tbody tr[data-key] th")).ToHaveTextAsync(["a", "b"]);
        var outline = await Page.EvaluateAsync<string>("() => getComputedStyle(document.activeElement).outlineStyle");
        Assert.That(outline, Is.EqualTo("solid"));

        await Page.Locator("#tree-details > summary").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Page.Locator("#tree .name").First).ToBeVisibleAsync();
    }

    [TestCase("operation")]
    [TestCase("events")]
    public async Task Everything_that_can_be_used_has_a_name(string view)
    {
        await using var served = await Served.StartAsync(Everything(view));
        await OpenAsync(served);
        await OpenTreeAsync();

        var unnamed = await Page.EvaluateAsync<string[]>(Unnamed);

        Assert.That(unnamed, Is.Empty);
    }

    [TestCase("operation")]
    [TestCase("events")]
    public async Task The_page_has_landmarks_one_main_heading_and_no_skipped_heading_levels(string view)
    {
        await using var served = await Served.StartAsync(Everything(view));
        await OpenAsync(served);

        await Expect(Page.GetByRole(AriaRole.Main)).ToHaveCountAsync(1);
        await Expect(Page.GetByRole(AriaRole.Banner)).ToHaveCountAsync(1);
        await Expect(Page.Locator("h1")).ToHaveCountAsync(1);
        var levels = await Page.EvaluateAsync<int[]>(
            "() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter(h => h.checkVisibility()).map(h => Number(h.tagName[1]))");
        Assert.That(levels.Zip(levels.Skip(1), (before, after) => after - before), Has.All.LessThanOrEqualTo(1));
    }

    [Test]
    public async Task Nothing_flashes_for_those_who_want_no_motion()
    {
        await using var served = await Served.StartAsync("""{"count": 1}""");
        await Page.EmulateMediaAsync(new() { ReducedMotion = ReducedMotion.Reduce });
        await OpenAsync(served);
        await OpenTreeAsync();
        await Expect(Page.Locator("#tree .value")).ToHaveTextAsync("1");

        served.Mutate(state => state["count"] = 2);
        await Expect(Page.Locator("#tree .value")).ToHaveTextAsync("2");

        Assert.That(await Page.EvaluateAsync<int>("() => document.getAnimations().length"), Is.Zero);
    }

    private static JsonObject Everything(string view)
    {
        if (view == "events")
            return Some.Relay(Some.Event(3), Some.Event(2, "push", "http://ci.example/" + new string('p', 300)), Some.Event(1, url: null));

        var state = Some.Operation("running", Some.Item("orders"), Some.Item("prices", "failed"), Some.Item("lines", "completed"), Some.Item("x", "retrying"));
        state["log"] = JsonNode.Parse("""[{"id":1,"time":"2026-11-21T22:00:00Z","level":"info","message":"begun","item":"orders"}]""");
        state["errors"] = JsonNode.Parse("""[{"id":2,"time":"2026-11-21T22:00:00Z","message":"disk full"}]""");
        state["warnings"] = JsonNode.Parse("""[{"id":3,"time":"2026-11-21T22:00:00Z","message":"disk nearly full"}]""");
        state["metrics"] = JsonNode.Parse("""[{"name":"speed","unit":"rows/s","value":2,"history":[{"id":4,"time":"2026-11-21T22:00:00Z","value":1},{"id":5,"time":"2026-11-21T22:00:01Z","value":2}]}]""");
        state["extra"] = JsonNode.Parse("""{"nodes":[{"name":"n1","load":1}],"deep":{"er":{"still":{"more":{"and":1}}}}}""");
        return state;
    }

    private Task<double> LightnessAsync() => Page.EvaluateAsync<double>(
        "() => { const c = document.createElement('canvas').getContext('2d'); c.fillStyle = getComputedStyle(document.body).backgroundColor; c.fillRect(0, 0, 1, 1); return c.getImageData(0, 0, 1, 1).data[1] / 255; }");
}
