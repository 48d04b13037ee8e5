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

    private const string ConnectPlainly = """
        address => new Promise(told => {
          const socket = new WebSocket(`${address.replace('http', 'ws')}ws?mode=state`);
          socket.onmessage = ({ data }) => told(data);
          socket.onerror = () => told('refused');
        })
        """;

    private const string FetchAsTheViewer = """
        address => fetch(`${address}api/state`, { credentials: 'include' }).then(answer => answer.text(), error => error.name)
        """;

    private const string LoadAsAScript = """
        address => new Promise(told => {
          const script = document.head.appendChild(document.createElement('script'));
          script.onload = () => told('ran');
          script.onerror = () => told('refused');
          script.src = `${address}api/state`;
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
    public async Task It_opens_no_socket_of_the_plain_dialect()
    {
        await using var served = await Served.StartAsync("""{"secret":"plans"}""");

        Assert.That(await OnOtherSiteAsync(served, ConnectPlainly), Is.EqualTo("refused"));
        Assert.That(served.Server.ClientCount, Is.Zero);
    }

    [TestCase(FetchAsTheViewer, "TypeError")]
    [TestCase(LoadAsAScript, "refused")]
    [TestCase(Frame, "refused")]
    [TestCase(Connect, "refused")]
    [TestCase(ConnectPlainly, "refused")]
    public async Task It_gets_nothing_in_the_browser_of_a_viewer_who_came_by_the_link(string script, string refusal)
    {
        await using var served = await Served.StartAsync("""{"secret":"plans"}""", options => options.ViewerToken = Secret.Random());
        await using var context = await Chromium.Browser.NewContextAsync(new() { BypassCSP = true });
        var viewer = await context.NewPageAsync();
        await viewer.GotoAsync(served.Server.ViewerLink!.ToString());
        await Assertions.Expect(viewer.Locator("#connection")).ToHaveTextAsync("Live");
        var page = await context.NewPageAsync();
        await page.GotoAsync(_other.Address.ToString());

        Assert.That(await page.EvaluateAsync<string>(script, served.Address.ToString()), Is.EqualTo(refusal));
        Assert.That(served.Server.ClientCount, Is.EqualTo(1), "the viewer alone");
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
