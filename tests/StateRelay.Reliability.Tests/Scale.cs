namespace StateRelay.Tests.Reliability;

/// <summary>
/// How much is tried: little in each run of the tests, much in the long form, which <c>tests/reliability-long</c> asks for. What is tried
/// is chosen by a seed, which a failure prints and <c>STATERELAY_SEED</c> replays.
/// </summary>
internal static class Scale
{
    /// <summary>Whether this run is the long form.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("STATERELAY_LONG") == "1";

    /// <summary>
    /// How many inputs each fuzzed reader gets in the long form: ten million, unless <c>STATERELAY_FUZZ_INPUTS</c> says otherwise.
    /// </summary>
    public static int FuzzInputs { get; } = Number("STATERELAY_FUZZ_INPUTS") ?? 10_000_000;

    /// <summary>How many sequences the model runs in the long form: 100,000, unless <c>STATERELAY_MODEL_SEQUENCES</c> says otherwise.</summary>
    public static int ModelSequences { get; } = Number("STATERELAY_MODEL_SEQUENCES") ?? 100_000;

    /// <summary>One number in each run of the tests, another in the long form.</summary>
    public static int Of(int usual, int inTheLongForm) => IsLong ? inTheLongForm : usual;

    /// <summary>The seed to replay, or a new one.</summary>
    public static int Seed() => Number("STATERELAY_SEED") ?? Random.Shared.Next();

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
            : null;
}
