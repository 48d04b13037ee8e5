using System.Text.Json;

namespace StateRelay.Operations;

/// <summary>What a plain client gets of an operation between two snapshots: the summary, and the items that move or are done.</summary>
internal static class ProgressDelta
{
    private static readonly string[] Members = ["name", "status", "done", "total", "percent", "speed"];

    public static void Write(Utf8JsonWriter writer, JsonElement state)
    {
        writer.WritePropertyName("summary"u8);
        state.GetProperty("summary"u8).WriteTo(writer);

        writer.WriteStartArray("items"u8);
        foreach (var item in state.GetProperty("items"u8).EnumerateArray())
        {
            if (item.GetProperty("status"u8).GetString() is not ("running" or "retrying" or "completed"))
                continue;
            writer.WriteStartObject();
            foreach (var member in Members)
            {
                if (!item.TryGetProperty(member, out var value))
                    continue;
                writer.WritePropertyName(member);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
