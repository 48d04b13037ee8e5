using System.Net.WebSockets;

namespace StateRelay.Tests.Reliability.Model;

/// <summary>The server's side of a socket, of which can be told whether somebody waits in it.</summary>
internal sealed class WatchedSocket(WebSocket socket) : WebSocket
{
    private int _sending;
    private int _receiving;
    private int _sent;
    private int _received;

    /// <summary>Whether a write waits for the client to read.</summary>
    public bool IsSending => Volatile.Read(ref _sending) > 0;

    /// <summary>Whether a read waits for the client to say something.</summary>
    public bool IsReceiving => Volatile.Read(ref _receiving) > 0;

    /// <summary>Messages that were begun to be sent.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>Messages that were received whole.</summary>
    public int Received => Volatile.Read(ref _received);

    public override WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    public override string? CloseStatusDescription => socket.CloseStatusDescription;

    public override WebSocketState State => socket.State;

    public override string? SubProtocol => socket.SubProtocol;

    public override void Abort() => socket.Abort();

    public override void Dispose() => socket.Dispose();

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        socket.CloseAsync(closeStatus, statusDescription, cancellationToken);

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken)
    {
        var closing = socket.CloseOutputAsync(closeStatus, statusDescription, cancellationToken);
        return closing.IsCompleted ? closing : SentAsync(new ValueTask(closing)).AsTask();
    }

    public override ValueTask SendAsync(ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _sent);
        var sending = socket.SendAsync(buffer, messageType, endOfMessage, cancellationToken);
        return sending.IsCompleted ? sending : SentAsync(sending);
    }

    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var receiving = socket.ReceiveAsync(buffer, cancellationToken);
        return receiving.IsCompleted ? CountAsync(receiving) : ReceivedAsync(receiving);
    }

    private async ValueTask SentAsync(ValueTask sending)
    {
        Interlocked.Increment(ref _sending);
        try
        {
            await sending.ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _sending);
        }
    }

    private async ValueTask<ValueWebSocketReceiveResult> ReceivedAsync(ValueTask<ValueWebSocketReceiveResult> receiving)
    {
        ValueWebSocketReceiveResult received;
        Interlocked.Increment(ref _receiving);
        try
        {
            received = await receiving.ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _receiving);
        }

        Count(received);
        return received;
    }

    private async ValueTask<ValueWebSocketReceiveResult> CountAsync(ValueTask<ValueWebSocketReceiveResult> receiving)
    {
        var received = await receiving.ConfigureAwait(false);
        Count(received);
        return received;
    }

    private void Count(ValueWebSocketReceiveResult received)
    {
        if (received is { EndOfMessage: true, MessageType: not WebSocketMessageType.Close })
            Interlocked.Increment(ref _received);
    }

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => throw new NotSupportedException();
}
