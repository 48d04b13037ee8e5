using System.Net.WebSockets;

namespace StateRelay.AspNetCore;

/// <summary>
/// A WebSocket of an application's server, with two habits more. Cut off, it takes its connection with it, so that no write is left
/// hanging. And when its client breaks the protocol, and was sent a close frame for that, it waits for the client to go: disposed at
/// once, the connection would be reset and the frame lost.
/// </summary>
/// <param name="inner">The framework's socket.</param>
/// <param name="stream">What that one reads and writes; null where the server has WebSockets of its own, and no connection to be reset.</param>
/// <param name="clock">Times how long the client may take to go.</param>
/// <param name="exchange">Ends the connection.</param>
internal sealed class MappedSocket(WebSocket inner, Stream? stream, TimeProvider clock, ContextExchange exchange) : WebSocket
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    // Set by the reading task when the client was sent a close frame for what it did.
    private volatile bool _hasFailed;
    private volatile bool _isAborted;

    public override WebSocketCloseStatus? CloseStatus => inner.CloseStatus;

    public override string? CloseStatusDescription => inner.CloseStatusDescription;

    public override string? SubProtocol => inner.SubProtocol;

    public override WebSocketState State => _hasFailed && !_isAborted ? WebSocketState.CloseSent : inner.State;

    public override void Abort()
    {
        _isAborted = true;
        inner.Abort();
        exchange.Abort();
    }

    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_hasFailed)
            await SeeOffAsync().ConfigureAwait(false);
        try
        {
            return await inner.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (WebSocketException error) when (error.WebSocketErrorCode != WebSocketError.ConnectionClosedPrematurely)
        {
            _hasFailed = stream is not null;
            throw;
        }
    }

    public override async Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        var result = await ReceiveAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false);
        return new WebSocketReceiveResult(result.Count, result.MessageType, result.EndOfMessage, CloseStatus, CloseStatusDescription);
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        inner.SendAsync(buffer, messageType, endOfMessage, cancellationToken);

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        inner.SendAsync(buffer, messageType, endOfMessage, cancellationToken);

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        inner.CloseAsync(closeStatus, statusDescription, cancellationToken);

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        inner.CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    public override void Dispose() => inner.Dispose();

    private async Task SeeOffAsync()
    {
        using var patience = clock.CreateTimer(_ => Abort(), null, Linger, Timeout.InfiniteTimeSpan);
        var nobodyReads = new byte[1024];
        while (await stream!.ReadAsync(nobodyReads, CancellationToken.None).ConfigureAwait(false) > 0)
        {
        }

        throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
    }
}
