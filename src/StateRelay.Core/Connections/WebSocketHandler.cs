using System.Net;
using System.Net.WebSockets;

using Microsoft.Extensions.Logging;

using StateRelay.Connections;
using StateRelay.Diagnostics;
using StateRelay.Protocol;
using StateRelay.Security;

namespace StateRelay;

/// <summary>
/// Serves WebSockets that were accepted: joining, the connection's life, leaving. A server has its own; a host that accepts
/// WebSockets itself makes one to serve the events of a <see cref="Hub"/> on them. Safe for use by any thread.
/// </summary>
public sealed class WebSocketHandler
{
    private readonly Roster _roster;
    private readonly WebServerOptions _options;
    private readonly AlarmClock _clock;
    private readonly TimeProvider _time;
    private readonly Instruments _instruments;
    private readonly ILogger _logger;

    /// <summary>Makes a handler for WebSockets that the host accepts itself.</summary>
    /// <param name="hub">Whose events are followed.</param>
    /// <param name="authenticator">Finds out who a client is.</param>
    public WebSocketHandler(Hub hub, IClientAuthenticator authenticator)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(authenticator);
        _roster = Roster.Of(new EventTopic(EventTopic.DefaultName, hub, authenticator), hub.Instruments);
        (_options, _clock, _time, _instruments, _logger) = (new WebServerOptions(), hub.Alarms, hub.Clock, hub.Instruments, hub.Logger);
    }

    internal WebSocketHandler(Roster roster, WebServerOptions options, AlarmClock clock, TimeProvider time, Instruments instruments, ILogger logger)
    {
        _roster = roster;
        (_options, _clock, _time, _instruments, _logger) = (options, clock, time, instruments, logger);
    }

    /// <summary>
    /// The token that a request shows, if its shape could be right: to be asked before the upgrade, when a refusal can still be a status
    /// (401 where there is none, 403 where it is shaped wrong). Whose it is, and whether it is valid, is found out by
    /// <see cref="HandleAsync"/>.
    /// </summary>
    /// <param name="authorization">The <c>Authorization</c> header: <c>Bearer</c>, one blank, the token (RFC 6750, section 2.1).</param>
    /// <param name="subprotocols">
    /// The <c>Sec-WebSocket-Protocol</c> header; browsers, which cannot set the other, offer <c>bearer.</c> and the token in base64url there.
    /// </param>
    /// <returns>The token; null when the request is to be refused.</returns>
    public Secret? PreValidateAuth(string? authorization, string? subprotocols = null)
    {
        foreach (var shown in BearerToken.All(authorization, subprotocols?.Split(',', StringSplitOptions.TrimEntries) ?? []))
        {
            if (_roster.Events?.Authenticator.IsWellFormed(shown) == true)
                return new Secret(shown);
        }

        return null;
    }

    /// <summary>
    /// Serves one WebSocket until it is over: waits for its subscription, finds out whose the token is, sends the events that match. Speaks
    /// v1 where the socket has that subprotocol, else the plain event dialect. The caller disposes the socket afterwards.
    /// </summary>
    /// <param name="socket">Accepted by the host, open.</param>
    /// <param name="token">What <see cref="PreValidateAuth"/> gave.</param>
    /// <param name="address">Where the client is, for logs; null where that is not known.</param>
    /// <param name="stop">Cancel it to say goodbye.</param>
    public Task HandleAsync(WebSocket socket, Secret token, IPAddress? address = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(token);
        var dialect = socket.SubProtocol == Dialects.V1Subprotocol ? Dialect.V1 : Dialect.PlainEvents;
        return ServeAsync(Join(socket, address ?? IPAddress.None, new Asked(dialect, null, new Proof(IsViewer: false, token), null)), stop);
    }

    /// <summary>Makes a client of a WebSocket that was accepted; to be run, and to leave afterwards.</summary>
    internal Client Join(WebSocket socket, IPAddress address, Asked asked)
    {
        var outbox = OutboxFor(asked, Client.NewId());
        var client = new Client(address, socket, asked.Dialect, outbox, _options, _clock, _instruments, _logger);
        if (!_roster.Join(client))
            outbox.Close(DisconnectReason.Shutdown);
        Log.ClientJoined(_logger, client.Id, address, asked.Dialect, (object?)asked.Software ?? "unnamed");
        return client;
    }

    /// <summary>A client has been run to its end.</summary>
    internal void Leave(Client client)
    {
        var reason = client.Outbox.Reason!;
        _roster.Leave(client);
        _instruments.ConnectionsEnded.Add(1, new KeyValuePair<string, object?>("reason", reason.Name));
        Log.ClientLeft(_logger, client.Id, reason);
    }

    private async Task ServeAsync(Client client, CancellationToken stop)
    {
        await client.RunAsync(stop).ConfigureAwait(false);
        Leave(client);
    }

    private Outbox OutboxFor(Asked asked, string id) => asked.Dialect switch
    {
        Dialect.V1 => new V1Outbox(id, _time.GetUtcNow(), _roster, asked.Proof, _options, _clock),
        Dialect.PlainEvents => new PlainEventOutbox(id, _roster.Events!, asked.Proof.Token!, _clock),
        _ => new PlainStateOutbox(id, asked.Topic!, _clock),
    };
}
