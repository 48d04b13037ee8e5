using System.Text.RegularExpressions;

namespace StateRelay.Browser.Tests;

/// <summary>The JavaScript of README.md does what it says, run as it stands there.</summary>
public sealed partial class ReadmeTests
{
    private static IEnumerable<int> Examples => Enumerable.Range(0, Blocks().Count);

    [TestCaseSource(nameof(Examples))]
    public async Task An_example_follows_the_state(int example)
    {
        await using var served = await Served.StartAsync("""{"status":"preparing"}""");
        await using var context = await Chromium.Browser.NewContextAsync(new() { BypassCSP = true });
        var page = await context.NewPageAsync();
        await page.GotoAsync(served.Address + "healthz");
        await page.SetContentAsync("<p id='status'></p>");

        await page.AddScriptTagAsync(new() { Type = "module", Content = Blocks()[example].Replace("localhost:8080", served.Address.Authority, StringComparison.Ordinal) });
        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("preparing");
        served.Mutate(state => state["status"] = "running");

        await Assertions.Expect(page.Locator("#status")).ToHaveTextAsync("running");
    }

    [Test]
    public void There_are_two_examples()
    {
        Assert.That(Blocks(), Has.Count.EqualTo(2));
    }

    private static List<string> Blocks() => [.. Block().Matches(RepositoryFolder.Read("README.md")).Select(match => match.Groups[1].Value)];

    [GeneratedRegex(@"^```js\r?\n([\s\S]*?)^```", RegexOptions.Multiline)]
    private static partial Regex Block();
}
