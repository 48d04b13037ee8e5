using System.Text;

namespace StateRelay.Tests.Reliability.Fuzz;

/// <summary>
/// Makes inputs of those it is given, a few changes each: bits, pieces, numbers, half characters, JSON that is not quite JSON. Some of
/// what it made it changes further. The same seed makes the same inputs.
/// </summary>
internal sealed class Mutator
{
    private const int MaxLength = 32 * 1024, MaxRepeats = 600, KeptInputs = 256, MaxKeptLength = 4096;

    private static readonly byte[][] Numbers =
        Bytes("0", "-0", "1", "-1", "00", "01", "1.0", "1e5", "1E400", "-1e-400", "9007199254740991", "9007199254740992", "9223372036854775807",
            "9223372036854775808", "18446744073709551616", "2147483648", "0.1", "1.", ".1", "+1", "0x10", "NaN", "Infinity", "123456789012345678901234567890");

    private static readonly byte[][] Characters =
    [
        [0x00], [0x7F], [0x80], [0xBF], [0xC0, 0x80], [0xC3], [0xC3, 0x28], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x98, 0x80],
        [0xF4, 0x90, 0x80, 0x80], [0xFE], [0xFF], [0xEF, 0xBB, 0xBF], [0xE2, 0x80, 0xAE], [0xC2, 0xA0], [0xEF, 0xBC, 0x91],
        .. Bytes("\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u0000", "\\u0061", "\\u", "\\uZZZZ", "\\x", "\\", "\r\n", "\n", "\t", "\u00df", "\u0130", "\u212a"),
    ];

    private static readonly byte[][] Json =
        Bytes("{", "}", "[", "]", ",", ":", "\"", "null", "true", "false", "{}", "[]", "\"\"", "[[", "]]", "{\"a\":", "{\"\":{\"\":", "/*", "//", "\"type\":", "\"id\":-1,", " ", "{\"type\":\"x\",\"type\":null}");

    private readonly Random _random;
    private readonly byte[][] _corpus;
    private readonly byte[][][] _dictionaries;
    private readonly List<byte[]> _kept = [];
    private byte[] _input = new byte[1024];
    private int _length;

    /// <param name="seed">Decides everything.</param>
    /// <param name="corpus">What to begin with.</param>
    /// <param name="words">What means something to who reads it.</param>
    public Mutator(int seed, IEnumerable<byte[]> corpus, IEnumerable<string> words)
    {
        _random = new Random(seed);
        _corpus = [.. corpus];
        byte[][] own = [.. words.Select(Encoding.UTF8.GetBytes)];
        _dictionaries = own.Length == 0 ? [Numbers, Characters, Json] : [own, own, Numbers, Characters, Json];
    }

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        Begin(_kept.Count > 0 && _random.Next(4) == 0 ? Of(_kept) : Of(_corpus));
        do
            Change();
        while (_random.Next(5) < 2);

        var made = _input.AsSpan(0, _length).ToArray();
        if (_random.Next(64) == 0 && made.Length <= MaxKeptLength)
            Keep(made);
        return made;
    }

    private static byte[][] Bytes(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private byte[] Of(IReadOnlyList<byte[]> several) => several[_random.Next(several.Count)];

    private void Keep(byte[] made)
    {
        if (_kept.Count < KeptInputs)
            _kept.Add(made);
        else
            _kept[_random.Next(KeptInputs)] = made;
    }

    private void Begin(byte[] input)
    {
        _length = 0;
        Replace(0, 0, input);
    }

    private void Change()
    {
        var at = _random.Next(_length + 1);
        var (from, end) = Piece();
        switch (_random.Next(13))
        {
            case 0 when _length > 0:
                _input[_random.Next(_length)] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when _length > 0:
                _input[_random.Next(_length)] = (byte)_random.Next(256);
                break;
            case 2:
                _length = at;
                break;
            case 3:
                Replace(from, end, []);
                break;
            case 4:
                Replace(at, at, _input.AsSpan(from, end - from).ToArray());
                break;
            case 5:
                Repeat(at, _input.AsSpan(from, Math.Min(end - from, 64)).ToArray());
                break;
            case 6:
                Splice(at);
                break;
            case 7:
                ChangeNumber(at);
                break;
            case 8:
                Swap(from, end, at);
                break;
            case 9:
                Replace(from, end, Of(_dictionaries[_random.Next(_dictionaries.Length)]));
                break;
            case 10 when _random.Next(4) == 0:
                Repeat(at, Of(_dictionaries[_random.Next(_dictionaries.Length)]));
                break;
            case 11:
                Replace(at, at, Of(Characters));
                break;
            default:
                Replace(at, at, Of(_dictionaries[_random.Next(_dictionaries.Length)]));
                break;
        }
    }

    // Mostly a short one.
    private (int From, int End) Piece()
    {
        var from = _random.Next(_length + 1);
        var length = _random.Next(4) == 0 ? _length : 16;
        return (from, Math.Min(_length, from + _random.Next(length + 1)));
    }

    private void Repeat(int at, byte[] piece)
    {
        var times = _random.Next(8) == 0 ? _random.Next(MaxRepeats) : _random.Next(1, 8);
        var several = new byte[Math.Min(times * piece.Length, MaxLength)];
        for (var index = 0; index < several.Length; index++)
            several[index] = piece[index % piece.Length];
        Replace(at, at, several);
    }

    private void Splice(int at)
    {
        var other = Of(_corpus);
        var from = _random.Next(other.Length + 1);
        Replace(at, _random.Next(2) == 0 ? _length : at, other.AsSpan(from, Math.Min(other.Length - from, _random.Next(256))));
    }

    private void ChangeNumber(int at)
    {
        var from = _input.AsSpan(at, _length - at).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (from < 0)
            return;
        from += at;
        var end = from;
        while (end < _length && _input[end] is >= (byte)'0' and <= (byte)'9')
            end++;
        Replace(from, end, Of(Numbers));
    }

    private void Swap(int from, int end, int at)
    {
        var piece = _input.AsSpan(from, end - from).ToArray();
        Replace(from, end, []);
        at = Math.Min(at, _length);
        Replace(at, at, piece);
    }

    private void Replace(int from, int end, ReadOnlySpan<byte> by)
    {
        var length = _length - (end - from) + by.Length;
        if (length > MaxLength)
            return;
        if (length > _input.Length)
            Array.Resize(ref _input, Math.Max(length, _input.Length * 2));
        _input.AsSpan(end, _length - end).CopyTo(_input.AsSpan(from + by.Length));
        by.CopyTo(_input.AsSpan(from));
        _length = length;
    }
}
