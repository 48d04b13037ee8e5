using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace StateRelay.Operations;

/// <summary>How an operation is written as JSON, and read.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OperationState))]
[JsonSerializable(typeof(OperationItemState))]
[JsonSerializable(typeof(OperationMetric))]
[JsonSerializable(typeof(OperationLogEntry))]
[JsonSerializable(typeof(OperationIssue))]
[JsonSerializable(typeof(OperationEventData))]
internal sealed partial class OperationJson : JsonSerializerContext;

/// <summary>What an event of an operation says besides its type and its item.</summary>
internal sealed record OperationEventData(string Message);

/// <summary>An immutable value that keeps its JSON once that was written, so that only what is new has to be written again.</summary>
internal interface ICachedJson
{
    byte[]? Json { get; set; }
}

/// <summary>Writes a list whose items keep their JSON.</summary>
internal abstract class CachedList<T>(Func<OperationJson, JsonTypeInfo<T>> typeInfo) : JsonConverter<ImmutableArray<T>>
    where T : class, ICachedJson
{
    public override ImmutableArray<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException();

        var items = ImmutableArray.CreateBuilder<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(JsonSerializer.Deserialize(ref reader, typeInfo(OperationJson.Default)) ?? throw new JsonException());
        return items.DrainToImmutable();
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<T> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var item in value)
        {
            item.Json ??= JsonSerializer.SerializeToUtf8Bytes(item, typeInfo(OperationJson.Default));
            writer.WriteRawValue(item.Json, skipInputValidation: true);
        }

        writer.WriteEndArray();
    }
}

/// <summary>Writes items.</summary>
internal sealed class ItemList() : CachedList<OperationItemState>(json => json.OperationItemState);

/// <summary>Writes metrics.</summary>
internal sealed class MetricList() : CachedList<OperationMetric>(json => json.OperationMetric);

/// <summary>Writes log entries.</summary>
internal sealed class LogList() : CachedList<OperationLogEntry>(json => json.OperationLogEntry);

/// <summary>Writes errors or warnings.</summary>
internal sealed class IssueList() : CachedList<OperationIssue>(json => json.OperationIssue);

/// <summary>Writes a time as RFC 3339 with <c>Z</c>.</summary>
internal sealed class UtcTime : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime);
}
