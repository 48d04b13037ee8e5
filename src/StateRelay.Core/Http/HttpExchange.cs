using System.Net;
using System.Net.WebSockets;

using StateRelay.Security;

namespace StateRelay.Http;

/// <summary>
/// One request and its one answer, whatever server it came through: all that endpoints know of HTTP. Used by one task.
/// </summary>
internal abstract class HttpExchange
{
    /// <summary>The method as sent; <c>GET</c> for a WebSocket, also over HTTP/2, where it is sent as <c>CONNECT</c>.</summary>
    public abstract string Method { get; }

    /// <summary>The version of HTTP that the request is written in.</summary>
    public virtual Version Version => HttpVersion.Version11;

    /// <summary>The path as sent, escapes kept, without the base path the relay is mounted under; begins with <c>/</c>.</summary>
    public abstract string Path { get; }

    /// <summary>The query as sent, without the question mark; empty when there is none.</summary>
    public abstract string Query { get; }

    /// <summary>Where the connection comes from: the client's own address, or that of a proxy.</summary>
    public abstract IPAddress ConnectionAddress { get; }

    /// <summary>Where the client is, as far as trusted proxies tell: this is what counts for limits, and what is logged.</summary>
    public IPAddress RemoteAddress => field ??= Proxies.ClientOf(ConnectionAddress, Header("X-Forwarded-For"));

    /// <summary>Whether the browser speaks TLS to this server; decides the scheme of the server's own origin.</summary>
    public bool IsSecure => IsConnectionSecure || Proxies.IsSecure(ConnectionAddress, Header("X-Forwarded-Proto"));

    /// <summary>Whether the connection is a TLS one, whoever is at its other end.</summary>
    protected abstract bool IsConnectionSecure { get; }

    /// <summary>The proxies whose word counts.</summary>
    protected virtual ProxyRules Proxies => ProxyRules.None;

    /// <summary>Whether something else than our own list has settled that the request may name the host that it names.</summary>
    public virtual bool IsHostSettled => false;

    /// <summary>Whether the request has a body, by its headers.</summary>
    public abstract bool HasBody { get; }

    /// <summary>The value of a request header, null when it was not sent. Names are compared without case.</summary>
    public abstract string? Header(string name);

    /// <summary>
    /// Reads the body, once. What goes wrong with it is an outcome, not an exception; dispose what it gives. A body that is refused
    /// still needs its answer: <see cref="RequestBody.Refusal"/>.
    /// </summary>
    public abstract ValueTask<RequestBody> ReadBodyAsync(BodyLimits limits);

    /// <summary>Whether the request asks for a WebSocket; says nothing about whether it asks correctly.</summary>
    public abstract bool AsksForWebSocket { get; }

    /// <summary>Whether an answer was begun or a WebSocket accepted: what comes after that is too late.</summary>
    public virtual bool IsEnded => false;

    /// <summary>
    /// What still goes on when the endpoint has returned: the life of a WebSocket. Whoever serves the exchange awaits it, so that nothing on
    /// the way to the endpoint is kept as long as a connection lives.
    /// </summary>
    public Task Life { get; set; } = Task.CompletedTask;

    /// <summary>Hears which route the request takes, by its path.</summary>
    public virtual void Routed(string route)
    {
    }

    /// <summary>
    /// Completes the WebSocket handshake. Call only for a request that <c>WebSocketRequest</c> found in order: servers
    /// differ in what they do with others. The caller disposes the socket.
    /// </summary>
    /// <param name="subprotocol">One that the client offered; null when it offered none.</param>
    /// <param name="keepAlive">
    /// How often the server sends a frame that keeps the connection alive: a ping whose answer is waited for where the server can,
    /// an unsolicited pong where not; <see cref="TimeSpan.Zero"/> for never.
    /// </param>
    public abstract Task<WebSocket> AcceptWebSocketAsync(string? subprotocol, TimeSpan keepAlive);

    /// <summary>
    /// Sends the answer and ends the exchange. A client that is gone or does not read is no error: the answer is cut off after
    /// the server's write timeout. Headers that every answer carries are added here.
    /// </summary>
    public abstract Task AnswerAsync(HttpAnswer answer);

    /// <summary>The value of a member of the query, decoded; null when it is not there.</summary>
    public string? QueryValue(string name)
    {
        foreach (var part in Query.AsSpan().Split('&'))
        {
            var pair = Query.AsSpan(part);
            var equals = pair.IndexOf('=');
            if ((equals < 0 ? pair : pair[..equals]).SequenceEqual(name))
                return equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..].ToString().Replace('+', ' '));
        }

        return null;
    }
}
