using System.Buffers;
using System.Net.WebSockets;

namespace StateRelay.Connections;

/// <summary>What the reading side of a socket came upon.</summary>
internal enum ReceivedKind
{
    /// <summary>A whole text message.</summary>
    Text,

    /// <summary>A whole binary message, not kept.</summary>
    Binary,

    /// <summary>The client's close frame.</summary>
    Close,

    /// <summary>A message larger than it may be; no more can be read.</summary>
    TooBig,

    /// <summary>Something that RFC 6455 does not allow; no more can be read.</summary>
    ProtocolError,

    /// <summary>The end of the connection without a close frame.</summary>
    Lost,
}

/// <summary>
/// Reads whole messages from a socket, none larger than it may be. Holds no buffer while it waits for one. Used by one task.
/// </summary>
internal sealed class MessageReader(WebSocket socket, int maxBytes) : IDisposable
{
    private const int FirstBufferBytes = 1024;

    private byte[]? _buffer;

    /// <summary>
    /// Completes when there is something to read. A connection waits here for most of its life: without a buffer, and for the socket itself
    /// instead of a task that waits for it. What this and <see cref="ReadAsync"/> throw is an end, which <see cref="EndOf"/> names.
    /// </summary>
    public ValueTask<ValueWebSocketReceiveResult> WaitAsync()
    {
        ReturnBuffer();
        return socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
    }

    /// <summary>Reads the message that has come; its bytes are valid until the next wait.</summary>
    public ValueTask<(ReceivedKind Kind, ReadOnlyMemory<byte> Utf8)> ReadAsync(ValueWebSocketReceiveResult arrived) => arrived switch
    {
        { MessageType: WebSocketMessageType.Close } => new((ReceivedKind.Close, default)),
        { EndOfMessage: true } => new((KindOf(arrived.MessageType), default)),
        _ => ReadMessageAsync(),    // empty, and no end of a message: there is more to it
    };

    /// <summary>What an exception of the socket's says about the connection; null for one that is not the socket's.</summary>
    public static ReceivedKind? EndOf(Exception error) => error switch
    {
        WebSocketException { WebSocketErrorCode: WebSocketError.Faulted or WebSocketError.HeaderError or WebSocketError.InvalidMessageType } => ReceivedKind.ProtocolError,
        WebSocketException => ReceivedKind.Lost,
        ObjectDisposedException or OperationCanceledException or IOException or InvalidOperationException => ReceivedKind.Lost,     // disposed, here or by the transport
        _ => null,
    };

    /// <summary>Reads on, keeping nothing, until the client's close frame or the end of the connection.</summary>
    public async Task DiscardAsync()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        try
        {
            while (socket.State == WebSocketState.CloseSent)
                await socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (EndOf(error) is not null)
        {
            // Either way it is the end.
        }
    }

    public void Dispose() => ReturnBuffer();

    private async ValueTask<(ReceivedKind Kind, ReadOnlyMemory<byte> Utf8)> ReadMessageAsync()
    {
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(FirstBufferBytes, maxBytes));
        var length = 0;
        while (true)
        {
            if (length == _buffer.Length)
                Grow(length);

            // Never more than one byte too many: a receive waits for all that it asks for, or the end of a frame that may never come.
            var wanted = Math.Min(_buffer.Length, maxBytes + 1) - length;
            var part = await socket.ReceiveAsync(_buffer.AsMemory(length, wanted), CancellationToken.None).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close)
                return (ReceivedKind.Close, default);
            length += part.Count;
            if (length > maxBytes)
                return (ReceivedKind.TooBig, default);
            if (part.EndOfMessage)
                return (KindOf(part.MessageType), _buffer.AsMemory(0, length));
        }
    }

    private static ReceivedKind KindOf(WebSocketMessageType type) =>
        type == WebSocketMessageType.Text ? ReceivedKind.Text : ReceivedKind.Binary;

    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        _buffer.AsSpan(0, length).CopyTo(larger);
        ReturnBuffer();
        _buffer = larger;
    }

    private void ReturnBuffer()
    {
        if (_buffer is null)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }
}
