using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.AspNetCore;

/// <summary>WebSockets of an application's server: over TLS and HTTP/2, until their end, whoever ends them.</summary>
public sealed class MappedSocketTests
{
    private const string Subject = "CN=localhost";

    private const string Handshake = "GET /relay/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    [TestCase(HttpProtocols.Http1)]
    [TestCase(HttpProtocols.Http2)]
    [CancelAfter(30_000)]
    public async Task Over_TLS_the_state_and_its_changes_come_by_every_version(HttpProtocols protocols)
    {
        using var certificate = Certificate();
        var state = Some.Store();
        await using var application = await new TestApplication(state: state).StartAsync(
            app => app.MapStateRelay("/relay"),
            endpoint =>
            {
                endpoint.Protocols = protocols;
                endpoint.UseHttps(certificate);
            });
        using var handler = TrustingHandler();
        using var http = new HttpMessageInvoker(handler);
        using var viewer = new ClientWebSocket();
        viewer.Options.HttpVersion = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        viewer.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        viewer.Options.SetRequestHeader("Origin", application.Relay.Address.GetLeftPart(UriPartial.Authority));

        await viewer.ConnectAsync(SocketAddress(application, "wss"), http, TestContext.CurrentContext.CancellationToken);
        var first = await viewer.ReceiveTextAsync();
        state.Update(job => job with { Done = 7 }, new StateEvent("moved", StateEventClass.Milestone));
        var second = await viewer.ReceiveTextAsync();
        await viewer.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        Assert.That(application.Relay.Address.Scheme, Is.EqualTo("https"));
        Assert.That(first, Does.Contain("\"Done\":0"));
        Assert.That(second, Does.Contain("moved").Or.Contain("\"Done\":7"));
        Assert.That(viewer.CloseStatus, Is.EqualTo(WebSocketCloseStatus.NormalClosure));
    }

    [TestCase(HttpProtocols.Http1)]
    [TestCase(HttpProtocols.Http2)]
    [CancelAfter(30_000)]
    public async Task Over_TLS_pages_come_by_every_version(HttpProtocols protocols)
    {
        using var certificate = Certificate();
        await using var application = await new TestApplication().StartAsync(
            app => app.MapStateRelay("/relay"),
            endpoint =>
            {
                endpoint.Protocols = protocols;
                endpoint.UseHttps(certificate);
            });
        using var http = new HttpClient(TrustingHandler())
        {
            BaseAddress = application.Relay.Address,
            DefaultRequestVersion = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var page = await http.GetAsync("");
        using var refused = await http.GetAsync("nothing");
        using var posted = await http.PostAsync("api/state", new StringContent("nobody wants it"));

        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(posted.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [TestCase(null, 1001)]
    [TestCase("staterelay.v1.json", 4001)]
    [CancelAfter(30_000)]
    public async Task Whoever_is_connected_when_the_application_stops_is_told(string? subprotocol, int code)
    {
        await using var application = await new TestApplication().StartAsync(app => app.MapStateRelay("/relay"));
        using var viewer = new ClientWebSocket();
        if (subprotocol is not null)
            viewer.Options.AddSubProtocol(subprotocol);
        await viewer.ConnectAsync(SocketAddress(application), CancellationToken.None);
        await viewer.ReceiveTextAsync();

        var stopping = application.App.StopAsync();
        while (await viewer.ReceiveTextAsync() is not null)
        {
        }

        await viewer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await stopping;

        Assert.That((int?)viewer.CloseStatus, Is.EqualTo(code));
        Assert.That(application.Relay.ClientCount, Is.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_application_that_is_disposed_without_a_stop_leaves_nobody_connected()
    {
        var application = await new TestApplication().StartAsync(app => app.MapStateRelay("/relay"));
        var relay = application.Relay;
        using var viewer = await RawHttpClient.ConnectAsync(relay.Address);
        await viewer.SendAsync(Handshake + "\r\n");
        await viewer.ReadAnswerAsync();

        await application.App.DisposeAsync();

        Assert.That(relay.ClientCount, Is.Zero);
        application.Log.Dispose();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_viewer_that_does_not_answer_does_not_hold_the_stop_up_longer_than_it_may()
    {
        var clock = new ManualClock();
        var made = new TestApplication();
        made.Services.AddSingleton<TimeProvider>(clock);
        await using var application = await made.StartAsync(app => app.MapStateRelay("/relay"));
        using var viewer = await RawHttpClient.ConnectAsync(application.Relay.Address);
        await viewer.SendAsync(Handshake + "\r\n");
        await viewer.ReadAnswerAsync();

        var stopping = application.App.StopAsync();
        while (!stopping.IsCompleted)
        {
            clock.Push(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await stopping;
        Assert.That(application.Relay.ClientCount, Is.Zero);
    }

    // A text of one byte that is not UTF-8; a frame that continues nothing; one with reserved bits.
    [TestCase("81 81 00 00 00 00 FF", 1007)]
    [TestCase("80 80 00 00 00 00", 1002)]
    [TestCase("F1 80 00 00 00 00", 1002)]
    public async Task Whoever_breaks_the_protocol_hears_why_before_the_connection_ends(string frame, int code)
    {
        await using var application = await new TestApplication().StartAsync(app => app.MapStateRelay("/relay"));
        using var viewer = await RawHttpClient.ConnectAsync(application.Relay.Address);
        await viewer.SendAsync(Handshake + "\r\n");
        await viewer.ReadAnswerAsync();
        await ReadFrameAsync(viewer);

        // What comes behind it is still on its way when the server fails, and would reset the connection unread.
        await viewer.SendAsync(Convert.FromHexString(frame.Replace(" ", "", StringComparison.Ordinal)));
        await viewer.SendAsync(new byte[100_000]);
        var (head, payload) = await ReadFrameAsync(viewer);

        Assert.That(head, Is.EqualTo(0x88));
        Assert.That((payload[0] << 8) | payload[1], Is.EqualTo(code));
    }

    [Test]
    public async Task Whoever_broke_the_protocol_and_stays_is_cut_off()
    {
        var clock = new ManualClock();
        var made = new TestApplication();
        made.Services.AddSingleton<TimeProvider>(clock);
        await using var application = await made.StartAsync(app => app.MapStateRelay("/relay"));
        using var viewer = await RawHttpClient.ConnectAsync(application.Relay.Address);
        await viewer.SendAsync(Handshake + "\r\n");
        await viewer.ReadAnswerAsync();
        await ReadFrameAsync(viewer);
        await viewer.SendAsync(new byte[] { 0xF1, 0x80, 0, 0, 0, 0 });
        await ReadFrameAsync(viewer);

        while (application.Relay.ClientCount > 0)
        {
            clock.Push(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.That(await viewer.IsEndedAsync(), Is.True);
    }

    [Test]
    public async Task Whoever_answers_no_ping_is_cut_off()
    {
        await using var application = await new TestApplication(o => (o.PingInterval, o.PongTimeout) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100)))
            .StartAsync(app => app.MapStateRelay("/relay"));
        using var viewer = await RawHttpClient.ConnectAsync(application.Relay.Address);
        await viewer.SendAsync(Handshake + "\r\n");
        await viewer.ReadAnswerAsync();
        await ReadFrameAsync(viewer);

        var (head, _) = await ReadFrameAsync(viewer);

        Assert.That(head, Is.EqualTo(0x89));
        while (!await viewer.IsEndedAsync())
            await viewer.ReadBytesAsync(1);
    }

    [TestCase(false, "", false)]
    [TestCase(true, "", true)]
    [TestCase(true, "Authorization: Bearer something\r\n", false)]
    [TestCase(true, "Cookie: session=1\r\n", false)]
    [TestCase(true, "Sec-WebSocket-Protocol: staterelay.v1.json, bearer.c29tZXRoaW5n\r\n", false)]
    public async Task Compression_is_for_those_who_show_nothing_where_it_is_asked_for(bool asked, string proof, bool compressed)
    {
        await using var application = await new TestApplication().StartAsync(app => app.MapStateRelay("/relay", o => o.CompressWebSockets = asked));

        var answer = await RawHttpClient.AskRawAsync(application.Relay.Address, $"{Handshake}Sec-WebSocket-Extensions: permessage-deflate\r\n{proof}\r\n");

        Assert.That(answer.Status, Is.EqualTo(101));
        Assert.That(answer.Header("Sec-WebSocket-Extensions") is not null, Is.EqualTo(compressed));
    }

    [Test]
    public async Task With_a_viewer_token_nothing_is_compressed()
    {
        await using var application = await new TestApplication(o => o.ViewerToken = "secret").StartAsync(app => app.MapStateRelay("/relay", o => o.CompressWebSockets = true));

        var answer = await RawHttpClient.AskRawAsync(
            application.Relay.Address, $"{Handshake}Sec-WebSocket-Extensions: permessage-deflate\r\nAuthorization: Bearer secret\r\n\r\n");

        Assert.That((answer.Status, answer.Header("Sec-WebSocket-Extensions")), Is.EqualTo((101, (string?)null)));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_compressed_stream_tells_the_same()
    {
        var state = Some.Store();
        await using var application = await new TestApplication(state: state).StartAsync(app => app.MapStateRelay("/relay", o => o.CompressWebSockets = true));
        using var viewer = new ClientWebSocket();
        viewer.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();

        await viewer.ConnectAsync(SocketAddress(application), CancellationToken.None);

        Assert.That(await viewer.ReceiveTextAsync(), Does.StartWith("""{"type":"state_snapshot","state":{"Name":"nightly","Done":0}"""));
    }

    [Test]
    public async Task An_application_that_uses_WebSockets_itself_changes_nothing()
    {
        await using var application = await new TestApplication().StartAsync(app =>
        {
            app.UseWebSockets();
            app.MapStateRelay("/relay");
        });
        using var viewer = await RawHttpClient.ConnectAsync(application.Relay.Address);
        await viewer.SendAsync(Handshake + "\r\n");
        await viewer.ReadAnswerAsync();
        await ReadFrameAsync(viewer);

        await viewer.SendAsync(new byte[] { 0xF1, 0x80, 0, 0, 0, 0 });

        Assert.That((await ReadFrameAsync(viewer)).Head, Is.EqualTo(0x88));
    }

    private static Uri SocketAddress(TestApplication application, string scheme = "ws") => new UriBuilder(application.Relay.Address) { Scheme = scheme, Path = "/relay/ws" }.Uri;

    private static async Task<(int Head, byte[] Payload)> ReadFrameAsync(RawHttpClient viewer)
    {
        var head = await viewer.ReadBytesAsync(2);
        int length = head[1];
        if (length == 126)
        {
            var extended = await viewer.ReadBytesAsync(2);
            length = (extended[0] << 8) | extended[1];
        }

        return (head[0], await viewer.ReadBytesAsync(length));
    }

    private static SocketsHttpHandler TrustingHandler() => new() { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == Subject } };

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
