using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StateRelay.Benchmarks.Endurance;

/// <summary>
/// One WebSocket from the client's side, on a bare socket: only what a server of this library sends is understood, so that thousands cost
/// little. Used by one task at a time.
/// </summary>
internal sealed class Wire : IDisposable
{
    private const int UsualBytes = 4096;
    private const int MaxBytes = 8 << 20;

    private readonly Socket _socket;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(UsualBytes);
    private int _begin;
    private int _end;

    private Wire(Socket socket) => _socket = socket;

    /// <summary>What a frame is.</summary>
    internal enum Kind
    {
        Text,
        Ping,
        Close,
        Other,

        /// <summary>The connection is over.</summary>
        End,
    }

    /// <summary>Connects and is upgraded.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="index">Which of many this is: they come from several addresses of this machine, which has too few ports for one.</param>
    /// <param name="isV1">Whether in v1, or in the plain state dialect.</param>
    /// <param name="readsNothing">Whether it will never read: then it takes little into its own buffer.</param>
    /// <exception cref="IOException">The server did not upgrade.</exception>
    public static async Task<Wire> ConnectAsync(IPEndPoint server, int index, bool isV1, bool readsNothing = false)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var wire = new Wire(socket);
        try
        {
            if (readsNothing)
                socket.ReceiveBufferSize = UsualBytes;
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(2 + (index % 16))]), 0));
            await socket.ConnectAsync(server);
            await socket.SendAsync(Encoding.ASCII.GetBytes(
                $"GET /ws{(isV1 ? "" : "?mode=state")} HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + (isV1 ? "Sec-WebSocket-Protocol: staterelay.v1.json\r\n\r\n" : "\r\n")));
            await wire.ReadUpgradeAsync();
            if (isV1)
                await wire.SayAsync("""{"type":"subscribe","id":1,"topic":"state"}""");
            return wire;
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    /// <summary>Reads a frame; what it holds stands until the next is read.</summary>
    public async ValueTask<(Kind Kind, ReadOnlyMemory<byte> Payload)> ReadAsync()
    {
        while (true)
        {
            if (TryTake(out var kind, out var payload))
                return (kind, payload);
            if (!await ReceiveAsync())
                return (Kind.End, default);
        }
    }

    /// <summary>Sends a text.</summary>
    public async ValueTask SayAsync(string text) => await SendAsync(0x81, Encoding.UTF8.GetBytes(text));

    /// <summary>Sends a control frame with what one of the server's held.</summary>
    public async ValueTask AnswerAsync(Kind kind, ReadOnlyMemory<byte> payload) =>
        await SendAsync((byte)(kind == Kind.Ping ? 0x8A : 0x88), payload.ToArray());

    /// <summary>Says that it goes, with 1000.</summary>
    public async ValueTask CloseAsync() => await SendAsync(0x88, new byte[] { 0x03, 0xE8 });

    /// <summary>Ends the connection; may be called by any task, and makes the one that reads see the end.</summary>
    public void Shut() => _socket.Dispose();

    /// <summary>Ends the connection by a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        Dispose();
    }

    public void Dispose()
    {
        _socket.Dispose();
        if (_buffer.Length == 0)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private async Task ReadUpgradeAsync()
    {
        while (true)
        {
            var received = Encoding.ASCII.GetString(_buffer, _begin, _end - _begin);
            if (received.IndexOf("\r\n\r\n", StringComparison.Ordinal) is >= 0 and var headEnd)
            {
                if (!received.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
                    throw new IOException($"The server did not upgrade: {received[..received.IndexOf('\r', StringComparison.Ordinal)]}");
                _begin += headEnd + 4;
                return;
            }

            if (!await ReceiveAsync())
                throw new IOException("The server ended the connection before it was upgraded.");
        }
    }

    // What there is of a frame stays; a frame that is larger than the buffer makes that grow, and it shrinks when there is nothing in it.
    private async ValueTask<bool> ReceiveAsync()
    {
        if (_begin == _end)
        {
            (_begin, _end) = (0, 0);
            if (_buffer.Length > 2 * UsualBytes)
                Resize(UsualBytes);
        }
        else if (_end == _buffer.Length)
        {
            if (_begin == 0 && _buffer.Length >= MaxBytes)
                throw new IOException($"A frame is larger than {MaxBytes} bytes.");
            Resize(_begin == 0 ? 2 * _buffer.Length : _buffer.Length);
        }

        try
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(_end));
            _end += received;
            return received > 0;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private void Resize(int bytes)
    {
        var other = ArrayPool<byte>.Shared.Rent(bytes);
        _buffer.AsSpan(_begin, _end - _begin).CopyTo(other);
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _begin, _end) = (other, 0, _end - _begin);
    }

    private bool TryTake(out Kind kind, out ReadOnlyMemory<byte> payload)
    {
        (kind, payload) = (Kind.Other, default);
        var held = _buffer.AsSpan(_begin, _end - _begin);
        if (held.Length < 2)
            return false;

        if ((held[0] & 0xF0) != 0x80 || (held[1] & 0x80) != 0)
            throw new IOException($"A frame begins with {held[0]:X2} {held[1]:X2}, as no frame of a server does.");
        var (head, length) = (held[1] & 0x7F) switch
        {
            126 when held.Length >= 4 => (4, BinaryPrimitives.ReadUInt16BigEndian(held[2..])),
            127 when held.Length >= 10 => (10, checked((int)BinaryPrimitives.ReadUInt64BigEndian(held[2..]))),
            126 or 127 => (10, MaxBytes),
            var few => (2, few),
        };
        if (held.Length < head + length)
            return false;

        kind = (held[0] & 0x0F) switch { 1 => Kind.Text, 8 => Kind.Close, 9 => Kind.Ping, _ => Kind.Other };
        payload = _buffer.AsMemory(_begin + head, length);
        _begin += head + length;
        return true;
    }

    // A client must mask what it sends; a mask of zeros does.
    private async ValueTask SendAsync(byte first, ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > 125)
            throw new ArgumentException("Only short frames are sent.", nameof(payload));
        var frame = new byte[6 + payload.Length];
        (frame[0], frame[1]) = (first, (byte)(0x80 | payload.Length));
        payload.CopyTo(frame.AsMemory(6));
        try
        {
            await _socket.SendAsync(frame);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The server is gone; the next read says so.
        }
    }
}
