using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace StateRelay;

/// <summary>How far somebody has read in the events of one hub. Immutable.</summary>
/// <param name="Epoch">Names the history: a hub made later has another. Letters and digits.</param>
/// <param name="Seq">The number of the last event read; 0 for none.</param>
public readonly record struct EventPosition(string Epoch, long Seq)
{
    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EventPosition position)
    {
        var isOne = TrySplit(text, out var epoch, out var seq);
        position = isOne ? new EventPosition(epoch!, seq) : default;
        return isOne;
    }

    /// <summary>The two parts of <c>EPOCH:SEQ</c>, in whatever history that is.</summary>
    internal static bool TrySplit([NotNullWhen(true)] string? text, [NotNullWhen(true)] out string? epoch, out long seq)
    {
        (epoch, seq) = (null, 0);
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        // NUL characters behind a number are passed over by .NET's parser.
        if (colon <= 0 || text!.Contains('\0') || !long.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out seq))
            return false;
        epoch = text[..colon];
        return true;
    }

    /// <summary><c>EPOCH:SEQ</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}:{Seq}");
}
