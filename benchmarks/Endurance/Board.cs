using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StateRelay.Benchmarks.Endurance;

/// <summary>
/// The state that is served: each beat writes its number, the time, and a text into the next of a ring of cells. What stands in a cell
/// follows from the number of the beat that wrote it, so that whoever reads it can tell whether it is whole.
/// </summary>
internal sealed class Board(int cells, int size)
{
    // A letter for each place of a text, from where its number says; long enough for the longest text from the last place to begin.
    private static readonly byte[] Letters = [.. Enumerable.Range(0, 1 << 18).Select(place => (byte)('a' + (place * 7 % 26)))];

    public long N { get; private set; }

    /// <summary>When it was written: ticks of the machine's own clock, which all its processes share.</summary>
    public long Stamp { get; private set; }

    public string[] Cells { get; } = [.. Enumerable.Repeat("", cells)];

    public void Beat()
    {
        N++;
        Cells[N % Cells.Length] = Encoding.ASCII.GetString(TextOf(N, size));
        Stamp = TimeProvider.System.GetTimestamp();
    }

    /// <summary>The number of the beat that wrote a text; -1 when it is not as one was written, 0 for none.</summary>
    public static long NumberOf(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return 0;
        return Utf8Parser.TryParse(text, out long n, out var digits) && n > 0 && text.Length > digits && text[digits] == ':'
            && text[(digits + 1)..].SequenceEqual(Letters.AsSpan((int)(n % 26), text.Length - digits - 1))
            ? n
            : -1;
    }

    /// <summary>What the plain clients are sent: the newest cell.</summary>
    public static void WriteNewest(Utf8JsonWriter writer, JsonElement board)
    {
        var n = board.GetProperty("n").GetInt64();
        var cells = board.GetProperty("cells");
        writer.WriteNumber("n", n);
        writer.WriteNumber("stamp", board.GetProperty("stamp").GetInt64());
        writer.WriteString("cell", cells[(int)(n % cells.GetArrayLength())].GetString());
    }

    private static byte[] TextOf(long n, int size)
    {
        var head = Encoding.ASCII.GetBytes($"{n}:");
        return [.. head, .. Letters.AsSpan((int)(n % 26), size - head.Length)];
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Board))]
[JsonSerializable(typeof(Figures))]
[JsonSerializable(typeof(Served.Stopped))]
[JsonSerializable(typeof(Embedding.Result))]
internal sealed partial class Json : JsonSerializerContext;
