using StateRelay.Http;
using StateRelay.Security;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Http;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class DoorkeeperTests : IDisposable
{
    private const string Token = "s3cret";

    private readonly CollectingLogger _logger = new();

    public void Dispose() => _logger.Dispose();

    [Test]
    public async Task Whoever_comes_by_the_link_gets_a_cookie_and_is_sent_on_without_the_token()
    {
        var door = Door();

        var answer = (await door.RefuseViewerAsync(new CannedExchange("GET", "/?theme=dark&token=s3cret&x=1")))!;
        var cookie = answer.Headers.Single(header => header.Key == "Set-Cookie").Value;
        var next = await door.RefuseViewerAsync(new CannedExchange("GET", "/").With("Cookie", cookie.Split(';')[0]));

        Assert.That(answer.Status, Is.EqualTo(303));
        Assert.That(answer.Headers, Has.One.EqualTo(new KeyValuePair<string, string>("Location", "./?theme=dark&x=1")));
        Assert.That(answer.Headers, Has.One.EqualTo(new KeyValuePair<string, string>("Cache-Control", "no-store")));
        Assert.That(cookie, Does.Contain("HttpOnly").And.Contain("SameSite=Strict").And.Not.Contain(Token));
        Assert.That(next, Is.Null);
    }

    [TestCase("GET", "/?token=wrong")]
    [TestCase("GET", "/?token=")]
    [TestCase("GET", "/?token")]
    [TestCase("HEAD", "/?token=s3cret")]
    [TestCase("POST", "/?token=s3cret")]
    [TestCase("GET", "/api/state?token=s3cret")]
    [TestCase("GET", "/ws?token=s3cret")]
    public async Task Only_the_link_as_it_was_given_opens(string method, string target)
    {
        var answer = await Door().RefuseViewerAsync(new CannedExchange(method, target));

        Assert.That(answer!.Status, Is.EqualTo(401));
        Assert.That(System.Text.Encoding.UTF8.GetString(answer.Body.Span), Does.Not.Contain(Token));
    }

    [Test]
    public async Task Without_a_token_of_the_server_the_link_is_a_page_like_any_other()
    {
        Assert.That(await Door(token: null).RefuseViewerAsync(new CannedExchange("GET", "/?token=anything")), Is.Null);
    }

    [Test]
    public async Task The_host_decides_after_the_token_and_hears_what_the_request_is()
    {
        ViewerRequest? heard = null;
        var door = Door(authorize: request =>
        {
            heard = request;
            return ValueTask.FromResult(request.Header("X-User") == "amy");
        });

        var noToken = await door.RefuseViewerAsync(new CannedExchange("GET", "/api/state"));
        var heardWithoutToken = heard;
        var other = await door.RefuseViewerAsync(Bearer().With("X-User", "bob"));
        var amy = await door.RefuseViewerAsync(Bearer().With("X-User", "amy"));

        Assert.That(noToken!.Status, Is.EqualTo(401));
        Assert.That(heardWithoutToken, Is.Null);
        Assert.That(other!.Status, Is.EqualTo(403));
        Assert.That(amy, Is.Null);
        Assert.That((heard!.Method, heard.Path), Is.EqualTo(("GET", "/api/state")));
    }

    [Test]
    public async Task A_host_that_fails_to_decide_lets_nobody_in()
    {
        var answer = await Door(authorize: _ => throw new FormatException("inner")).RefuseViewerAsync(Bearer());
        var later = await Door(authorize: _ => ValueTask.FromException<bool>(new FormatException("inner"))).RefuseViewerAsync(Bearer());

        Assert.That(answer!.Status, Is.EqualTo(500));
        Assert.That(later!.Status, Is.EqualTo(500));
        Assert.That(System.Text.Encoding.UTF8.GetString(answer.Body.Span), Does.Not.Contain("inner"));
        Assert.That(_logger.Lines, Has.Exactly(2).Items);
    }

    private static CannedExchange Bearer() => new CannedExchange("GET", "/api/state").With("Authorization", "Bearer " + Token);

    private Doorkeeper Door(string? token = Token, Func<ViewerRequest, ValueTask<bool>>? authorize = null) =>
        new(new HostRules(["localhost"]), new ViewerGate(token is null ? null : new Secret(token), "8080"), authorize, _logger);
}
