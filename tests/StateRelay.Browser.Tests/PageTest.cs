using System.Collections.Concurrent;

namespace StateRelay.Browser.Tests;

/// <summary>A test with a page of its own; it fails if the page complains of anything.</summary>
public abstract class PageTest
{
    private readonly ConcurrentQueue<string> _complaints = new();

    protected IPage Page { get; private set; } = null!;

    /// <summary>What the page wrote to the console, errors it did not catch, and what its policy refused.</summary>
    protected IReadOnlyList<string> Complaints => [.. _complaints];

    [SetUp]
    public async Task OpenPageAsync()
    {
        _complaints.Clear();
        var context = await Chromium.Browser.NewContextAsync(ContextOptions);
        context.SetDefaultTimeout(10_000);
        Assertions.SetDefaultExpectTimeout(10_000);
        Page = await context.NewPageAsync();
        Page.Console += (_, message) => Complain($"{message.Type}: {message.Text}");
        Page.PageError += (_, error) => Complain(error);
        await Page.AddInitScriptAsync(
            "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective, e.blockedURI))");
    }

    [TearDown]
    public async Task ClosePageAsync()
    {
        await Page.Context.CloseAsync();

        Assert.That(Complaints, Is.Empty);
    }

    protected virtual BrowserNewContextOptions ContextOptions => new() { ViewportSize = new() { Width = 1280, Height = 900 } };

    protected static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    /// <summary>Opens the page and waits until it is live.</summary>
    private protected async Task OpenAsync(Served served, string query = "")
    {
        await Page.GotoAsync(served.Address + query);
        await Expect(Page.Locator("#connection")).ToHaveTextAsync("Live");
    }

    /// <summary>Opens the whole state, and waits until it is drawn: browsers tell of what was opened in their own time.</summary>
    private protected async Task OpenTreeAsync()
    {
        await Page.Locator("#tree-details > summary").ClickAsync();
        await Expect(Page.Locator("#tree .name").First).ToBeVisibleAsync();
    }

    // The browser itself tells of every connection that fails; those are what some tests are about.
    private void Complain(string text)
    {
        if (!text.Contains("WebSocket connection to", StringComparison.Ordinal))
            _complaints.Enqueue(text);
    }
}
