using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StateRelay.Tests.Support;

/// <summary>A state to test with: trucks by number.</summary>
internal sealed record Fleet(string Name, ImmutableList<Truck> Trucks)
{
    public static readonly Fleet Empty = new("fleet", []);

    public double Load { get; init; }

    public Fleet With(string id, int speed)
    {
        var at = Trucks.FindIndex(truck => truck.Id == id);
        return this with { Trucks = at < 0 ? Trucks.Add(new Truck(id, speed)) : Trucks.SetItem(at, Trucks[at] with { Speed = speed }) };
    }
}

internal sealed record Truck(string Id, int Speed)
{
    public string? Cargo { get; init; }
}

[JsonSerializable(typeof(Fleet))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class TestFleetJson : JsonSerializerContext;

[JsonSerializable(typeof(List<int>))]
internal sealed partial class ListJson : JsonSerializerContext;

[JsonSerializable(typeof(Dictionary<string, List<double>>))]
internal sealed partial class NestedJson : JsonSerializerContext;

/// <summary>A state whose converter writes whatever it is told to, JSON or not.</summary>
[JsonConverter(typeof(RawConverter))]
internal sealed record Raw(string Text);

internal sealed class RawConverter : JsonConverter<Raw>
{
    public override Raw Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, Raw value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Text, skipInputValidation: true);
}

[JsonSerializable(typeof(Raw))]
internal sealed partial class RawJson : JsonSerializerContext;
