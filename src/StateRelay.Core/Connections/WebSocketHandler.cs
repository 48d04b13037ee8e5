using System.Buffers.Text;
using System.Net.WebSockets;
using System.Security.Cryptography;

using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;
using StateRelay.Http;
using StateRelay.Protocol;
using StateRelay.Security;

namespace StateRelay.Connections;

/// <summary>
/// The whole life of a connection, from top to bottom: refusals over plain HTTP, the upgrade, joining, reading until the end,
/// leaving. Whether the request may be here at all (its Host, its viewer token) was settled before.
/// </summary>
internal sealed class WebSocketHandler(
    Hub hub,
    OriginRules origins,
    ConnectionLimiter limiter,
    WebServerOptions options,
    AlarmClock clock,
    TimeProvider time,
    Instruments instruments,
    ILogger logger)
{
    /// <summary>Serves one request for a WebSocket; completes when the connection is gone.</summary>
    public async Task HandleAsync(HttpExchange exchange)
    {
        if (Admit(exchange, out var asked, out var lease) is { } refusal)
        {
            await exchange.AnswerAsync(refusal).ConfigureAwait(false);
            return;
        }

        using (lease)
        {
            // A plain client is never asked to say anything: the transport sees to it that a dead connection is noticed. A v1 client is
            // pinged in its own words.
            using var socket = await exchange.AcceptWebSocketAsync(
                asked.Dialect == Dialect.V1 ? Dialects.V1Subprotocol : null,
                asked.Dialect == Dialect.PlainState ? options.PingInterval : TimeSpan.Zero).ConfigureAwait(false);
            await ServeAsync(exchange, socket, asked).ConfigureAwait(false);
        }
    }

    /// <summary>Decides whether the connection may be; gives the answer when it may not, and what it needs when it may.</summary>
    private HttpAnswer? Admit(HttpExchange exchange, out Asked asked, out ConnectionLease? lease)
    {
        asked = default;
        lease = null;

        if (hub.IsStopping)
            return Refuse(503, "temporarily_unavailable", "The server is stopping.", "shutdown");
        if (WebSocketRequest.Refusal(exchange) is { } malformed)
            return Count(malformed, "handshake");
        if (!origins.Allows(exchange.Header("Origin"), exchange.Header("Host"), exchange.IsSecure))
            return Refuse(403, "access_denied", "This origin may not connect.", "origin");

        var subprotocols = WebSocketRequest.Subprotocols(exchange);
        var authorization = exchange.Header("Authorization");
        if (Dialects.Choose(subprotocols, exchange.QueryValue("mode"), hub.Events is not null, authorization is not null) is not { } dialect)
            return Refuse(400, "bad_handshake", $"Offer the subprotocol {Dialects.V1Subprotocol}, or none and the mode 'state'.", "dialect");
        StateTopic? topic = null;
        if (dialect == Dialect.PlainState && !hub.Topics.TryGetValue(exchange.QueryValue("topic") ?? "state", out topic))
            return Refuse(404, "unknown_topic", "There is no state of that name.", "topic");

        // On v1 a token is asked for by those topics that want one; it may be a viewer's, who is none of ours.
        var shown = hub.Events is null ? null : BearerToken.Read(authorization, subprotocols);
        var token = shown is not null && hub.Events!.IsWellFormed(shown) ? new Secret(shown) : null;
        if (dialect == Dialect.PlainEvents && token is null)
        {
            return authorization is null
                ? Refuse(401, "authentication_failed", "Events need a token in the Authorization header.", "token")
                : Refuse(403, "authentication_failed", "The token in the Authorization header has no shape that could be right.", "token");
        }

        asked = new Asked(dialect, topic, token);
        return limiter.TryAcquire(exchange.RemoteAddress, out lease) switch
        {
            LeaseOutcome.TooManyInAll => Refuse(503, "connection_limit_exceeded", "The server has as many connections as it may.", "limit"),
            LeaseOutcome.TooManyFromAddress => Refuse(429, "connection_limit_exceeded", "Your address has as many connections as it may.", "limit_address"),
            _ => null,
        };
    }

    private Outbox OutboxFor(Asked asked, string id) => asked.Dialect switch
    {
        Dialect.V1 => new V1Outbox(id, time.GetUtcNow(), hub, asked.Token, options, clock),
        Dialect.PlainEvents => new PlainEventOutbox(hub.Events!, asked.Token!, clock),
        _ => new PlainStateOutbox(asked.Topic!, clock),
    };

    private async Task ServeAsync(HttpExchange exchange, WebSocket socket, Asked asked)
    {
        var id = NewId();
        var outbox = OutboxFor(asked, id);
        var client = new Client(id, exchange.RemoteAddress, socket, outbox, options, clock, instruments, logger);
        var joined = hub.Join(client);
        if (!joined)
            outbox.Close(DisconnectReason.Shutdown);
        Log.ClientJoined(logger, id, exchange.RemoteAddress, asked.Dialect);

        using var reader = new MessageReader(socket, options.MaxMessageBytes);
        var sending = client.RunAsync();
        outbox.Close(await ReadAsync(reader, client, asked.Dialect).ConfigureAwait(false));
        await sending.ConfigureAwait(false);

        // Our close frame would be lost to a reset if the client still had something on its way; the client's alarm ends the wait.
        await reader.DiscardAsync().ConfigureAwait(false);

        client.ClearAlarm();
        hub.Leave(client);
        instruments.ConnectionsEnded.Add(1, new KeyValuePair<string, object?>("reason", outbox.Reason!.Name));
        Log.ClientLeft(logger, id, outbox.Reason);
    }

    /// <summary>Hands on what the client says until the connection is to end; gives the reason, in case the end comes from here.</summary>
    private async Task<DisconnectReason> ReadAsync(MessageReader reader, Client client, Dialect dialect)
    {
        var isFirst = true;
        try
        {
            while (true)
            {
                var (kind, utf8) = await reader.ReadAsync().ConfigureAwait(false);
                if (ReasonToEnd(kind) is { } reason)
                    return reason;

                instruments.MessagesReceived.Add(1);
                var follows = isFirst && dialect == Dialect.PlainEvents;
                isFirst = false;
                foreach (var message in follows ? [ReadFollow(kind, utf8)] : Read(kind, utf8, dialect))
                {
                    if (!await client.Outbox.PostAsync(message).ConfigureAwait(false))
                        return DisconnectReason.Lost;
                }
            }
        }
        catch (Exception error)
        {
            Log.ClientFailed(logger, error, client.Id);
            return DisconnectReason.InternalError;
        }
    }

    private static IReadOnlyList<ClientMessage> Read(ReceivedKind kind, ReadOnlyMemory<byte> utf8, Dialect dialect) => kind switch
    {
        ReceivedKind.Text => ClientMessage.Parse(utf8),
        _ when dialect == Dialect.V1 => [new ClientMessage.Bad(null, "a binary message")],
        _ => [],
    };

    private static ClientMessage ReadFollow(ReceivedKind kind, ReadOnlyMemory<byte> utf8) =>
        kind == ReceivedKind.Text ? ClientMessage.ParseFollow(utf8) : new ClientMessage.Bad(null, "a binary message");

    private static DisconnectReason? ReasonToEnd(ReceivedKind kind) => kind switch
    {
        ReceivedKind.Text or ReceivedKind.Binary => null,
        ReceivedKind.Close => DisconnectReason.ClientLeft,
        ReceivedKind.TooBig => DisconnectReason.MessageTooBig,
        ReceivedKind.ProtocolError => DisconnectReason.ProtocolError,
        _ => DisconnectReason.Lost,
    };

    private HttpAnswer Refuse(int status, string error, string message, string reason) =>
        Count(HttpAnswer.Refusal(status, error, message), reason);

    private HttpAnswer Count(HttpAnswer refusal, string reason)
    {
        instruments.ConnectionsRefused.Add(1, new KeyValuePair<string, object?>("reason", reason));
        Log.ConnectionRefused(logger, reason);
        return refusal;
    }

    /// <summary>What a handshake asked for: how to speak, the state of a plain viewer, and the token that it shows.</summary>
    private readonly record struct Asked(Dialect Dialect, StateTopic? Topic, Secret? Token);

    private static string NewId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
}
