namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>Close frames, right and wrong, and what comes behind them (RFC 6455, section 7).</summary>
public sealed class CloseTests(Transport transport) : HostileTests(transport)
{
    private const string Left = "close 1000";
    private const string Broken = "close 1002";

    private static readonly byte[] Ping = Wire.Frame(Wire.Text, """{"type":"ping","seq":1}""");

    private static readonly FrameCase[] Cases =
    [
        new("of nothing", Wire.Frame(Wire.Close, ""), Left),
        new("of one byte", Wire.Frame(Wire.Close, [3]), Broken),
        .. Codes([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999], Left),
        .. Codes([1012, 1013, 1014], Left),
        .. Codes([0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 32_768, 65_535], Broken),
        new("with a reason", Wire.CloseOf(1000, "enough"), Left),
        new("with a reason in single bytes", Wire.CloseOf(1000, "enough"), Left) { InSingleBytes = true },
        new("with a reason of 123 bytes", Wire.CloseOf(1000, new string('r', 123)), Left),
        new("with a reason of 124 bytes", Wire.CloseOf(1000, new string('r', 124)), Broken),
        new("with a reason of many signs", Wire.CloseOf(1000, "Grüße 🚚"), Left),
        new("with a reason that is no UTF-8", Wire.CloseOf(1000, [0xce, 0xba, 0xff]), Broken),
        new("with a reason that is half a sign", Wire.CloseOf(1000, [0xf0, 0x9f, 0x9a]), Broken),
        new("with a reason of a surrogate", Wire.CloseOf(1000, [0xed, 0xa0, 0x80]), Broken),
        new("in fragments", [.. Wire.Frame(Wire.Close, "", fin: false), .. Wire.Frame(Wire.Continuation, "")], Broken),
        new("with its length in 2 bytes", Wire.Frame(Wire.Close, [3, 232], lengthBytes: 2), Left),
        new("of 126 bytes", Wire.Frame(Wire.Close, new byte[126]), Broken),
        new("twice", [.. Wire.CloseOf(1000), .. Wire.CloseOf(1000)], Left),
        new("and a text behind it", [.. Wire.CloseOf(1000), .. Ping], Left),
        new("and a ping behind it", [.. Wire.CloseOf(1000), .. Wire.Frame(Wire.Ping, "p")], Left),
        new("and a text of 1,000,000 bytes behind it", [.. Wire.CloseOf(1000), .. Wire.Frame(Wire.Text, new byte[1_000_000])], Left),
        new("and what breaks the protocol behind it", [.. Wire.CloseOf(1000), .. Wire.Frame(Wire.Text, "x", reserved: 7)], Left),
        new("behind a text", [.. Ping, .. Wire.CloseOf(1000)], "pong 1 " + Left),
        new("behind a subscription", [.. Wire.Frame(Wire.Text, """{"type":"subscribe","id":1,"topic":"state"}"""), .. Wire.CloseOf(1000)], "confirmed " + Left),
        new("behind a message that breaks the protocol", [.. Wire.Frame(Wire.Text, "{"), .. Wire.CloseOf(1000)], "error bad_message " + Left),
        new("of a plain viewer", Wire.CloseOf(1000), Left) { Speech = Speech.PlainState },
        new("of a plain viewer, wrong", Wire.CloseOf(1005), Broken) { Speech = Speech.PlainState },
        new("of who follows events, before it says which", Wire.CloseOf(1000), Left) { Speech = Speech.PlainEvents },
        new("of who follows events", [.. Wire.Frame(Wire.Text, """{"organization":"acme"}"""), .. Wire.CloseOf(1000)], Left) { Speech = Speech.PlainEvents, OnlyTellsTheEnd = true },
    ];

    [TestCaseSource(nameof(All))]
    public async Task A_close_frame_has_exactly_this_answer(FrameCase tried)
    {
        ArgumentNullException.ThrowIfNull(tried);

        var told = await tried.TryAsync(Relay.Address, Transport);

        Assert.That(told, Is.EqualTo(tried.On(Transport)));
    }

    private static IEnumerable<TestCaseData> All() => Named(Cases, one => one.Name);

    private static IEnumerable<FrameCase> Codes(int[] codes, string both) => codes.Select(code => new FrameCase($"of {code}", Wire.CloseOf(code), both));
}
