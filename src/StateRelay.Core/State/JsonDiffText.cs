using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace StateRelay.State;

/// <summary>Compares JSON strings by what they say, however they are escaped. Strings come with their quotes.</summary>
internal static class JsonDiffText
{
    /// <summary>Whether two strings of documents say the same. Texts without quotes (numbers) are equal when their bytes are.</summary>
    public static bool Same(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.SequenceEqual(other))
            return true;
        if (!IsEscaped(one) && !IsEscaped(other))
            return false;

        var buffer = ArrayPool<byte>.Shared.Rent(one.Length + other.Length);
        var first = buffer.AsSpan(0, Decode(one, buffer));
        var rest = buffer.AsSpan(first.Length);
        var second = rest[..Decode(other, rest)];
        var same = first.SequenceEqual(second);
        ArrayPool<byte>.Shared.Return(buffer);
        return same;
    }

    /// <summary>Whether a document's string says <paramref name="plain"/>, which is plain UTF-8 between quotes, nothing escaped.</summary>
    public static bool Says(ReadOnlySpan<byte> text, ReadOnlySpan<byte> plain)
    {
        if (!IsEscaped(text))
            return text.SequenceEqual(plain);

        var buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        var same = plain.SequenceEqual(buffer.AsSpan(0, Decode(text, buffer)));
        ArrayPool<byte>.Shared.Return(buffer);
        return same;
    }

    /// <summary>The same for all texts that are <see cref="Same"/>; seeded at random, so that nobody can choose names that collide.</summary>
    public static int Hash(ReadOnlySpan<byte> text)
    {
        if (!IsEscaped(text))
            return HashPlain(text);

        var buffer = ArrayPool<byte>.Shared.Rent(text.Length);
        var hash = HashPlain(buffer.AsSpan(0, Decode(text, buffer)));
        ArrayPool<byte>.Shared.Return(buffer);
        return hash;
    }

    private static bool IsEscaped(ReadOnlySpan<byte> text) => text.Contains((byte)'\\');

    // Two bytes as a char each, because the framework's seeded hash is one of chars; an odd last byte is the closing quote
    // or a number's last digit.
    private static int HashPlain(ReadOnlySpan<byte> text)
    {
        var hash = string.GetHashCode(MemoryMarshal.Cast<byte, char>(text));
        return (text.Length & 1) == 0 ? hash : (hash * 31) + text[^1];
    }

    // Never longer than the text. Half of a surrogate pair, which some writers let through, becomes the three bytes it would be.
    private static int Decode(ReadOnlySpan<byte> text, Span<byte> into)
    {
        var length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\')
            {
                into[length++] = text[at];
                continue;
            }

            at++;
            if (text[at] != 'u')
            {
                into[length++] = Plain(text[at]);
                continue;
            }

            var value = Hex(text, at + 1);
            at += 4;
            if (char.IsHighSurrogate(value) && at + 6 < text.Length && text[at + 1] == '\\' && text[at + 2] == 'u'
                && Rune.TryCreate(value, Hex(text, at + 3), out var pair))
            {
                at += 6;
                length += pair.EncodeToUtf8(into[length..]);
            }
            else
            {
                length += Encode(value, into[length..]);
            }
        }

        return length;
    }

    private static char Hex(ReadOnlySpan<byte> text, int at) =>
        (char)ushort.Parse(text.Slice(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static byte Plain(byte letter) => letter switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => letter,
    };

    private static int Encode(char value, Span<byte> into)
    {
        if (Rune.TryCreate(value, out var rune))
            return rune.EncodeToUtf8(into);

        into[0] = (byte)(0xE0 | (value >> 12));
        into[1] = (byte)(0x80 | ((value >> 6) & 0x3F));
        into[2] = (byte)(0x80 | (value & 0x3F));
        return 3;
    }
}
