using System.Text;

namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>UTF-8 cut at every byte, which is in order, and broken at every byte, which is not (RFC 6455, section 8.1).</summary>
public sealed class Utf8Tests(Transport transport) : HostileTests(transport)
{
    private const string Broken = "close 1007";
    private const string Before = """{"type":"ping","seq":" """;

    // Signs of 2, 3 and 4 bytes.
    private static readonly byte[] Signs = Encoding.UTF8.GetBytes("é€🚚");
    private static readonly byte[] Whole = [.. Encoding.UTF8.GetBytes(Before), .. Signs, .. "\"}"u8];
    private static readonly string Answered = "pong \" \\u00E9\\u20AC\\uD83D\\uDE9A\" open";

    [TestCaseSource(nameof(All))]
    public async Task A_text_has_exactly_this_answer(FrameCase tried)
    {
        ArgumentNullException.ThrowIfNull(tried);

        var told = await tried.TryAsync(Relay.Address, Transport);

        Assert.That(told, Is.EqualTo(tried.On(Transport)));
    }

    private static IEnumerable<TestCaseData> All() => Named(Cut().Concat(Broke()).Concat(Sequences()), one => one.Name);

    private static IEnumerable<FrameCase> Cut()
    {
        for (var at = Before.Length; at <= Before.Length + Signs.Length; at++)
            yield return new($"cut at byte {at}", [.. Wire.Frame(Wire.Text, Whole.AsSpan(0, at), fin: false), .. Wire.Frame(Wire.Continuation, Whole.AsSpan(at))], Answered);
        yield return new("cut at every byte", EachByItself(Whole), Answered);
        yield return new("cut at every byte, in single bytes", EachByItself(Whole), Answered) { InSingleBytes = true };
    }

    private static IEnumerable<FrameCase> Broke()
    {
        for (var at = Before.Length; at < Before.Length + Signs.Length; at++)
        {
            var broken = (byte[])[.. Whole[..at], 0xff, .. Whole[(at + 1)..]];
            yield return new($"broken at byte {at}", Wire.Frame(Wire.Text, broken), Broken);
            yield return new($"broken at byte {at}, in fragments", EachByItself(broken), Broken);
            yield return new($"broken at byte {at}, and not ended", Wire.Frame(Wire.Text, broken, fin: false), Broken);
            yield return new($"without byte {at}", Wire.Frame(Wire.Text, [.. Whole[..at], .. Whole[(at + 1)..]]), Broken);
        }

        foreach (var length in (int[])[1, 3, 4, 6, 7, 8])
            yield return new($"ended after byte {Before.Length + length}", Wire.Frame(Wire.Text, Whole.AsSpan(0, Before.Length + length)), Broken);
    }

    private static IEnumerable<FrameCase> Sequences()
    {
        yield return Of("a byte that only goes on", Broken, 0x80);
        yield return Of("the last byte that only goes on", Broken, 0xbf);
        yield return Of("an overlong slash", Broken, 0xc0, 0xaf);
        yield return Of("an overlong slash of three bytes", Broken, 0xe0, 0x80, 0xaf);
        yield return Of("an overlong slash of four bytes", Broken, 0xf0, 0x80, 0x80, 0xaf);
        yield return Of("an overlong NUL", Broken, 0xc0, 0x80);
        yield return Of("the last overlong of two bytes", Broken, 0xc1, 0xbf);
        yield return Of("the last overlong of three bytes", Broken, 0xe0, 0x9f, 0xbf);
        yield return Of("the last overlong of four bytes", Broken, 0xf0, 0x8f, 0xbf, 0xbf);
        yield return Of("a high surrogate", Broken, 0xed, 0xa0, 0x80);
        yield return Of("a low surrogate", Broken, 0xed, 0xbf, 0xbf);
        yield return Of("a pair of surrogates", Broken, 0xed, 0xa0, 0xbd, 0xed, 0xba, 0x9a);
        yield return Of("one beyond the last sign", Broken, 0xf4, 0x90, 0x80, 0x80);
        yield return Of("five bytes", Broken, 0xf8, 0x88, 0x80, 0x80, 0x80);
        yield return Of("six bytes", Broken, 0xfc, 0x84, 0x80, 0x80, 0x80, 0x80);
        yield return Of("FE", Broken, 0xfe);
        yield return Of("the first sign of two bytes", "error bad_message open", 0xc2, 0x80);
        yield return Of("the last sign before the surrogates", "error bad_message open", 0xed, 0x9f, 0xbf);
        yield return Of("the first sign after the surrogates", "error bad_message open", 0xee, 0x80, 0x80);
        yield return Of("a sign that is none", "error bad_message open", 0xef, 0xbf, 0xbf);
        yield return Of("the last sign", "error bad_message open", 0xf4, 0x8f, 0xbf, 0xbf);
        yield return Of("NUL", "error bad_message open", 0x00);
        yield return new("what is no UTF-8 in a binary", Wire.Frame(Wire.Binary, [0xff, 0xfe]), "error bad_message open");
        yield return new("what is no UTF-8 for a plain viewer", Wire.Frame(Wire.Text, [0xff]), Broken) { Speech = Speech.PlainState };
        yield return new("what is no UTF-8 for who follows events", Wire.Frame(Wire.Text, [0xff]), Broken) { Speech = Speech.PlainEvents };
    }

    private static FrameCase Of(string name, string both, params byte[] bytes) => new(name, Wire.Frame(Wire.Text, bytes), both);

    private static byte[] EachByItself(byte[] bytes) =>
        [.. bytes.Index().SelectMany(one => Wire.Frame(one.Index == 0 ? Wire.Text : Wire.Continuation, [one.Item], fin: one.Index == bytes.Length - 1))];
}
