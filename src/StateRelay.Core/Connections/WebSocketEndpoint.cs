using System.Globalization;
using System.Net.WebSockets;

using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;
using StateRelay.Http;
using StateRelay.Protocol;
using StateRelay.Security;

namespace StateRelay.Connections;

/// <summary>
/// The door to <c>/ws</c>, from top to bottom: refusals over plain HTTP, then the upgrade. A viewer may come in for states, and whoever
/// shows a token of an identity for events.
/// </summary>
internal sealed class WebSocketEndpoint(
    WebSocketHandler handler,
    Roster roster,
    Doorkeeper door,
    OriginRules origins,
    ConnectionLimiter limiter,
    AddressRates connects,
    WebServerOptions options,
    Instruments instruments,
    ILogger logger)
{
    public Route Route => new("/ws", ["GET"], HandleAsync) { Guard = RouteGuard.Own };

    /// <summary>Answers one request for a WebSocket, or accepts it; what then goes on is the exchange's life.</summary>
    public async Task HandleAsync(HttpExchange exchange)
    {
        var (refusal, asked) = await AdmitAsync(exchange).ConfigureAwait(false);
        ConnectionLease? lease = null;
        if ((refusal ?? TakePlace(exchange, out lease)) is { } answer)
        {
            await exchange.AnswerAsync(answer).ConfigureAwait(false);
            return;
        }

        WebSocket? socket = null;
        try
        {
            // A plain viewer is never asked to say anything: the transport sees to it that a dead connection is noticed. Others are pinged in
            // their own words.
            socket = await exchange.AcceptWebSocketAsync(
                asked.Dialect == Dialect.V1 ? Dialects.V1Subprotocol : null,
                asked.Dialect == Dialect.PlainState ? options.PingInterval : TimeSpan.Zero).ConfigureAwait(false);
            exchange.Life = LiveAsync(handler.Join(socket, exchange.RemoteAddress, asked), socket, lease!);
        }
        catch
        {
            socket?.Dispose();
            lease!.Dispose();
            throw;
        }
    }

    private async Task LiveAsync(Client client, WebSocket socket, ConnectionLease lease)
    {
        using (lease)
        using (socket)
        {
            await client.RunAsync().ConfigureAwait(false);
            handler.Leave(client);
        }
    }

    /// <summary>Decides whether the connection may be; gives the answer when it may not, and what it asked for when it may.</summary>
    private async ValueTask<(HttpAnswer? Refusal, Asked Asked)> AdmitAsync(HttpExchange exchange)
    {
        if (roster.IsStopping)
            return (Refuse(503, "temporarily_unavailable", "The server is stopping.", "shutdown"), default);
        if (!connects.TryTake(exchange.RemoteAddress, out var retryAfter))
            return (Count(TooOften(retryAfter), "rate"), default);
        if (WebSocketRequest.Refusal(exchange) is { } malformed)
            return (Count(malformed, "handshake"), default);
        var software = ClientSoftware.Of(exchange.Header("User-Agent"));
        if (software is null && options.RequireClientIdentification)
            return (RefuseUnnamed(exchange.Header("User-Agent")), default);
        if (!origins.Allows(exchange.Header("Origin"), exchange.Header("Host"), exchange.IsSecure))
            return (Refuse(403, "access_denied", "This origin may not connect.", "origin"), default);

        var subprotocols = WebSocketRequest.Subprotocols(exchange);
        var authorization = exchange.Header("Authorization");
        var token = Token(authorization, subprotocols);
        var viewer = await door.RefuseViewerAsync(exchange).ConfigureAwait(false);
        var proof = new Proof(IsViewer: viewer is null, token);
        if (!proof.IsViewer && token is null && roster.Events is null)
            return (Count(viewer!, "viewer"), default);

        var showsIdentity = authorization is not null && !door.IsViewerToken(BearerToken.Of(authorization));
        var served = new Served(States: roster.Topics.Count > 0, Events: roster.Events is not null);
        if (Dialects.Choose(subprotocols, exchange.QueryValue("mode"), served, showsIdentity) is not { } dialect)
            return (Refuse(400, "bad_handshake", $"Offer the subprotocol {Dialects.V1Subprotocol}, or none and a mode that is served here: state or events.", "dialect"), default);
        if (dialect == Dialect.PlainEvents && token is null)
            return (RefuseToken(authorization), default);
        if (!proof.IsViewer && (dialect == Dialect.PlainState || token is null))
            return (Count(viewer!, "viewer"), default);

        var topic = dialect == Dialect.PlainState ? TopicOf(exchange) : null;
        if (dialect == Dialect.PlainState && topic is null)
            return (Refuse(404, "unknown_topic", "There is no state of that name.", "topic"), default);
        return (null, new Asked(dialect, topic, proof, software));
    }

    private StateTopic? TopicOf(HttpExchange exchange) =>
        exchange.QueryValue("topic") is { } name ? roster.Topics.GetValueOrDefault(name) : roster.FirstTopic;

    /// <summary>The token of an identity, if one is shown that could be: a viewer's token is none.</summary>
    private Secret? Token(string? authorization, IReadOnlyList<string> subprotocols)
    {
        if (roster.Events is not { } events)
            return null;
        foreach (var shown in BearerToken.All(authorization, subprotocols))
        {
            if (events.Authenticator.IsWellFormed(shown) && !door.IsViewerToken(shown))
                return new Secret(shown);
        }

        return null;
    }

    private HttpAnswer? TakePlace(HttpExchange exchange, out ConnectionLease? lease) => limiter.TryAcquire(exchange.RemoteAddress, out lease) switch
    {
        LeaseOutcome.TooManyInAll => Refuse(503, "connection_limit_exceeded", "The server has as many connections as it may.", "limit"),
        LeaseOutcome.TooManyFromAddress => Refuse(429, "connection_limit_exceeded", "Your address has as many connections as it may.", "limit_address"),
        _ => null,
    };

    private static HttpAnswer TooOften(TimeSpan retryAfter) => HttpAnswer.Refusal(
        429,
        "rate_limit_exceeded",
        "Your address connects more often than it may.",
        new KeyValuePair<string, string>("Retry-After", ((long)Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture)));

    private HttpAnswer RefuseToken(string? authorization) => authorization is null
        ? Refuse(401, "authentication_failed", "Events need a token in the Authorization header.", "token")
        : Refuse(403, "authentication_failed", "The token in the Authorization header has no shape that could be right.", "token");

    private HttpAnswer RefuseUnnamed(string? userAgent) => Refuse(
        400,
        "client_not_identified",
        string.IsNullOrWhiteSpace(userAgent)
            ? "The User-Agent header must name your program and its version, for example my-tool/1.0."
            : "The User-Agent header must begin with NAME/VERSION, for example my-tool/1.0: 1 to 64 letters, digits, '-' and '_', and 1 to 32 characters.",
        "software");

    private HttpAnswer Refuse(int status, string error, string message, string reason) =>
        Count(HttpAnswer.Refusal(status, error, message), reason);

    private HttpAnswer Count(HttpAnswer refusal, string reason)
    {
        instruments.ConnectionsRefused.Add(1, new KeyValuePair<string, object?>("reason", reason));
        Log.ConnectionRefused(logger, reason);
        return refusal;
    }
}
