using System.Net;
using System.Net.WebSockets;

using StateRelay.Http;
using StateRelay.Security;

namespace StateRelay.Tests.Support;

/// <summary>A request made by hand; keeps the answer it is given.</summary>
internal sealed class CannedExchange(string method, string target) : HttpExchange
{
    private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);

    public HttpAnswer? Answer { get; private set; }

    public override string Method => method;

    public override Version Version => Http;

    public Version Http { get; init; } = HttpVersion.Version11;

    public override string Path => target.Split('?')[0];

    public override string Query => target.Contains('?', StringComparison.Ordinal) ? target[(target.IndexOf('?', StringComparison.Ordinal) + 1)..] : "";

    public override IPAddress ConnectionAddress => Address;

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    protected override bool IsConnectionSecure => false;

    protected override ProxyRules Proxies => TrustedProxies;

    public ProxyRules TrustedProxies { get; init; } = ProxyRules.None;

    public override bool HasBody => Body is not null;

    /// <summary>What the body is read from; null for a request without one.</summary>
    public Stream? Body { get; init; }

    /// <summary>The length that was announced; null for a body that ends where it ends.</summary>
    public long? BodyLength { get; init; }

    /// <summary>Times the reading of the body.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public override bool IsEnded => Answer is not null;

    public override bool AsksForWebSocket => HeaderList.Contains(Header("Upgrade"), "websocket");

    public CannedExchange With(string name, string? value)
    {
        if (value is null)
            _headers.Remove(name);
        else
            _headers[name] = value;
        return this;
    }

    public override string? Header(string name) => _headers.GetValueOrDefault(name);

    public override async ValueTask<RequestBody> ReadBodyAsync(BodyLimits limits) =>
        Body is null ? RequestBody.Empty : await RequestBody.ReadAsync(Body, BodyLength, limits, Clock);

    /// <summary>The server's side of the socket that the handshake leads to.</summary>
    public WebSocket? Socket { get; init; }

    /// <summary>What the handshake settled on, null before it was accepted or when the client offered none.</summary>
    public string? Subprotocol { get; private set; }

    public override Task<WebSocket> AcceptWebSocketAsync(string? subprotocol, TimeSpan keepAlive)
    {
        Subprotocol = subprotocol;
        return Task.FromResult(Socket ?? throw new NotSupportedException());
    }

    public override Task AnswerAsync(HttpAnswer answer)
    {
        Answer = Answer is null ? answer : throw new InvalidOperationException("A second answer.");
        return Task.CompletedTask;
    }

    /// <summary>Has an endpoint answer it; completes when that is done, and a WebSocket that it became is gone.</summary>
    public async Task ServeAsync(Func<HttpExchange, Task> handle)
    {
        await handle(this);
        await Life;
    }

    /// <summary>A header of the answer; null when it has none of that name.</summary>
    public string? Answered(string header) =>
        Answer!.Headers.Where(pair => pair.Key == header).Select(pair => pair.Value).SingleOrDefault();

    /// <summary>The body of the answer as text.</summary>
    public string AnsweredText => System.Text.Encoding.UTF8.GetString(Answer!.Body.Span);

    /// <summary>A handshake in order.</summary>
    public static CannedExchange Handshake(string target = "/ws", WebSocket? socket = null) => new CannedExchange("GET", target) { Socket = socket }
        .With("Host", "localhost")
        .With("Upgrade", "websocket")
        .With("Connection", "keep-alive, Upgrade")
        .With("Sec-WebSocket-Version", "13")
        .With("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
}
