namespace StateRelay.Browser.Tests;

/// <summary>What a page of another site, open in the same browser, can learn: nothing, unless its origin is listed.</summary>
public sealed class OtherSiteTests
{
    private const string Fetch = """
        address => fetch(`${address}api/state`).then(answer => answer.text(), error => error.name)
        """;

    private const string Connect = """
        address => new Promise(told => {
          const socket = new WebSocket(`${address.replace('http', 'ws')}ws`, 'staterelay.v1.json');
          socket.onmessage = ({ data }) => told(data);
          socket.onerror = () => told('refused');
        })
        """;

    private const string Frame = """
        address => new Promise(told => {
          const frame = document.body.appendChild(document.createElement('iframe'));
          frame.onload = () => setTimeout(() => told(frame.contentDocument === null ? 'refused' : 'readable'));
          frame.src = address;
        })
        """;

    private Served _other = null!;

    private string OtherOrigin => $"http://{_other.Address.Authority}";

    [SetUp]
    public async Task BeginAsync() => _other = await Served.StartAsync("{}");

    [TearDown]
    public async Task EndAsync() => await _other.DisposeAsync();

    [Test]
    public async Task It_reads_no_state()
    {
        await using var served = await Served.StartAsync("""{"secret":"plans"}""");

        Assert.That(await OnOtherSiteAsync(served, Fetch), Is.EqualTo("TypeError"));
        Assert.That(await OnOtherSiteAsync(served, Frame), Is.EqualTo("refused"));
    }

    [Test]
    public async Task It_opens_no_socket()
    {
        await using var served = await Served.StartAsync("""{"secret":"plans"}""");

        Assert.That(await OnOtherSiteAsync(served, Connect), Is.EqualTo("refused"));
        Assert.That(served.Server.ClientCount, Is.Zero);
    }

    [Test]
    public async Task One_that_is_listed_does_both()
    {
        await using var served = await Served.StartAsync("""{"secret":"plans"}""", options => options.AllowedOrigins.Add(OtherOrigin));

        Assert.That(await OnOtherSiteAsync(served, Fetch), Does.Contain("plans"));
        Assert.That(await OnOtherSiteAsync(served, Connect), Does.Contain("hello"));
    }

    // The other site is a server of ours, without the policy that would keep its page from trying.
    private async Task<string> OnOtherSiteAsync(Served served, string script)
    {
        await using var context = await Chromium.Browser.NewContextAsync(new() { BypassCSP = true });
        var page = await context.NewPageAsync();
        await page.GotoAsync(_other.Address.ToString());
        return await page.EvaluateAsync<string>(script, served.Address.ToString());
    }
}
