namespace StateRelay.Diagnostics;

/// <summary>Says of an option that is out of its range what it must be.</summary>
internal static class OptionRange
{
    /// <summary>One sentence; null when the value is in range, its ends included.</summary>
    public static string? Problem<T>(string name, T value, T least, T most)
        where T : IComparable<T> =>
        value.CompareTo(least) < 0 || value.CompareTo(most) > 0 ? Sentence(name, value, least, most) : null;

    // Apart: making sentences of numbers takes the most to compile, and a program with the right options starts without it.
    private static string Sentence<T>(string name, T value, T least, T most) => $"{name} must be {least} to {most}, but is {value}.";
}
