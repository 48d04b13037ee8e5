using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace StateRelay.Benchmarks.Support;

/// <summary>A delta the plain way: both versions parsed into trees, the trees compared, items of lists by position.</summary>
internal static class NaiveDelta
{
    public static byte[] Write(ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to)
    {
        var patch = new ArrayBufferWriter<byte>();
        using (var before = JsonDocument.Parse(from))
        using (var after = JsonDocument.Parse(to))
        using (var writer = new Utf8JsonWriter(patch))
        {
            writer.WriteStartArray();
            Compare(before.RootElement, after.RootElement, "", writer);
            writer.WriteEndArray();
        }

        return patch.WrittenSpan.ToArray();
    }

    private static void Compare(JsonElement from, JsonElement to, string path, Utf8JsonWriter patch)
    {
        if (from.ValueKind == JsonValueKind.Object && to.ValueKind == JsonValueKind.Object)
            CompareObjects(from, to, path, patch);
        else if (from.ValueKind == JsonValueKind.Array && to.ValueKind == JsonValueKind.Array)
            CompareLists(from, to, path, patch);
        else if (!JsonElement.DeepEquals(from, to))
            Operation("replace", path, to, patch);
    }

    private static void CompareObjects(JsonElement from, JsonElement to, string path, Utf8JsonWriter patch)
    {
        foreach (var member in from.EnumerateObject())
        {
            if (!to.TryGetProperty(member.Name, out _))
                Operation("remove", Join(path, member.Name), null, patch);
        }

        foreach (var member in to.EnumerateObject())
        {
            if (from.TryGetProperty(member.Name, out var before))
                Compare(before, member.Value, Join(path, member.Name), patch);
            else
                Operation("add", Join(path, member.Name), member.Value, patch);
        }
    }

    private static void CompareLists(JsonElement from, JsonElement to, string path, Utf8JsonWriter patch)
    {
        var index = 0;
        var (before, after) = (from.EnumerateArray(), to.EnumerateArray());
        while (before.MoveNext())
        {
            var at = Join(path, index.ToString(CultureInfo.InvariantCulture));
            if (after.MoveNext())
                Compare(before.Current, after.Current, at, patch);
            else
                Operation("remove", Join(path, to.GetArrayLength().ToString(CultureInfo.InvariantCulture)), null, patch);
            index++;
        }

        while (after.MoveNext())
            Operation("add", Join(path, "-"), after.Current, patch);
    }

    private static string Join(string path, string step) => path + "/" + step;

    private static void Operation(string op, string path, JsonElement? value, Utf8JsonWriter patch)
    {
        patch.WriteStartObject();
        patch.WriteString("op"u8, op);
        patch.WriteString("path"u8, path);
        if (value is { } given)
        {
            patch.WritePropertyName("value"u8);
            given.WriteTo(patch);
        }

        patch.WriteEndObject();
    }
}
