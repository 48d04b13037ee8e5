using System.Text.Json.Nodes;

namespace StateRelay.Browser.Tests;

/// <summary>States of any shape.</summary>
public sealed class AnythingTests : PageTest
{
    [Test]
    public async Task Draws_each_member_by_what_it_looks_like()
    {
        await using var served = await Served.StartAsync("""
            {
              "name": "Fleet", "status": "healthy", "driversOnDuty": 14, "open": true, "nothing": null,
              "trucks": {"T7": {"speed": 81, "driver": "Amy"}, "T9": {"speed": 60, "driver": "Bo"}},
              "depots": [{"id": 1, "city": "Oslo"}, {"id": 2, "city": "Bergen", "bays": 8}],
              "load": [3, 4, 5, 4], "tags": ["winter", "north"],
              "limits": {"speed": 90, "breaks": {"minutes": 45}}, "empty": [], "constructor": 1
            }
            """);

        await OpenAsync(served);

        await Expect(Page.Locator("h1")).ToHaveTextAsync("Fleet");
        await Expect(Page.Locator("#status .badge")).ToHaveTextAsync("Healthy");
        await Expect(Page.Locator("#view > .any > .object > .tiles dt")).ToHaveTextAsync(["Drivers on duty", "Open", "Nothing", "Constructor"]);
        await Expect(Section("trucks").Locator("tbody tr[data-key] th")).ToHaveTextAsync(["T7", "T9"]);
        await Expect(Section("depots").Locator("thead th")).ToHaveTextAsync(["Id", "City", "Bays"]);
        await Expect(Section("load").GetByRole(AriaRole.Img)).ToBeVisibleAsync();
        await Expect(Section("tags").Locator("li")).ToHaveTextAsync(["winter", "north"]);
        await Expect(Section("breaks")).ToContainTextAsync("45");
        await Expect(Section("empty")).ToContainTextAsync("Empty.");
    }

    [TestCase("null")]
    [TestCase("42")]
    [TestCase("\"a text\"")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("[1,[2,[3,[4,{\"a\":[]}]]]]")]
    [TestCase("[{\"a\":1},{\"b\":{\"c\":2}}]")]
    [TestCase("{\"\":{\"\":{\"\":{\"\":{\"\":{\"\":0}}}}}}")]
    [TestCase("{\"view\":\"operation\"}")]
    public async Task Any_value_can_be_the_state(string json)
    {
        await using var served = await Served.StartAsync("[[[0]]]");
        await OpenAsync(served);

        served.State.Update(_ => new JsonObject { ["now"] = JsonNode.Parse(json) });
        await Expect(Page.Locator("#view")).Not.ToHaveTextAsync("");
        await OpenTreeAsync();

        await Expect(Page.Locator("#tree > li > details > ul > li .name").First).ToHaveTextAsync("now");
    }

    [Test]
    public async Task A_member_that_changes_its_look_is_drawn_anew()
    {
        await using var served = await Served.StartAsync("""{"it": [1, 2, 3]}""");
        await OpenAsync(served);
        await Expect(Section("it").GetByRole(AriaRole.Img)).ToBeVisibleAsync();

        served.Mutate(state => state["it"] = JsonNode.Parse("""[{"name": "a"}]"""));

        await Expect(Section("it").Locator("tbody th")).ToHaveTextAsync("a");
    }

    [Test]
    public async Task The_tree_opens_member_by_member_and_what_changes_flashes()
    {
        await using var served = await Served.StartAsync("""{"a": {"b": {"c": 1}}, "other": 1}""");
        await OpenAsync(served);
        await OpenTreeAsync();
        await Page.Locator("#tree summary").GetByText("a", new() { Exact = true }).ClickAsync();
        await Page.Locator("#tree summary").GetByText("b", new() { Exact = true }).ClickAsync();
        await Expect(Page.Locator("#tree .leaf", new() { HasTextString = "c" }).Locator(".value")).ToHaveTextAsync("1");
        await Page.EvaluateAsync("""
            () => {
              window.flashed = [];
              const animate = Element.prototype.animate;
              Element.prototype.animate = function (...args) {
                window.flashed.push(this.textContent);
                return animate.apply(this, args);
              };
            }
            """);

        served.Mutate(state => state["a"]!["b"]!["c"] = 2);

        await Expect(Page.Locator("#tree .leaf", new() { HasTextString = "c" }).Locator(".value")).ToHaveTextAsync("2");
        Assert.That(await Page.EvaluateAsync<string[]>("() => window.flashed"), Is.EqualTo(new[] { "2" }));
    }

    private ILocator Section(string name) => Page.Locator($"section[data-name='{name}']");
}
