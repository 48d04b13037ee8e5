using System.Text.Json.Serialization;

namespace StateRelay.Samples.GenericHost;

/// <summary>The file that got smallest of all so far. Immutable; shown as a state of its own.</summary>
/// <param name="File">Its name; null before there is any.</param>
/// <param name="Percent">What it came to, of what it was.</param>
/// <param name="Rounds">How many rounds were finished.</param>
internal sealed record Record(string? File, double? Percent, int Rounds)
{
    public static Record None { get; } = new(null, null, 0);

    /// <summary>The same with one more file looked at.</summary>
    public Record With(string file, double percent) => Percent <= percent ? this : this with { File = file, Percent = percent };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Record))]
internal sealed partial class RecordJson : JsonSerializerContext;
