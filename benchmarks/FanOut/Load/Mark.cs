using System.Buffers.Text;
using System.Diagnostics;

namespace StateRelay.Benchmarks.FanOut.Load;

/// <summary>What every message of a run carries somewhere in its text, whatever the protocol: its number, and when it was published.</summary>
/// <param name="Seq">From 1, without holes.</param>
/// <param name="Time">A timestamp of <see cref="Stopwatch"/>, whose clock all processes of the machine share.</param>
internal readonly record struct Mark(long Seq, long Time)
{
    /// <summary>The text with a mark of now, filled up to <paramref name="length"/> characters.</summary>
    public static string Write(long seq, int length) => $"seq-{seq}_t-{Stopwatch.GetTimestamp()}.".PadRight(length, 'x');

    /// <summary>Finds the first mark and moves <paramref name="text"/> behind it; false when there is none.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> text, out Mark mark)
    {
        mark = default;
        var start = text.IndexOf("seq-"u8);
        if (start < 0)
            return false;
        text = text[(start + 4)..];
        if (!Utf8Parser.TryParse(text, out long seq, out var digits) || !text[digits..].StartsWith("_t-"u8))
            return false;
        text = text[(digits + 3)..];
        if (!Utf8Parser.TryParse(text, out long time, out digits))
            return false;
        text = text[digits..];
        mark = new Mark(seq, time);
        return true;
    }
}
