using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace StateRelay.Tests.Reliability.Secrets;

/// <summary>The viewer token, and what somebody shows in its place, in every part of a request that a token may come or slip into.</summary>
[NonParallelizable]
public sealed class ViewerTokenTests
{
    private const string Right = "mark-of-the-right-token";
    private const string Wrong = "mark-of-a-wrong-token";

    private static readonly string[] Targets =
    [
        "/", "/?token={0}", "/?token={0}&token={0}", "/?TOKEN={0}", "/?x={0}", "/api/state", "/api/state?token={0}", "/api/state?topic={0}", "/api/state?since={0}:1", "/ws",
        "/ws?token={0}", "/ws?mode={0}", "/ws?topic={0}", "/static/page.js?token={0}", "/static/{0}", "/{0}", "/healthz?token={0}", "/readyz?{0}", "/ws?token={0}%", "//{0}@x/",
    ];

    private static readonly string[] Headers =
    [
        "X-None: 1", "Authorization: Bearer {0}", "authorization: bearer   {0} ", "Authorization: {0}", "Authorization: Basic {1}", "Authorization: Bearer {0} {0}",
        "Authorization: Bearer {0}\u0001", "Authorization: Bearer\t{0}", "Authorization : Bearer {0}", "Cookie: staterelay-viewer-{2}={0}", "Cookie: {0}", "Cookie: x=\"{0}; y={0}",
        "Cookie: staterelay-viewer-{2}={0}; staterelay-viewer-{2}={0}", "Sec-WebSocket-Protocol: bearer.{1}, staterelay.v1.json", "Sec-WebSocket-Protocol: bearer.{0}!, staterelay.v1.json",
        "Sec-WebSocket-Protocol: {0}", "Origin: http://{0}", "Referer: http://localhost/?token={0}", "If-None-Match: \"{0}\"", "traceparent: {0}", "X-Forwarded-For: {0}", "User-Agent: {0}",
        "Proxy-Authorization: Bearer {0}", "X-Api-Key: {0}", "Content-Type: {0}", "Content-Length: {0}", "Transfer-Encoding: {0}", "Expect: {0}",
    ];

    [TestCase(false)]
    [TestCase(true)]
    public async Task It_stands_in_no_answer_no_log_line_no_measurement_and_no_activity(bool isMapped)
    {
        using var watch = new Watch();
        var state = new StateStore<JsonNode>(JsonNode.Parse("""{"status":"running"}""")!, AnyJson.Default.JsonNode);
        await using var served = await ServeAsync(watch, state, isMapped);
        var address = served.Relay.Address;

        foreach (var token in (string[])[Right, Wrong])
        {
            foreach (var target in Targets)
                await Task.WhenAll(Headers.Select(async header => watch.See(await Exchange.AskAsync(address, Request(address, target, header, token)))));
        }

        state.Mutate(json => json["status"] = "completed");
        await served.DisposeAsync();
        Assert.That(watch.Seen, Has.Some.StartsWith("logged").And.Some.StartsWith("measured").And.Some.Contains("HTTP/1.1 101").And.Some.Contains("HTTP/1.1 401"));
        watch.ExpectNoneOf(Right, Wrong);
    }

    [Test]
    public async Task Only_the_link_has_it_and_no_text_that_the_server_gives_of_itself()
    {
        using var watch = new Watch();
        await using var served = await ServeAsync(watch, new StateStore<JsonNode>(JsonNode.Parse("{}")!, AnyJson.Default.JsonNode), isMapped: false);

        watch.See($"{served.Relay} {served.Relay.Address}");

        watch.ExpectNoneOf(Right);
        Assert.That(served.Relay.ViewerLink!.Query, Is.EqualTo($"?token={Right}"));
    }

    private static string Request(Uri address, string target, string header, string token)
    {
        var base64 = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(token));
        var upgrade = target.StartsWith("/ws", StringComparison.Ordinal)
            ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            : "Connection: close\r\n";
        return $"GET {string.Format(null, target, token)} HTTP/1.1\r\nHost: {address.Authority}\r\n{upgrade}{string.Format(null, header, token, base64, address.Port)}\r\n\r\n";
    }

    private static async Task<Serving> ServeAsync(Watch watch, StateStore state, bool isMapped)
    {
        if (!isMapped)
        {
            var server = new WebServer(state, Configure(new WebServerOptions { Host = "127.0.0.1", Port = null }), watch);
            await server.StartAsync();
            return new Serving(server, null);
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Depot" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<ILoggerFactory>(watch);
        builder.Services.AddStateRelay(options => Configure(options)).AddState(state);
        var app = builder.Build();
        app.MapStateRelay("/");
        await app.StartAsync();
        return new Serving(app.Services.GetRequiredService<WebServer>(), app);
    }

    private static WebServerOptions Configure(WebServerOptions options)
    {
        options.ViewerToken = new Secret(Right);
        options.MaxConnectsPerMinute = 100_000;
        return options;
    }

    private sealed record Serving(WebServer Relay, WebApplication? App) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Relay.DisposeAsync();
            if (App is not null)
                await App.DisposeAsync();
        }
    }
}
