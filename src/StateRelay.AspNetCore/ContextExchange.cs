using System.Net;
using System.Net.WebSockets;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.Http.Timeouts;

using StateRelay.Diagnostics;
using StateRelay.Http;
using StateRelay.Security;

namespace StateRelay.AspNetCore;

/// <summary>
/// A request that came through an application's own server. The context is the server's again when the exchange has ended, and is
/// not touched afterwards, whoever is late.
/// </summary>
internal sealed class ContextExchange(HttpContext context, string path, TransportServices services) : ServedExchange
{
    // A body is handed over in parts: the server copies what it is given before it waits for the client.
    private const int PartBytes = 64 * 1024;

    private const string SmuggledLength = "X-Content-Length";

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private bool _aborted;
    private bool _over;

    private volatile bool _ended;

    // Touched by the endpoint's task alone: whether the body was read to its end.
    private bool _bodyIsRead;

    // A WebSocket over HTTP/2 begins with CONNECT.
    public override string Method { get; } = IsExtendedConnect(context) ? "GET" : context.Request.Method;

    public override Version Version { get; } =
        HttpProtocol.IsHttp2(context.Request.Protocol) ? HttpVersion.Version20
        : HttpProtocol.IsHttp3(context.Request.Protocol) ? HttpVersion.Version30
        : HttpProtocol.IsHttp10(context.Request.Protocol) ? HttpVersion.Version10
        : HttpVersion.Version11;

    public override string Path => path;

    public override string Query => context.Request.QueryString.Value is ['?', .. var query] ? query : "";

    /// <summary>The path with what the relay is mounted under.</summary>
    public string WholePath => (context.Request.PathBase + context.Request.Path).ToUriComponent();

    public override IPAddress ConnectionAddress { get; } = AddressOf(context);

    protected override bool IsConnectionSecure => context.Request.IsHttps;

    protected override ProxyRules Proxies => services.Proxies;

    public override bool IsHostSettled => HostIsSettled;

    public override bool HasBody => context.Request.ContentLength > 0 || Header("Transfer-Encoding") is not null;

    public override bool AsksForWebSocket => IsExtendedConnect(context) || HeaderList.Contains(Header("Upgrade"), "websocket");

    public override bool IsEnded => _ended;

    /// <summary>See <see cref="IsHostSettled"/>.</summary>
    public required bool HostIsSettled { get; init; }

    /// <summary>Whether a WebSocket may be compressed, where its client shows nothing about who it is.</summary>
    public required bool Compresses { get; init; }

    /// <summary>How long a client may take to answer a ping frame.</summary>
    public required TimeSpan PongTimeout { get; init; }

    // Kestrel puts a length that came together with a coding out of the way, under another name.
    public override string? Header(string name)
    {
        var headers = context.Request.Headers;
        if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && headers.ContentLength is null)
            name = SmuggledLength;
        return headers.TryGetValue(name, out var values) && values.Count > 0 ? values.ToString() : null;
    }

    public override async ValueTask<RequestBody> ReadBodyAsync(BodyLimits limits)
    {
        // The limit given here counts, whether the application's own is wider or narrower.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;

        var body = await RequestBody.ReadAsync(context.Request.Body, context.Request.ContentLength, limits, services.Clock).ConfigureAwait(false);
        _bodyIsRead = body.Outcome == BodyOutcome.Whole;
        return body;
    }

    public override async Task<WebSocket> AcceptWebSocketAsync(string? subprotocol, TimeSpan keepAlive)
    {
        // Before the client hears of it: the next request may come right behind.
        ReturnSlot();

        // How long it lives says nothing about how fast the application answers.
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        if (context.Features.Get<IHttpMetricsTagsFeature>() is { } measured)
            measured.MetricsDisabled = true;

        var accepted = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = subprotocol,
            KeepAliveInterval = keepAlive,
            KeepAliveTimeout = keepAlive == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : PongTimeout,
            DangerousEnableCompression = Compresses && IsAnonymous,
        }).ConfigureAwait(false);
        _ended = true;
        return new MappedSocket(accepted, context.Features.Get<HeldUpgrade>()?.Stream, services.Clock, this);
    }

    public override async Task AnswerAsync(HttpAnswer answer)
    {
        lock (_gate)
        {
            if (_aborted)
                return;
            if (_ended)
                throw new InvalidOperationException("The request was answered already.");
            _ended = true;
        }

        services.Instruments.Answers.Add(1, new KeyValuePair<string, object?>("http.response.status_code", answer.Status));
        using var watchdog = services.Clock.CreateTimer(_ => CutOff(), null, services.WriteTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            Prepare(answer);
            if (HasBodyToSend(answer))
            {
                for (var sent = 0; sent < answer.Body.Length; sent += PartBytes)
                    await context.Response.Body.WriteAsync(answer.Body.Slice(sent, Math.Min(PartBytes, answer.Body.Length - sent)), context.RequestAborted).ConfigureAwait(false);
            }

            await context.Response.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Log.ClientGone(services.Logger, error.GetType().Name);
            Abort();
        }
    }

    public override void Abort()
    {
        lock (_gate)
        {
            _aborted = true;
            if (!_over)
                context.Abort();
        }
    }

    public override void End()
    {
        if (!_ended)
            Abort();
        lock (_gate)
            _over = true;
    }

    private void Prepare(HttpAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        foreach (var (name, value) in AnswerHeaders.For(answer))
            response.Headers[name] = value;
        foreach (var (name, value) in answer.Headers)
            response.Headers[name] = value;
        if (answer.ContentType is not null)
            response.ContentType = answer.ContentType;
        if (MayHaveBody(answer))
            response.ContentLength = answer.Body.Length;

        // From HTTP/2 on a connection carries other requests too, and each has an end of its own.
        if (Version.Major < 2 && (answer.CloseConnection || (HasBody && !_bodyIsRead)))
            response.Headers.Connection = "close";
    }

    private static bool MayHaveBody(HttpAnswer answer) => answer.Status is not (204 or 304);

    private bool HasBodyToSend(HttpAnswer answer) => Method != "HEAD" && MayHaveBody(answer) && !answer.Body.IsEmpty;

    // Length tells of content where one stream carries secrets beside what somebody else can choose.
    private bool IsAnonymous =>
        !IsAuthenticated(context)
        && context.Connection.ClientCertificate is null
        && Header("Authorization") is null
        && Header("Cookie") is null
        && Header("Sec-WebSocket-Protocol")?.Contains("bearer.", StringComparison.Ordinal) != true;

    private void CutOff()
    {
        Log.AnswerCutOff(services.Logger, services.WriteTimeout);
        Abort();
    }

    private static bool IsExtendedConnect(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: { } protocol }
        && protocol.Equals("websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the application knows who the request's user is. Asked of the context itself, it would make up one who is nobody.</summary>
    public static bool IsAuthenticated(HttpContext context) => context.Features.Get<IHttpAuthenticationFeature>()?.User?.Identity?.IsAuthenticated == true;

    private static IPAddress AddressOf(HttpContext context) =>
        context.Features.Get<IHttpConnectionFeature>()?.RemoteIpAddress is not { } address ? IPAddress.None
        : address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address;
}
