using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;

using StateRelay.Diagnostics;
using StateRelay.Security;

namespace StateRelay.Http;

/// <summary>
/// A request that came through <see cref="HttpListener"/>. The listener's traps end here: it does not know <c>HEAD</c>, ignores the
/// tokens of its writes, drains bodies nobody asked for, and throws at whoever answers a client that is gone.
/// </summary>
internal sealed class ListenerExchange(HttpListenerContext context, TransportServices services) : ServedExchange
{
    private const int MaxDrainedBytes = 64 * 1024;

    // Whoever sends a body that is only too large is to learn that, and reads no answer before all is sent.
    private const int MaxDrainedOfTooLarge = 32 * 1024 * 1024;
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // Guarded by _gate.
    private WebSocket? _socket;
    private bool _aborted;

    private volatile bool _ended;

    // Touched by the endpoint's task alone: how reading the body ended, null before it was read.
    private BodyOutcome? _body;

    // Set once, before the request is handled; null when nobody traces requests.
    private Activity? _activity;

    public override string Method => context.Request.HttpMethod;

    public override Version Version => context.Request.ProtocolVersion;

    public override string Path => context.Request.Url?.AbsolutePath ?? "";

    public override string Query => context.Request.Url?.Query is ['?', .. var query] ? query : "";

    public override IPAddress ConnectionAddress { get; } = AddressOf(context.Request);

    protected override bool IsConnectionSecure => false;

    protected override ProxyRules Proxies => services.Proxies;

    public override bool HasBody => context.Request.HasEntityBody || context.Request.Headers["Content-Length"] is not (null or "0");

    public override bool AsksForWebSocket => HeaderList.Contains(Header("Upgrade"), "websocket");

    public override bool IsEnded => _ended;

    public override void Routed(string route) => Activities.Routed(_activity, route);

    public override string? Header(string name) =>
        name.Equals("Host", StringComparison.OrdinalIgnoreCase) ? HostNamed() : context.Request.Headers[name];

    public override async ValueTask<RequestBody> ReadBodyAsync(BodyLimits limits)
    {
        if (_body is not null)
            throw new InvalidOperationException("The body was read already.");
        _body = BodyOutcome.Broken;
        var body = HasBody
            ? await RequestBody.ReadAsync(context.Request.InputStream, HasSizedBody ? context.Request.ContentLength64 : null, limits, services.Clock).ConfigureAwait(false)
            : RequestBody.Empty;
        _body = body.Outcome;
        return body;
    }

    /// <summary>Has the request handled, and tells whoever traces requests about it, which the listener does not.</summary>
    public Task TraceAsync(Func<HttpExchange, Task> handle)
    {
        _activity = Activities.StartRequest(Method, Header("traceparent"), Header("tracestate"));
        return _activity is null ? handle(this) : TracedAsync(handle, _activity);
    }

    public override async Task<WebSocket> AcceptWebSocketAsync(string? subprotocol, TimeSpan keepAlive)
    {
        // Before the client hears of it: the next request may come right behind.
        ReturnSlot();

        // Answered with null, an offer is echoed as an empty name, which browsers refuse.
        if (subprotocol is null)
            context.Request.Headers.Remove("Sec-WebSocket-Protocol");

        var interval = keepAlive == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : keepAlive;
        var accepted = await context.AcceptWebSocketAsync(subprotocol, interval).ConfigureAwait(false);
        _ended = true;
        lock (_gate)
        {
            _socket = accepted.WebSocket;
            if (_aborted)
                _socket.Dispose();
        }

        // The listener keeps them as long as the connection: kilobytes that nobody reads any more, with the client's token in them.
        context.Request.Headers.Clear();
        context.Response.Headers.Clear();
        Activities.Answered(_activity, (int)HttpStatusCode.SwitchingProtocols);
        return accepted.WebSocket;
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
        Activities.Answered(_activity, answer.Status);

        // Write tokens are ignored by the listener; only an abort frees a write that a client does not read.
        using var watchdog = services.Clock.CreateTimer(_ => CutOff(), null, services.WriteTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            Prepare(answer);
            if (HasBodyToSend(answer))
            {
                await context.Response.OutputStream.WriteAsync(answer.Body).ConfigureAwait(false);
                if (BytesToDrain is > 0 and var most)
                    await DrainAsync(most, watchdog).ConfigureAwait(false);
            }

            context.Response.Close();
        }
        catch (Exception error) when (IsClientGone(error))
        {
            Log.ClientGone(services.Logger, error.GetType().Name);
            Abort();
        }
    }

    public override void Abort()
    {
        bool unanswered;
        lock (_gate)
        {
            _aborted = true;
            unanswered = !_ended;
            _ended = true;
            _socket?.Dispose();     // anything less leaves the connection open
        }

        try
        {
            if (unanswered)
                Prepare(HttpAnswer.Empty(500) with { CloseConnection = true });     // as it stands, an abort would send 200
            context.Response.Abort();
        }
        catch (Exception error) when (IsClientGone(error))
        {
        }
    }

    public override void End()
    {
        if (!_ended || _socket is not null)
            Abort();
    }

    private async Task TracedAsync(Func<HttpExchange, Task> handle, Activity activity)
    {
        using (activity)
            await handle(this).ConfigureAwait(false);
    }

    private void Prepare(HttpAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        if (answer.CloseConnection || (HasBody && _body != BodyOutcome.Whole) || Version < HttpVersion.Version11)
            response.KeepAlive = false;
        foreach (var (name, value) in AnswerHeaders.For(answer))
            response.Headers[name] = value;
        foreach (var (name, value) in answer.Headers)
            response.Headers[name] = value;
        if (answer.ContentType is not null)
            response.ContentType = answer.ContentType;

        // Always known: unknown lengths are sent in chunks, which HTTP/1.0 cannot read.
        response.ContentLength64 = answer.Body.Length;
    }

    private bool HasSizedBody => HasBody && context.Request.Headers["Transfer-Encoding"] is null;

    /// <summary>How much of the body is still read behind the answer.</summary>
    private int BytesToDrain => _body switch
    {
        // A body in chunks that nobody asked for: where a chunk is malformed, the listener writes an answer of its own behind ours.
        null or BodyOutcome.NoRoom => HasSizedBody ? MaxDrainedBytes : 0,
        BodyOutcome.TooLarge => MaxDrainedOfTooLarge,
        _ => 0,     // it was read, or a read of it has not ended
    };

    private bool HasBodyToSend(HttpAnswer answer) =>
        Method != "HEAD" && answer.Status is not (204 or 304) && !answer.Body.IsEmpty;

    /// <summary>
    /// Reads a little of a body that nobody wants: closing a connection with unread bytes resets it, and the client may lose
    /// the answer that was just sent.
    /// </summary>
    private async Task DrainAsync(int most, ITimer watchdog)
    {
        watchdog.Change(DrainTimeout, Timeout.InfiniteTimeSpan);
        var buffer = new byte[16 * 1024];
        for (var drained = 0; drained < most;)
        {
            var read = await context.Request.InputStream.ReadAsync(buffer).ConfigureAwait(false);
            if (read == 0)
                return;
            drained += read;
        }
    }

    private void CutOff()
    {
        Log.AnswerCutOff(services.Logger, services.WriteTimeout);
        Abort();
    }

    // RFC 9112, section 3.2.2: the host of an absolute target counts, whatever the header says.
    private string? HostNamed() =>
        context.Request.RawUrl is { } target && target.Contains("://", StringComparison.Ordinal) && !target.StartsWith('/')
        && Uri.TryCreate(target, UriKind.Absolute, out var uri)
            ? uri.Authority
            : context.Request.Headers["Host"];

    private static IPAddress AddressOf(HttpListenerRequest request)
    {
        try
        {
            return request.RemoteEndPoint?.Address ?? IPAddress.None;
        }
        catch (Exception error) when (IsClientGone(error))
        {
            return IPAddress.None;
        }
    }

    // What the listener throws at whoever uses a connection that has ended; it also ends some before it hands them out.
    private static bool IsClientGone(Exception error) =>
        error is ObjectDisposedException or HttpListenerException or IOException or System.Net.Sockets.SocketException
            or InvalidOperationException or NullReferenceException;
}
