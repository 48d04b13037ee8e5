namespace StateRelay.Browser.Tests;

/// <summary>
/// The one browser of all tests: the machine's own Chromium, headless. Where there is none the tests are skipped, except
/// under <c>CI=true</c>, where they fail: there they are meant to run. Playwright brings only its driver.
/// </summary>
[SetUpFixture]
public sealed class Chromium
{
    // The first is Debian's Chromium without the windows around its pages, which only take time.
    private static readonly string[] Names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private static IPlaywright? _playwright;

    public static IBrowser Browser { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (Find() is not { } path)
        {
            const string None = "There is no Chromium: install one that is on the PATH, or name it in CHROMIUM_PATH.";
            if (Environment.GetEnvironmentVariable("CI") == "true")
                Assert.Fail(None);
            Assert.Ignore(None);
            return;
        }

        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        _playwright?.Dispose();
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } named)
            return named;

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin");
        return folders.SelectMany(folder => Names, Path.Combine).FirstOrDefault(File.Exists);
    }
}
