namespace StateRelay.Tests.Reliability;

/// <summary>
/// How much is tried: little in each run of the tests, much in the long form, which <c>tests/reliability-long</c> asks for. What is tried
/// is chosen by a seed, which a failure prints and <c>STATERELAY_SEED</c> replays.
/// </summary>
internal static class Scale
{
    /// <summary>Whether this run is the long form.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("STATERELAY_LONG") == "1";

    /// <summary>One number in each run of the tests, another in the long form.</summary>
    public static int Of(int usual, int inTheLongForm) => IsLong ? inTheLongForm : usual;

    /// <summary>The seed to replay, or a new one.</summary>
    public static int Seed() =>
        Environment.GetEnvironmentVariable("STATERELAY_SEED") is { Length: > 0 } text
            ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : Random.Shared.Next();
}
