using System.Text.Json;
using System.Text.Json.Serialization;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>What the hand-written servers and SignalR send: the members of StateRelay's plain events.</summary>
internal sealed record Tick(string Type, DateTime Timestamp, string DeliveryId)
{
    /// <summary>Characters of <see cref="DeliveryId"/> with which a message has 256 bytes.</summary>
    public const int TextLength = 176;

    public static Tick Of(string text) => new("tick", DateTime.UtcNow, text);

    public static byte[] Utf8(string text) => JsonSerializer.SerializeToUtf8Bytes(Of(text), TickJson.Default.Tick);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Tick))]
internal sealed partial class TickJson : JsonSerializerContext;
