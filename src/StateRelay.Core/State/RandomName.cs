using System.Globalization;

namespace StateRelay.State;

/// <summary>Names that tell one thing from all others of its kind. Not secrets: they may be guessed.</summary>
internal static class RandomName
{
    /// <summary>So many hexadecimal digits, 16 at most.</summary>
    public static string Of(int digits) => Random.Shared.NextInt64().ToString("x16", CultureInfo.InvariantCulture)[^digits..];
}
