using System.Text;

namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>Frames of every length and kind (RFC 6455, sections 5 and 6), in the client's own words.</summary>
public sealed class FrameTests(Transport transport) : HostileTests(transport)
{
    private const string Broken = "close 1002";
    private const int Limit = 32 * 1024;

    private static readonly byte[] Hello = Wire.Frame(Wire.Text, Ping(1));

    private static readonly FrameCase[] Cases =
    [
        new("nothing", [], "open"),
        new("a text", Hello, "pong 1 open"),
        new("a text in single bytes", Hello, "pong 1 open") { InSingleBytes = true },
        new("two texts at once", [.. Hello, .. Hello], "pong 1 pong 1 open"),
        new("a text with a mask of noughts", [0x81, 0x94, 0, 0, 0, 0, .. Encoding.UTF8.GetBytes("""{"type":"keepalive"}""")], "open"),
        new("a text of 0 bytes", Wire.Frame(Wire.Text, ""), "error bad_message open"),
        new("a text of 1 byte", Wire.Frame(Wire.Text, "7"), "error bad_message open"),
        Sized(125),
        Sized(126),
        Sized(127),
        Sized(128),
        Sized(1023),
        Sized(1024),
        Sized(1025),
        Sized(4096),
        Sized(Limit - 1),
        Sized(Limit),
        new("a text of one byte more than may be", Text(Limit + 1), "goodbye 1009 close 1009"),
        new("a text of 65,535 bytes", Text(65_535), "goodbye 1009 close 1009"),
        new("a text of 65,536 bytes", Text(65_536), "goodbye 1009 close 1009"),
        new("a text of 1,000,000 bytes", Text(1_000_000), "goodbye 1009 close 1009"),
        new("a text of the limit in fragments of 1,000", Fragments(Limit, 1000), "pong 1 open"),
        new("a text of one byte more in fragments of 1,000", Fragments(Limit + 1, 1000), "goodbye 1009 close 1009"),
        new("a text in fragments of 1 byte", Fragments(300, 1), "pong 1 open"),
        new("a text in fragments of 1 byte, byte by byte", Fragments(100, 1), "pong 1 open") { InSingleBytes = true },
        new("a text among 1,000 fragments of nothing", [.. Wire.Frame(Wire.Text, "", fin: false), .. Repeat(1000, Wire.Frame(Wire.Continuation, "", fin: false)), .. Wire.Frame(Wire.Continuation, Ping(1))], "pong 1 open"),
        new("three fragments of nothing", [.. Wire.Frame(Wire.Text, "", fin: false), .. Wire.Frame(Wire.Continuation, "", fin: false), .. Wire.Frame(Wire.Continuation, "")], "error bad_message open"),
        new("a binary of 0 bytes", Wire.Frame(Wire.Binary, ""), "error bad_message open"),
        new("a binary", Wire.Frame(Wire.Binary, Ping(1)), "error bad_message open"),
        new("a binary of the limit", Wire.Frame(Wire.Binary, new byte[Limit]), "error bad_message open"),
        new("a binary of one byte more than may be", Wire.Frame(Wire.Binary, new byte[Limit + 1]), "goodbye 1009 close 1009"),
        new("a binary in fragments", [.. Wire.Frame(Wire.Binary, "a", fin: false), .. Wire.Frame(Wire.Continuation, "b")], "error bad_message open"),
        new("three binaries", Repeat(3, Wire.Frame(Wire.Binary, "x")), "error bad_message error bad_message error bad_message goodbye 4400 close 4400"),
        new("two binaries and a text, twice", Repeat(2, [.. Repeat(2, Wire.Frame(Wire.Binary, "x")), .. Hello]), "error bad_message error bad_message pong 1 error bad_message error bad_message pong 1 open"),
        new("a length longer written than need be, in 2 bytes", Wire.Frame(Wire.Text, Ping(1), lengthBytes: 2), "pong 1 open"),
        new("a length longer written than need be, in 8 bytes", Wire.Frame(Wire.Text, Ping(1), lengthBytes: 8), "pong 1 open"),
        new("a length of nought in 8 bytes", Wire.Frame(Wire.Text, "", lengthBytes: 8), "error bad_message open"),
        new("a length of 126 in 8 bytes", Wire.Frame(Wire.Text, Ping(1).PadRight(126), lengthBytes: 8), "pong 1 open"),
        new("a length with its first bit set", Wire.Frame(Wire.Text, [], lengthBytes: 8, length: 0x8000_0000_0000_0001), Broken),
        new("a length with all bits set", Wire.Frame(Wire.Text, [], lengthBytes: 8, length: ulong.MaxValue), Broken),
        new("a length of 2^63 - 1, of which too much comes", Wire.Frame(Wire.Text, new byte[Limit + 1].Select(_ => (byte)' ').ToArray(), lengthBytes: 8, length: long.MaxValue), "goodbye 1009 close 1009"),
        new("a length of 2^31, of which too much comes", Wire.Frame(Wire.Text, new byte[Limit + 1].Select(_ => (byte)' ').ToArray(), lengthBytes: 8, length: 1UL << 31), "goodbye 1009 close 1009"),
        new("a length of 2^40, and the end", Wire.Frame(Wire.Text, "{"u8, lengthBytes: 8, length: 1UL << 40), "gone") { EndsSending = true },
        new("half of a head, and the end", [0x81], "gone") { EndsSending = true },
        new("half of a length, and the end", [0x81, 0xfe, 0x01], "gone") { EndsSending = true },
        new("half of a mask, and the end", [0x81, 0x85, 0x01, 0x02], "gone") { EndsSending = true },
        new("half of a text, and the end", Hello[..^3], "gone") { EndsSending = true },
        new("half of a message, and the end", Wire.Frame(Wire.Text, "{", fin: false), "gone") { EndsSending = true },
        new("a text that is not masked", Wire.Frame(Wire.Text, Ping(1), masked: false), Broken),
        new("a binary that is not masked", Wire.Frame(Wire.Binary, "abcdef", masked: false), Broken),
        new("a ping that is not masked", Wire.Frame(Wire.Ping, "abcdef", masked: false), Broken),
        new("a close frame that is not masked", Wire.Frame(Wire.Close, [3, 232, 65, 66, 67, 68], masked: false), Broken),
        new("a continuation that is not masked", [.. Wire.Frame(Wire.Text, "{", fin: false), .. Wire.Frame(Wire.Continuation, "abcdef", masked: false)], Broken),
        new("the first reserved bit", Wire.Frame(Wire.Text, Ping(1), reserved: 4), Broken),
        new("the second reserved bit", Wire.Frame(Wire.Text, Ping(1), reserved: 2), Broken),
        new("the third reserved bit", Wire.Frame(Wire.Text, Ping(1), reserved: 1), Broken),
        new("all reserved bits", Wire.Frame(Wire.Text, Ping(1), reserved: 7), Broken),
        new("a reserved bit behind a text", [.. Hello, .. Wire.Frame(Wire.Text, Ping(2), reserved: 1)], Broken) { OnlyTellsTheEnd = true },
        new("a reserved bit of a ping", Wire.Frame(Wire.Ping, "", reserved: 4), Broken),
        new("a reserved bit of a close frame", Wire.Frame(Wire.Close, "", reserved: 2), Broken),
        new("a reserved bit of a continuation", [.. Wire.Frame(Wire.Text, "{", fin: false), .. Wire.Frame(Wire.Continuation, "}", reserved: 4)], Broken),
        new("a reserved bit in single bytes", Wire.Frame(Wire.Text, Ping(1), reserved: 1), Broken) { InSingleBytes = true },
        .. Enumerable.Range(3, 5).Concat(Enumerable.Range(11, 5)).Select(opcode => new FrameCase($"opcode {opcode}", Wire.Frame(opcode, ""), Broken)),
        .. Enumerable.Range(3, 5).Concat(Enumerable.Range(11, 5)).Select(opcode => new FrameCase($"opcode {opcode} within a message", [.. Wire.Frame(Wire.Text, "{", fin: false), .. Wire.Frame(opcode, "x")], Broken)),
        new("a ping of nothing", Wire.Frame(Wire.Ping, ""), "PONG  open"),
        new("a ping", Wire.Frame(Wire.Ping, "are you there"), "PONG are you there open"),
        new("a ping of bytes that are no text", Wire.Frame(Wire.Ping, Enumerable.Repeat((byte)0xff, 30).ToArray()), "PONG 30 open"),
        new("a ping of 125 bytes", Wire.Frame(Wire.Ping, new string('p', 125)), "PONG 125 open"),
        new("a ping of 125 bytes in single bytes", Wire.Frame(Wire.Ping, new string('p', 125)), "PONG 125 open") { InSingleBytes = true },
        new("a ping of 126 bytes", Wire.Frame(Wire.Ping, new string('p', 126)), Broken),
        new("a ping with its length in 2 bytes", Wire.Frame(Wire.Ping, "p", lengthBytes: 2), "PONG p open"),
        new("a ping with its length in 8 bytes", Wire.Frame(Wire.Ping, "p", lengthBytes: 8), "PONG p open"),
        new("a ping of 2^63 - 1 bytes", Wire.Frame(Wire.Ping, [], lengthBytes: 8, length: long.MaxValue), Broken),
        new("ten pings", [.. Enumerable.Range(0, 10).SelectMany(n => Wire.Frame(Wire.Ping, $"{n}"))], string.Concat(Enumerable.Range(0, 10).Select(n => $"PONG {n} ")) + "open"),
        new("1,000 pings", Repeat(1000, Wire.Frame(Wire.Ping, "p")), string.Concat(Enumerable.Repeat("PONG p ", 1000)) + "open"),
        new("a ping in fragments", [.. Wire.Frame(Wire.Ping, "a", fin: false), .. Wire.Frame(Wire.Continuation, "b")], Broken),
        new("a pong that nobody asked for", Wire.Frame(Wire.Pong, ""), "open"),
        new("a pong with something in it", Wire.Frame(Wire.Pong, "here"), "open"),
        new("a pong and a ping", [.. Wire.Frame(Wire.Pong, "here"), .. Wire.Frame(Wire.Ping, "there")], "PONG there open"),
        new("1,000 pongs", Repeat(1000, Wire.Frame(Wire.Pong, "p")), "open"),
        new("a pong of 126 bytes", Wire.Frame(Wire.Pong, new string('p', 126)), Broken),
        new("a pong in fragments", [.. Wire.Frame(Wire.Pong, "a", fin: false), .. Wire.Frame(Wire.Continuation, "b")], Broken),
        new("a text in two fragments", [.. Wire.Frame(Wire.Text, Ping(1)[..9], fin: false), .. Wire.Frame(Wire.Continuation, Ping(1)[9..])], "pong 1 open"),
        new("a text in two fragments in single bytes", [.. Wire.Frame(Wire.Text, Ping(1)[..9], fin: false), .. Wire.Frame(Wire.Continuation, Ping(1)[9..])], "pong 1 open") { InSingleBytes = true },
        new("a ping within a message", [.. Wire.Frame(Wire.Text, Ping(1)[..9], fin: false), .. Wire.Frame(Wire.Ping, "p"), .. Wire.Frame(Wire.Continuation, Ping(1)[9..])], "PONG p pong 1 open"),
        new("a pong within a message", [.. Wire.Frame(Wire.Text, Ping(1)[..9], fin: false), .. Wire.Frame(Wire.Pong, "p"), .. Wire.Frame(Wire.Continuation, Ping(1)[9..])], "pong 1 open"),
        new("pings between all fragments of a message", Interleaved(), string.Concat(Enumerable.Repeat("PONG p ", Ping(1).Length)) + "pong 1 open"),
        new("a close frame within a message", [.. Wire.Frame(Wire.Text, "{", fin: false), .. Wire.CloseOf(1000)], "close 1000"),
        new("a continuation of nothing", Wire.Frame(Wire.Continuation, "x"), Broken),
        new("a continuation of nothing that goes on", Wire.Frame(Wire.Continuation, "x", fin: false), Broken),
        new("a continuation behind a whole message", [.. Hello, .. Wire.Frame(Wire.Continuation, "x")], Broken) { OnlyTellsTheEnd = true },
        new("a continuation behind a message of fragments", [.. Fragments(60, 20), .. Wire.Frame(Wire.Continuation, "x")], Broken) { OnlyTellsTheEnd = true },
        new("a text within a message", [.. Wire.Frame(Wire.Text, "{", fin: false), .. Hello], Broken),
        new("a binary within a text", [.. Wire.Frame(Wire.Text, "{", fin: false), .. Wire.Frame(Wire.Binary, "x")], Broken),
        new("a text within a binary", [.. Wire.Frame(Wire.Binary, "{", fin: false), .. Hello], Broken),
        new("a text within a message that goes on", [.. Wire.Frame(Wire.Text, "{", fin: false), .. Wire.Frame(Wire.Text, "x", fin: false)], Broken),
        new("another handshake", Encoding.ASCII.GetBytes("GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n"), Broken),
        new("a request of HTTP", Encoding.ASCII.GetBytes("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n"), Broken),
    ];

    [TestCaseSource(nameof(All))]
    public async Task Frames_have_exactly_this_answer(FrameCase tried)
    {
        ArgumentNullException.ThrowIfNull(tried);

        var told = await tried.TryAsync(Relay.Address, Transport);

        Assert.That(told, Is.EqualTo(tried.On(Transport)));
    }

    private static IEnumerable<TestCaseData> All() => Named(Cases, one => one.Name);

    private static string Ping(int seq) => $$"""{"type":"ping","seq":{{seq}}}""";

    private static FrameCase Sized(int bytes) => new($"a text of {bytes} bytes", Text(bytes), "pong 1 open");

    private static byte[] Text(int bytes) => Wire.Frame(Wire.Text, Ping(1).PadRight(bytes));

    private static byte[] Repeat(int times, byte[] frame) => [.. Enumerable.Repeat(frame, times).SelectMany(bytes => bytes)];

    private static byte[] Fragments(int bytes, int each)
    {
        var text = Ping(1).PadRight(bytes);
        return [.. Enumerable.Range(0, (bytes + each - 1) / each).SelectMany(n => Wire.Frame(
            n == 0 ? Wire.Text : Wire.Continuation, text[(n * each)..Math.Min(bytes, (n + 1) * each)], fin: (n + 1) * each >= bytes))];
    }

    private static byte[] Interleaved()
    {
        var text = Ping(1);
        return [.. Enumerable.Range(0, text.Length).SelectMany(n => (byte[])
            [.. Wire.Frame(Wire.Ping, "p"), .. Wire.Frame(n == 0 ? Wire.Text : Wire.Continuation, text[n..(n + 1)], fin: n == text.Length - 1)])];
    }
}
