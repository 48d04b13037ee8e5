using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>A frame as the relay sent it.</summary>
public sealed record WireFrame(byte First, byte[] Payload)
{
    public int Opcode => First & 0x0f;

    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>The code of a close frame; 0 where it has none.</summary>
    public int CloseCode => Payload.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(Payload);
}

/// <summary>Makes frames as a client sends them, right and wrong ones.</summary>
public static class Wire
{
    public const int Continuation = 0x0;
    public const int Text = 0x1;
    public const int Binary = 0x2;
    public const int Close = 0x8;
    public const int Ping = 0x9;
    public const int Pong = 0xA;

    private static readonly byte[] Mask = [0x37, 0xfa, 0x21, 0x3d];

    /// <summary>One frame.</summary>
    /// <param name="opcode">The opcode, known or not.</param>
    /// <param name="payload">What it carries.</param>
    /// <param name="fin">Whether it ends its message.</param>
    /// <param name="reserved">The three reserved bits, as 4, 2 and 1.</param>
    /// <param name="masked">Whether it is masked, as all of a client's must be.</param>
    /// <param name="lengthBytes">How its length is written: 0 within the second byte, 2 or 8 behind it, -1 as short as may be.</param>
    /// <param name="length">The length that is written; null for the true one.</param>
    public static byte[] Frame(
        int opcode, ReadOnlySpan<byte> payload, bool fin = true, int reserved = 0, bool masked = true, int lengthBytes = -1, ulong? length = null)
    {
        var written = length ?? (ulong)payload.Length;
        if (lengthBytes < 0)
            lengthBytes = written < 126 ? 0 : written <= ushort.MaxValue ? 2 : 8;

        var frame = new List<byte>(payload.Length + 14) { (byte)((fin ? 0x80 : 0) | (reserved << 4) | opcode) };
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, written);
        frame.Add((byte)((masked ? 0x80 : 0) | (lengthBytes switch { 0 => (byte)written, 2 => 126, _ => 127 })));
        frame.AddRange(number[(8 - lengthBytes)..]);
        if (!masked)
        {
            frame.AddRange(payload);
            return [.. frame];
        }

        frame.AddRange(Mask);
        for (var at = 0; at < payload.Length; at++)
            frame.Add((byte)(payload[at] ^ Mask[at % 4]));
        return [.. frame];
    }

    public static byte[] Frame(int opcode, string payload, bool fin = true, int reserved = 0, bool masked = true, int lengthBytes = -1) =>
        Frame(opcode, Encoding.UTF8.GetBytes(payload), fin, reserved, masked, lengthBytes);

    /// <summary>A close frame with a code and a reason.</summary>
    public static byte[] CloseOf(int code, string reason = "") => CloseOf(code, Encoding.UTF8.GetBytes(reason));

    public static byte[] CloseOf(int code, ReadOnlySpan<byte> reason) => Frame(Close, [(byte)(code >> 8), (byte)code, .. reason]);
}

/// <summary>A WebSocket written and read as bytes, over a real connection, so that anything can be sent and everything is seen.</summary>
public sealed class RawWebSocket : IDisposable
{
    private readonly RawHttpClient _client;

    private RawWebSocket(RawHttpClient client) => _client = client;

    /// <summary>Connects and shakes hands in order.</summary>
    /// <param name="relay">Where the relay is.</param>
    /// <param name="query">The query of the address.</param>
    /// <param name="headers">Headers besides those of the handshake.</param>
    public static async Task<RawWebSocket> ConnectAsync(Uri relay, string query = "", params string[] headers)
    {
        ArgumentNullException.ThrowIfNull(relay);
        var client = await RawHttpClient.ConnectAsync(relay);
        await client.SendAsync(
            HandshakeTests.Shake.Replace("/ws", "/ws" + query, StringComparison.Ordinal).Replace("@HOST@", relay.Authority, StringComparison.Ordinal)
            + string.Concat(headers.Select(header => header + "\r\n")) + "\r\n");
        var answer = await client.ReadAnswerAsync();
        Assert.That(answer.Status, Is.EqualTo(101));
        return new RawWebSocket(client);
    }

    /// <summary>Sends these bytes; false when the relay has closed before all were sent.</summary>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _client.SendAsync(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Says that nothing more will be sent; frames can still be read.</summary>
    public void EndSending()
    {
        try
        {
            _client.EndSending();
        }
        catch (SocketException)
        {
            TestContext.Out.WriteLine("The relay had closed already.");
        }
    }

    /// <summary>The next frame of the relay's; null when it has ended the connection.</summary>
    public async Task<WireFrame?> ReadAsync()
    {
        try
        {
            var head = await _client.ReadBytesAsync(2);
            Assert.That(head[1] & 0x80, Is.Zero, "a frame of the server is masked");
            var length = head[1] switch
            {
                126 => BinaryPrimitives.ReadUInt16BigEndian(await _client.ReadBytesAsync(2)),
                127 => (int)BinaryPrimitives.ReadUInt64BigEndian(await _client.ReadBytesAsync(8)),
                var small => small,
            };
            return new WireFrame(head[0], await _client.ReadBytesAsync(length));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads so many bytes of whatever the relay sends.</summary>
    public Task ReadSomeAsync(int bytes) => _client.ReadBytesAsync(bytes);

    public void Dispose() => _client.Dispose();
}
