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

    /// <summary>Reads the next message; its bytes are valid until the next call.</summary>
    public async ValueTask<(ReceivedKind Kind, ReadOnlyMemory<byte> Utf8)> ReadAsync()
    {
        ReturnBuffer();
        try
        {
            // Waits without a buffer; an empty result that does not end the message says that there is something to read.
            var arrived = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None).ConfigureAwait(false);
            return arrived switch
            {
                { MessageType: WebSocketMessageType.Close } => (ReceivedKind.Close, default),
                { EndOfMessage: true } => (KindOf(arrived.MessageType), default),
                _ => await ReadMessageAsync().ConfigureAwait(false),
            };
        }
        catch (WebSocketException error)
        {
            return (IsPeersFault(error) ? ReceivedKind.ProtocolError : ReceivedKind.Lost, default);
        }
        catch (Exception error) when (error is ObjectDisposedException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // The socket was disposed, here or by the transport.
            return (ReceivedKind.Lost, default);
        }
    }

    /// <summary>Reads on, keeping nothing, until the client's close frame or the end of the connection.</summary>
    public async Task DiscardAsync()
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        try
        {
            while (socket.State == WebSocketState.CloseSent)
                await socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is WebSocketException or ObjectDisposedException or OperationCanceledException or IOException or InvalidOperationException)
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

    private static bool IsPeersFault(WebSocketException error) =>
        error.WebSocketErrorCode is WebSocketError.Faulted or WebSocketError.HeaderError or WebSocketError.InvalidMessageType;

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
