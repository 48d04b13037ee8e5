using System.Net.WebSockets;

namespace StateRelay.Connections;

/// <summary>Why a connection ended, in words a client can act on. A closed list: logs, metrics and documents use these words.</summary>
/// <param name="Name">One word for metrics and logs.</param>
/// <param name="Text">The close reason that the client sees.</param>
/// <param name="Code">The close code of v1: 4000 to 4099 come back, 4400 to 4499 stay away.</param>
/// <param name="PlainCode">The close code of the plain dialects.</param>
internal sealed record DisconnectReason(string Name, string Text, int Code, WebSocketCloseStatus PlainCode)
{
    /// <summary>The client closed the connection.</summary>
    public static readonly DisconnectReason ClientLeft = new("left", "goodbye", 1000, WebSocketCloseStatus.NormalClosure);

    /// <summary>The connection broke; nobody is there to be told.</summary>
    public static readonly DisconnectReason Lost = new("lost", "connection lost", 1006, WebSocketCloseStatus.Empty);

    /// <summary>The server is stopping.</summary>
    public static readonly DisconnectReason Shutdown = new("shutdown", "shutdown", 4001, WebSocketCloseStatus.EndpointUnavailable);

    /// <summary>The client showed no life after a ping.</summary>
    public static readonly DisconnectReason NoPong = new("no_pong", "no pong", 4003, WebSocketCloseStatus.EndpointUnavailable);

    /// <summary>The client said nothing after it connected.</summary>
    public static readonly DisconnectReason NoFirstMessage = new("no_first_message", "no first message", 4004, WebSocketCloseStatus.PolicyViolation);

    /// <summary>One write took longer than it may: the client does not read. It cannot be told either.</summary>
    public static readonly DisconnectReason WriteTimeout = new("write_timeout", "write timeout", 4008, WebSocketCloseStatus.EndpointUnavailable);

    /// <summary>Events are gone that a client of a dialect without gaps has not been sent.</summary>
    public static readonly DisconnectReason EventsLost = new("events_lost", "events were lost", 4010, WebSocketCloseStatus.EndpointUnavailable);

    /// <summary>Who the client is cannot be found out now.</summary>
    public static readonly DisconnectReason TryLater = new("try_later", "try again later", 4013, WebSocketCloseStatus.EndpointUnavailable);

    /// <summary>A subscription is not one that can be.</summary>
    public static readonly DisconnectReason BadSubscription = new("bad_subscription", "invalid subscription", 4402, WebSocketCloseStatus.PolicyViolation);

    /// <summary>The client's token is not valid.</summary>
    public static readonly DisconnectReason NotAuthenticated = new("not_authenticated", "not authenticated", 4401, WebSocketCloseStatus.PolicyViolation);

    /// <summary>The client may not have what it asks for.</summary>
    public static readonly DisconnectReason NotAllowed = new("not_allowed", "not allowed", 4403, WebSocketCloseStatus.PolicyViolation);

    /// <summary>Three messages in a row broke the protocol.</summary>
    public static readonly DisconnectReason BadMessages = new("bad_messages", "bad messages", 4400, WebSocketCloseStatus.PolicyViolation);

    /// <summary>A message was larger than it may be.</summary>
    public static readonly DisconnectReason MessageTooBig = new("message_too_big", "message too big", 1009, WebSocketCloseStatus.MessageTooBig);

    /// <summary>A frame broke RFC 6455, or a text was not UTF-8; the socket itself has said so to the client.</summary>
    public static readonly DisconnectReason ProtocolError = new("protocol_error", "protocol error", 1002, WebSocketCloseStatus.ProtocolError);

    /// <summary>Something failed here.</summary>
    public static readonly DisconnectReason InternalError = new("internal_error", "internal error", 1011, WebSocketCloseStatus.InternalServerError);

    /// <summary>Whether the same client may come back at once.</summary>
    public bool MayReturn => Code is >= 4000 and < 4100;

    /// <summary>Whether the connection can still carry a goodbye.</summary>
    public bool CanBeTold => this != Lost && this != WriteTimeout && this != ProtocolError;

    public override string ToString() => Name;
}
