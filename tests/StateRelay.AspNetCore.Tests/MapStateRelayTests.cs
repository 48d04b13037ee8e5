using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using StateRelay.Diagnostics;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.AspNetCore;

/// <summary>The relay as a part of an application: where it is, who may come, and what of the application's own holds for it.</summary>
public sealed partial class MapStateRelayTests
{
    private const string Handshake = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

    [Test]
    public async Task The_page_and_all_that_it_names_are_below_the_path()
    {
        await using var application = await new TestApplication().StartAsync(app => app.MapStateRelay("/relay"));
        using var http = new HttpClient { BaseAddress = application.Relay.Address };

        var page = await http.GetStringAsync("");
        var named = Reference().Matches(page).Select(match => match.Groups[1].Value).ToArray();

        Assert.That(application.Relay.Address.AbsolutePath, Is.EqualTo("/relay/"));
        Assert.That(named, Has.Length.GreaterThan(3).And.All.StartWith("./"));
        foreach (var reference in named)
        {
            using var answer = await http.GetAsync(reference);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), reference);
        }

        Assert.That((await RawHttpClient.AskAsync(application.Relay.Address, "GET /api/state HTTP/1.1")).Status, Is.EqualTo(404), "beside it");
    }

    [TestCase("/relay", "/relay", "./relay/")]
    [TestCase("/relay/", "/relay", "./relay/")]
    [TestCase("/relay", "/relay?token=x&y=%20", "./relay/?token=x&y=%20")]
    [TestCase("/a/b%c3%a4", "/a/b%c3%a4", "./b%C3%A4/")]
    public async Task Without_the_last_slash_the_browser_is_sent_on(string pattern, string target, string location)
    {
        await using var application = await new TestApplication().StartAsync(app => app.MapStateRelay(Uri.UnescapeDataString(pattern)));

        var answer = await RawHttpClient.AskAsync(application.Relay.Address, $"GET {target} HTTP/1.1");

        Assert.That(answer.Status, Is.EqualTo(307));
        Assert.That(answer.Header("Location"), Is.EqualTo(location));
    }

    [Test]
    public async Task A_group_and_a_base_path_are_parts_of_the_path()
    {
        await using var application = await new TestApplication().StartAsync(app =>
        {
            app.UsePathBase("/base");
            app.UseRouting();
            app.MapGroup("/tools/{team}").MapStateRelay("relay");
        });

        var address = application.Relay.Address;
        var page = await RawHttpClient.AskAsync(address, "GET /base/tools/red/relay/ HTTP/1.1");
        var state = await RawHttpClient.AskAsync(address, "GET /base/tools/blue/relay/api/state HTTP/1.1");
        var socket = await RawHttpClient.AskAsync(address, $"GET /base/tools/red/relay/ws HTTP/1.1\r\n{Handshake}");

        Assert.That((page.Status, state.Status, socket.Status), Is.EqualTo((200, 200, 101)));
    }

    [Test]
    public async Task Behind_a_proxy_the_pages_own_origin_is_what_the_proxy_says()
    {
        await using var application = await new TestApplication(o => o.AllowedHosts.Add("team.example")).StartAsync(app =>
        {
            app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All });
            app.MapStateRelay("/relay");
        });
        const string Forwarded = "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: team.example\r\nX-Forwarded-Prefix: /depot\r\n";

        var own = await RawHttpClient.AskAsync(application.Relay.Address, $"GET /relay/ws HTTP/1.1\r\n{Forwarded}{Handshake}", "Origin: https://team.example");
        var other = await RawHttpClient.AskAsync(application.Relay.Address, $"GET /relay/ws HTTP/1.1\r\n{Forwarded}{Handshake}", "Origin: http://team.example");
        var sentOn = await RawHttpClient.AskAsync(application.Relay.Address, $"GET /relay HTTP/1.1\r\n{Forwarded.TrimEnd()}");

        Assert.That((own.Status, other.Status), Is.EqualTo((101, 403)));
        Assert.That(new Uri(new Uri("https://team.example/depot/relay"), sentOn.Header("Location")), Is.EqualTo(new Uri("https://team.example/depot/relay/")));
    }

    [Test]
    public async Task The_link_leads_to_the_page_and_its_cookie_holds_below_the_path_alone()
    {
        await using var application = await new TestApplication(o => o.ViewerToken = "open sesame").StartAsync(app => app.MapStateRelay("/relay"));
        var cookies = new CookieContainer();
        using var http = new HttpClient(new HttpClientHandler { CookieContainer = cookies });

        using var page = await http.GetAsync(application.Relay.ViewerLink);
        using var state = await http.GetAsync(new Uri(application.Relay.Address, "api/state"));

        Assert.That(page.RequestMessage!.RequestUri, Is.EqualTo(application.Relay.Address));
        Assert.That((page.StatusCode, state.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
        Assert.That(cookies.GetAllCookies().Single().Path, Does.StartWith("/relay"));
        Assert.That(cookies.GetCookies(new Uri(application.Relay.Address, "/")), Is.Empty);
    }

    [Test]
    public async Task No_port_of_its_own_is_opened()
    {
        await using var taken = new WebServer(Some.Store(), Some.Options());
        await taken.StartAsync();

        await using var application = await new TestApplication(o => o.Port = taken.Address.Port).StartAsync(app => app.MapStateRelay("/relay"));

        Assert.That((await RawHttpClient.AskAsync(application.Relay.Address, "GET /relay/api/state HTTP/1.1")).Status, Is.EqualTo(200));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task It_works_in_a_test_of_the_application_too()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseTestServer();
        builder.Services.AddRoutingCore();
        builder.Services.AddStateRelay().AddState(Some.Store());
        await using var app = builder.Build();
        app.MapStateRelay("/relay");
        await app.StartAsync();

        var page = await app.GetTestClient().GetStringAsync("/relay/");
        using var viewer = await app.GetTestServer().CreateWebSocketClient().ConnectAsync(new Uri("http://localhost/relay/ws"), CancellationToken.None);
        var first = await viewer.ReceiveTextAsync();
        await viewer.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        Assert.That(page, Does.Contain("StateRelay"));
        Assert.That(first, Does.Contain("nightly"));
        Assert.That(() => app.Services.GetRequiredService<WebServer>().Address, Throws.InvalidOperationException);
        await app.StopAsync();
    }

    [Test]
    public async Task A_relay_that_is_not_mapped_has_a_port_of_its_own()
    {
        await using var application = await new TestApplication(o => o.Port = null).StartAsync(app => app.MapGet("/", () => "the application"));

        Assert.That(application.App.Urls, Has.None.Contains($":{application.Relay.Address.Port}"));
        Assert.That((await RawHttpClient.AskAsync(application.Relay.Address, "GET /api/state HTTP/1.1")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Relays_with_names_have_places_of_their_own()
    {
        var made = new TestApplication(state: Some.Store("outer"));
        made.Services.AddStateRelay("inner").AddState(Some.Store("inner"));
        await using var application = await made.StartAsync(app =>
        {
            app.MapStateRelay("/relay");
            app.MapStateRelay("/inner", options => options.RelayName = "inner");
            Assert.That(() => app.MapStateRelay("/none", options => options.RelayName = "none"), Throws.InvalidOperationException.With.Message.Contains("\"none\""));
        });

        var outer = await RawHttpClient.AskAsync(application.Relay.Address, "GET /relay/api/state HTTP/1.1");
        var inner = await RawHttpClient.AskAsync(application.Relay.Address, "GET /inner/api/state HTTP/1.1");

        Assert.That(outer.Text, Does.Contain("\"outer\""));
        Assert.That(inner.Text, Does.Contain("\"inner\""));
    }

    [Test]
    public async Task What_cannot_be_mapped_is_said_at_once()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        await using var without = builder.Build();
        Assert.That(() => without.MapStateRelay("/relay"), Throws.InvalidOperationException.With.Message.Contains("AddStateRelay()"));

        await using var application = await new TestApplication().StartAsync(app =>
        {
            app.MapStateRelay("/relay");
            Assert.That(() => app.MapStateRelay("/second"), Throws.InvalidOperationException.With.Message.Contains("mapped already"));
            Assert.That(() => app.Services.GetRequiredService<WebServer>().Address, Throws.InvalidOperationException);
        });
        Assert.That(() => application.App.MapStateRelay("/late"), Throws.InvalidOperationException.With.Message.Contains("already started"));
    }

    [Test]
    public async Task The_address_is_logged_and_whether_it_is_open_to_all()
    {
        await using var application = await new TestApplication().StartAsync(app => app.MapStateRelay("/relay"));
        await using var open = await StartOnAllAddressesAsync(app => app.MapStateRelay("/relay"));
        await using var closed = await StartOnAllAddressesAsync(app => app.MapStateRelay("/relay").RequireAuthorization());

        var lines = application.Log.Lines.Select(line => line.Text).ToArray();
        Assert.That(lines, Has.Some.Contains($"Listening on {application.Relay.Address}"));
        Assert.That(lines, Has.None.Contains("Whoever"));
        Assert.That(open.Log.Lines.Where(line => line.Level == LogLevel.Warning).Select(line => line.Text), Has.One.Contains("Whoever").And.Some.Contains("/relay/"));
        Assert.That(closed.Log.Lines.Select(line => line.Text), Has.None.Contains("Whoever"));
    }

    [Test]
    public async Task RequireAuthorization_holds_for_everything_below_the_path()
    {
        var application = new TestApplication();
        AddUsers(application.Services);
        await using var running = await application.StartAsync(app => app.MapStateRelay("/relay").RequireAuthorization());

        foreach (var path in new[] { "", "api/state", "static/page.js", "healthz" })
        {
            Assert.That((await AskAsync(path)).Status, Is.EqualTo(401), path);
            Assert.That((await AskAsync(path, "X-User: amy")).Status, Is.EqualTo(200), path);
        }

        Assert.That((await AskAsync("ws", Handshake)).Status, Is.EqualTo(401));
        Assert.That((await AskAsync("ws", Handshake, "X-User: amy")).Status, Is.EqualTo(101));

        Task<RawAnswer> AskAsync(string path, params string[] headers) => RawHttpClient.AskAsync(running.Relay.Address, $"GET /relay/{path} HTTP/1.1", headers);
    }

    [Test]
    public async Task RequireHost_holds_and_the_hosts_it_names_need_no_other_list()
    {
        await using var application = await new TestApplication().StartAsync(app => app.MapStateRelay("/relay").RequireHost("relay.example", "*.tools.example"));

        Assert.That(await StatusForHostAsync(application, "relay.example"), Is.EqualTo(200));
        Assert.That(await StatusForHostAsync(application, "red.tools.example"), Is.EqualTo(200));
        Assert.That(await StatusForHostAsync(application, "evil.example"), Is.EqualTo(404));
        Assert.That(await StatusForHostAsync(application, "localhost"), Is.EqualTo(404));
    }

    [Test]
    public async Task Whoever_shows_nothing_must_name_a_host_that_somebody_named()
    {
        var application = new TestApplication(o => o.AllowedHosts.Add("relay.example"));
        AddUsers(application.Services);
        await using var running = await application.StartAsync(app =>
        {
            app.UseAuthentication();
            app.MapStateRelay("/relay");
        });
        await using var withToken = await new TestApplication(o => o.ViewerToken = "secret").StartAsync(app => app.MapStateRelay("/relay"));
        var filtered = new TestApplication();
        filtered.Services.Configure<HostFilteringOptions>(o => o.AllowedHosts = ["*.tools.example"]);
        await using var withFilter = await filtered.StartAsync(app => app.MapStateRelay("/relay"));
        var unfiltered = new TestApplication();
        unfiltered.Services.Configure<HostFilteringOptions>(o => o.AllowedHosts = ["*"]);
        await using var withStar = await unfiltered.StartAsync(app => app.MapStateRelay("/relay"));

        Assert.That(await StatusForHostAsync(running, "localhost"), Is.EqualTo(200));
        Assert.That(await StatusForHostAsync(running, "[::1]"), Is.EqualTo(200));
        Assert.That(await StatusForHostAsync(running, "relay.example"), Is.EqualTo(200));
        Assert.That(await StatusForHostAsync(running, "evil.example"), Is.EqualTo(421));
        Assert.That(await StatusForHostAsync(running, "evil.example", "X-User: amy"), Is.EqualTo(200));
        Assert.That(await StatusForHostAsync(withToken, "evil.example"), Is.EqualTo(401));
        Assert.That(await StatusForHostAsync(withToken, "any.example", "Authorization: Bearer secret"), Is.EqualTo(200));
        Assert.That(await StatusForHostAsync(withFilter, "red.tools.example"), Is.EqualTo(200));
        Assert.That(await StatusForHostAsync(withFilter, "evil.example"), Is.EqualTo(421));
        Assert.That(await StatusForHostAsync(withStar, "evil.example"), Is.EqualTo(421));
    }

    [Test]
    public async Task RequireRateLimiting_holds()
    {
        var application = new TestApplication();
        application.Services.AddRateLimiter(limits => limits.AddFixedWindowLimiter("few", few => (few.PermitLimit, few.Window) = (2, TimeSpan.FromHours(1))));
        await using var running = await application.StartAsync(app =>
        {
            app.UseRateLimiter();
            app.MapStateRelay("/relay").RequireRateLimiting("few");
        });

        var statuses = new List<int>();
        for (var i = 0; i < 3; i++)
            statuses.Add((await RawHttpClient.AskAsync(running.Relay.Address, "GET /relay/api/state HTTP/1.1")).Status);

        Assert.That(statuses, Is.EqualTo(new[] { 200, 200, 503 }));
    }

    [Test]
    public async Task RequireCors_holds()
    {
        var application = new TestApplication();
        application.Services.AddCors();
        await using var running = await application.StartAsync(app =>
        {
            app.UseCors();
            app.MapStateRelay("/relay").RequireCors(policy => policy.WithOrigins("https://tools.example").WithMethods("GET"));
        });

        var listed = await RawHttpClient.AskAsync(running.Relay.Address, "GET /relay/api/state HTTP/1.1", "Origin: https://tools.example");
        var other = await RawHttpClient.AskAsync(running.Relay.Address, "GET /relay/api/state HTTP/1.1", "Origin: https://evil.example");
        var preflight = await RawHttpClient.AskAsync(
            running.Relay.Address, "OPTIONS /relay/api/state HTTP/1.1", "Origin: https://tools.example", "Access-Control-Request-Method: GET");

        Assert.That(listed.Header("Access-Control-Allow-Origin"), Is.EqualTo("https://tools.example"));
        Assert.That(other.Header("Access-Control-Allow-Origin"), Is.Null);
        Assert.That((preflight.Status, preflight.Header("Access-Control-Allow-Origin")), Is.EqualTo((204, "https://tools.example")));
    }

    [Test]
    public async Task Nothing_is_compressed_for_a_user_whom_the_application_knows()
    {
        var application = new TestApplication();
        AddUsers(application.Services);
        await using var running = await application.StartAsync(app =>
        {
            app.UseAuthentication();
            app.MapStateRelay("/relay", options => options.CompressWebSockets = true);
        });

        var nobody = await AskAsync();
        var user = await AskAsync("X-User: amy");

        Assert.That((nobody.Status, nobody.Header("Sec-WebSocket-Extensions")), Is.EqualTo((101, "permessage-deflate")));
        Assert.That((user.Status, user.Header("Sec-WebSocket-Extensions")), Is.EqualTo((101, (string?)null)));

        Task<RawAnswer> AskAsync(params string[] headers) => RawHttpClient.AskAsync(
            running.Relay.Address, "GET /relay/ws HTTP/1.1", [Handshake, "Sec-WebSocket-Extensions: permessage-deflate", .. headers]);
    }

    [Test]
    public async Task A_delivery_is_a_part_of_the_applications_own_trace()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or Activities.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var application = new TestApplication();
        application.Services.AddStateRelay().AddGitHubWebhooks(options => options.Secrets.Add("a secret of webhooks"));
        await using (var running = await application.StartAsync(app => app.MapStateRelay("/relay")))
            await RawHttpClient.AskAsync(running.Relay.Address, "POST /relay/webhook HTTP/1.1", $"traceparent: 00-{Trace}-00f067aa0ba902b7-01", "Content-Length: 0");

        var ours = ended.Where(activity => activity.TraceId.ToHexString() == Trace).ToArray();
        Assert.That(ours.Select(activity => activity.Source.Name), Is.EquivalentTo(new[] { "Microsoft.AspNetCore", Activities.SourceName }));
        Assert.That(ours[0].OperationName, Is.EqualTo(Activities.Delivery));
        Assert.That(ours[0].ParentSpanId, Is.EqualTo(ours[1].SpanId));
    }

    private static async Task<int> StatusForHostAsync(TestApplication application, string host, params string[] headers) =>
        (await RawHttpClient.AskRawAsync(
            new UriBuilder("http", "localhost", new Uri(application.App.Urls.First()).Port).Uri,
            string.Join("\r\n", ["GET /relay/api/state HTTP/1.1", $"Host: {host}", .. headers, "", ""]))).Status;

    private static async Task<TestApplication> StartOnAllAddressesAsync(Action<WebApplication> use)
    {
        var application = new TestApplication();
        AddUsers(application.Services);
        application.Builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(0));
        return await application.StartAsync(use);
    }

    private static void AddUsers(IServiceCollection services)
    {
        services.AddAuthentication("Header").AddScheme<AuthenticationSchemeOptions, UserByHeader>("Header", null);
        services.AddAuthorization();
    }

    [GeneratedRegex("(?:src|href)=\"([^\"#]+)\"")]
    private static partial Regex Reference();

    /// <summary>Whoever says a name has it.</summary>
    private sealed class UserByHeader(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Headers["X-User"] is [{ } name]
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], Scheme.Name)), Scheme.Name))
                : AuthenticateResult.NoResult());
    }
}
