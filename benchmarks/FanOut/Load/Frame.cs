using System.Buffers.Binary;

namespace StateRelay.Benchmarks.FanOut.Load;

/// <summary>The head of a WebSocket frame (RFC 6455, section 5.2), as a client reads and writes it.</summary>
internal readonly record struct Frame(int Operation, bool IsLast, int HeaderLength, int Length, bool IsWrong)
{
    public const int Continuation = 0, Text = 1, Close = 8, Ping = 9, Pong = 10;

    /// <summary>Reads the frame at the beginning; false while it is not whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Frame frame)
    {
        frame = default;
        if (bytes.Length < 2)
            return false;
        var (header, length) = (2, (long)(bytes[1] & 0x7F));
        if (length == 126)
        {
            header = 4;
            length = bytes.Length < header ? 0 : BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        }
        else if (length == 127)
        {
            header = 10;
            length = bytes.Length < header ? 0 : BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
        }

        // A server masks nothing and uses no extension that was not offered.
        var isWrong = (bytes[0] & 0x70) != 0 || (bytes[1] & 0x80) != 0 || length is < 0 or > int.MaxValue;
        frame = new Frame(bytes[0] & 0x0F, (bytes[0] & 0x80) != 0, header, isWrong ? 0 : (int)length, isWrong);
        return bytes.Length >= header && (isWrong || bytes.Length - header >= length);
    }

    /// <summary>A whole small frame of a client. The mask is zero, which every server must take: nobody between is to be confused here.</summary>
    public static byte[] FromClient(int operation, ReadOnlySpan<byte> payload)
    {
        var small = payload.Length < 126;
        var frame = new byte[(small ? 6 : 8) + payload.Length];
        frame[0] = (byte)(0x80 | operation);
        frame[1] = (byte)(0x80 | (small ? payload.Length : 126));
        if (!small)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        payload.CopyTo(frame.AsSpan(frame.Length - payload.Length));
        return frame;
    }

    /// <summary>The head of a text frame of a server.</summary>
    public static byte[] FromServer(ReadOnlySpan<byte> text)
    {
        var header = text.Length < 126 ? 2 : text.Length <= ushort.MaxValue ? 4 : 10;
        var frame = new byte[header + text.Length];
        frame[0] = 0x80 | Text;
        frame[1] = (byte)(header switch { 2 => text.Length, 4 => 126, _ => 127 });
        if (header == 4)
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)text.Length);
        else if (header == 10)
            BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), text.Length);
        text.CopyTo(frame.AsSpan(header));
        return frame;
    }
}
