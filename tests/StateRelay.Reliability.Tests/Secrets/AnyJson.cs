using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace StateRelay.Tests.Reliability.Secrets;

/// <summary>Any JSON as a state.</summary>
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class AnyJson : JsonSerializerContext;
