using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StateRelay.State;

/// <summary>
/// Finds where the parts of a valid JSON text end, without making anything of them. Nothing here recurses, so no depth of
/// nesting is too much.
/// </summary>
internal static class JsonDiffScanner
{
    /// <summary>Where the value that starts at <paramref name="start"/> ends.</summary>
    public static int EndOf(ReadOnlySpan<byte> json, int start) => EndWithin(json, start, json.Length);

    /// <summary>
    /// Where the value that starts at <paramref name="start"/> ends; -1 when it is an object or a list that goes on beyond
    /// <paramref name="limit"/>, which saves reading it to its end.
    /// </summary>
    public static int EndWithin(ReadOnlySpan<byte> json, int start, int limit) => json[start] switch
    {
        (byte)'"' => EndOfString(json, start),
        (byte)'{' or (byte)'[' => EndOfContainer(json, start, limit),
        _ => EndOfScalar(json, start),
    };

    /// <summary>Where the string whose opening quote is at <paramref name="start"/> ends, its closing quote included.</summary>
    public static int EndOfString(ReadOnlySpan<byte> json, int start)
    {
        var at = start + 1;
        while (true)
        {
            at += json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (json[at] == '"')
                return at + 1;
            at += 2;
        }
    }

    /// <summary>The first place from <paramref name="at"/> on that is not white space; the text's length when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Token(ReadOnlySpan<byte> json, int at)
    {
        while ((uint)at < (uint)json.Length && json[at] <= ' ')
            at++;
        return at;
    }

    /// <summary>The value of the member whose name ends at <paramref name="nameEnd"/>.</summary>
    public static int ValueAfter(ReadOnlySpan<byte> json, int nameEnd) => Token(json, Token(json, nameEnd) + 1);

    /// <summary>What follows a value that ended at <paramref name="end"/>: the next member or item, or the closing bracket.</summary>
    public static int Next(ReadOnlySpan<byte> json, int end)
    {
        var at = Token(json, end);
        return json[at] == ',' ? Token(json, at + 1) : at;
    }

    private static int EndOfScalar(ReadOnlySpan<byte> json, int at)
    {
        while ((uint)at < (uint)json.Length && json[at] is not ((byte)',' or (byte)']' or (byte)'}' or <= (byte)' '))
            at++;
        return at;
    }

    // Reads 64 bytes at a time as bit masks: which bytes are quotes, which are inside strings, which open and close. Only a block
    // in which the value may end is looked at bracket by bracket.
    private static int EndOfContainer(ReadOnlySpan<byte> json, int start, int limit)
    {
        ref var text = ref MemoryMarshal.GetReference(json);
        var at = start;
        var depth = 0;
        var inString = 0UL;
        var escaped = 0UL;
        for (; at <= json.Length - 64; at += 64)
        {
            if (at >= limit)
                return -1;

            var low = Vector256.LoadUnsafe(ref text, (nuint)at);
            var high = Vector256.LoadUnsafe(ref text, (nuint)at + 32);

            var quotes = Mask(low, high, (byte)'"');
            var backslashes = Mask(low, high, (byte)'\\');
            if ((backslashes | escaped) != 0)
                quotes &= ~Escaped(backslashes, ref escaped);
            var strings = Between(quotes) ^ inString;
            inString = (ulong)((long)strings >> 63);

            // Brackets and braces differ in one bit, which here does not matter: the text is valid.
            var bit = Vector256.Create((byte)0x20);
            var opening = Mask(low | bit, high | bit, (byte)'{') & ~strings;
            var closing = Mask(low | bit, high | bit, (byte)'}') & ~strings;
            var closes = BitOperations.PopCount(closing);
            if (closes >= depth)
            {
                for (var bits = closing; bits != 0; bits &= bits - 1)
                {
                    depth--;
                    var before = (bits & (0 - bits)) - 1;
                    if (depth + BitOperations.PopCount(opening & before) == 0)
                        return at + BitOperations.TrailingZeroCount(bits) + 1;
                }

                depth += closes;
            }

            depth += BitOperations.PopCount(opening) - closes;
        }

        return EndOfTail(json, at, depth, inString != 0, escaped != 0);
    }

    private static int EndOfTail(ReadOnlySpan<byte> json, int at, int depth, bool inString, bool escaped)
    {
        for (; at < json.Length; at++)
        {
            if (escaped)
                escaped = false;
            else if (json[at] == '"')
                inString = !inString;
            else if (inString)
                escaped = json[at] == '\\';
            else if (json[at] is (byte)'{' or (byte)'[')
                depth++;
            else if (json[at] is (byte)'}' or (byte)']' && --depth == 0)
                return at + 1;
        }

        throw new InvalidOperationException("The text is not whole JSON.");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mask(Vector256<byte> low, Vector256<byte> high, byte wanted)
    {
        var all = Vector256.Create(wanted);
        return Vector256.Equals(low, all).ExtractMostSignificantBits()
            | ((ulong)Vector256.Equals(high, all).ExtractMostSignificantBits() << 32);
    }

    // Each bit becomes the parity of the quotes up to it: set from an opening quote up to, not including, the closing one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Between(ulong quotes)
    {
        quotes ^= quotes << 1;
        quotes ^= quotes << 2;
        quotes ^= quotes << 4;
        quotes ^= quotes << 8;
        quotes ^= quotes << 16;
        return quotes ^ (quotes << 32);
    }

    // The bytes that stand behind a backslash that is not itself escaped; carry says so of the next block's first byte.
    private static ulong Escaped(ulong backslashes, ref ulong carry)
    {
        var escaped = carry;
        carry = 0;
        backslashes &= ~escaped;
        while (backslashes != 0)
        {
            var first = backslashes & (0 - backslashes);
            var next = first << 1;
            if (next == 0)
                carry = 1;
            escaped |= next;
            backslashes &= ~(first | next);
        }

        return escaped;
    }
}
