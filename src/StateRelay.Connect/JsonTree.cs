using System.Runtime.InteropServices;
using System.Text.Json;

namespace StateRelay.Connect;

/// <summary>
/// A JSON value that changes are applied to without copying what they do not touch: parts are shared between versions, and a part that was
/// handed out is never changed. Scalars keep the very text they came in.
/// </summary>
internal abstract class JsonTree
{
    /// <exception cref="InvalidOperationException">The name of a member is no text: half of a surrogate pair.</exception>
    public static JsonTree From(JsonElement element, object? owner = null)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new Dictionary<string, JsonTree>(StringComparer.Ordinal);
                foreach (var member in element.EnumerateObject())
                    members[member.Name] = From(member.Value, owner);
                return new JsonMembers(members, owner);
            case JsonValueKind.Array:
                var items = new List<JsonTree>(element.GetArrayLength());
                foreach (var item in element.EnumerateArray())
                    items.Add(From(item, owner));
                return new JsonItems(items, owner);
            default:
                return new JsonScalar(JsonMarshal.GetRawUtf8Value(element).ToArray());
        }
    }

    public abstract void WriteTo(Utf8JsonWriter writer);

    /// <summary>
    /// This part to be changed by <paramref name="owner"/>: itself where it is that one's, else a copy that shares all parts of it.
    /// </summary>
    public virtual JsonTree For(object owner) => this;

    /// <summary>Whether two values are equal; numbers by value, members in any order.</summary>
    public static bool Same(JsonTree one, JsonTree other) => (one, other) switch
    {
        (JsonMembers first, JsonMembers second) => first.All.Count == second.All.Count
            && first.All.All(member => second.All.TryGetValue(member.Key, out var value) && Same(member.Value, value)),
        (JsonItems first, JsonItems second) => first.All.Count == second.All.Count && first.All.Zip(second.All).All(pair => Same(pair.First, pair.Second)),
        (JsonScalar first, JsonScalar second) => first.IsSameAs(second),
        _ => false,
    };
}

/// <summary>A text, a number, true, false or null.</summary>
internal sealed class JsonScalar(byte[] raw) : JsonTree
{
    public override void WriteTo(Utf8JsonWriter writer) => writer.WriteRawValue(raw, skipInputValidation: true);

    public bool IsSameAs(JsonScalar other)
    {
        if (raw.AsSpan().SequenceEqual(other.Raw))
            return true;
        var (one, two) = (Read(raw), Read(other.Raw));
        return one.ValueKind == two.ValueKind && one.ValueKind switch
        {
            JsonValueKind.String => one.GetString() == two.GetString(),
            JsonValueKind.Number => one.TryGetDecimal(out var first) && two.TryGetDecimal(out var second) && first == second,
            _ => true,
        };
    }

    private byte[] Raw => raw;

    private static JsonElement Read(byte[] raw) => JsonElement.Parse(raw);
}

/// <summary>An object; its members are changed only by its owner.</summary>
internal sealed class JsonMembers(Dictionary<string, JsonTree> all, object? owner) : JsonTree
{
    public Dictionary<string, JsonTree> All { get; } = all;

    public override JsonTree For(object newOwner) => ReferenceEquals(owner, newOwner) ? this : new JsonMembers(new(All, StringComparer.Ordinal), newOwner);

    public override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in All)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}

/// <summary>A list; its items are changed only by its owner.</summary>
internal sealed class JsonItems(List<JsonTree> all, object? owner) : JsonTree
{
    public List<JsonTree> All { get; } = all;

    public override JsonTree For(object newOwner) => ReferenceEquals(owner, newOwner) ? this : new JsonItems([.. All], newOwner);

    public override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in All)
            item.WriteTo(writer);
        writer.WriteEndArray();
    }
}
