using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StateRelay.TestSupport;

/// <summary>Why a patch could not be applied.</summary>
public enum JsonPatchError
{
    /// <summary>The patch is not a list of operations with the members that they need.</summary>
    BadPatch,

    /// <summary>A pointer does not start with a slash, or a tilde in it is followed by neither 0 nor 1.</summary>
    BadPointer,

    /// <summary>Nothing stands where an operation points to.</summary>
    NotFound,

    /// <summary>An index of a list is not a number written plainly, or is beyond the list.</summary>
    BadIndex,

    /// <summary>A value may not be moved into itself.</summary>
    IntoItself,

    /// <summary>A test operation found another value.</summary>
    TestFailed,
}

/// <summary>A patch that cannot be applied, and at which operation.</summary>
public sealed class JsonPatchException(JsonPatchError error, int operation)
    : Exception($"Operation {operation} of the patch: {error}.")
{
    public JsonPatchError Error { get; } = error;

    public int Operation { get; } = operation;
}

/// <summary>
/// Applies RFC 6902 patches strictly, as a client of ours with some library would. Knows nothing of how patches are made here.
/// </summary>
public static class JsonPatchClient
{
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = 10_000 };

    /// <summary>Reads a document; of members with the same name the last one counts.</summary>
    public static JsonNode? Read(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8, AnyDepth);
        return Node(document.RootElement);
    }

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte})"/>
    public static JsonNode? Read(string json)
    {
        using var document = JsonDocument.Parse(json, AnyDepth);
        return Node(document.RootElement);
    }

    /// <summary>Gives what the patch makes of <paramref name="document"/>, which is used up by it.</summary>
    /// <exception cref="JsonPatchException">The patch does not fit the document.</exception>
    public static JsonNode? Apply(JsonNode? document, JsonNode? patch)
    {
        if (patch is not JsonArray operations)
            throw new JsonPatchException(JsonPatchError.BadPatch, 0);

        for (var index = 0; index < operations.Count; index++)
            document = new Step(operations[index], index).Apply(document);
        return document;
    }

    /// <summary>Whether two values are the same: numbers as they are written, members in any order.</summary>
    public static bool Same(JsonNode? one, JsonNode? other)
    {
        switch (one, other)
        {
            case (null, null):
                return true;
            case (JsonObject first, JsonObject second):
                return first.Count == second.Count
                    && first.All(member => second.TryGetPropertyValue(member.Key, out var value) && Same(member.Value, value));
            case (JsonArray first, JsonArray second):
                return first.Count == second.Count && first.Zip(second).All(pair => Same(pair.First, pair.Second));
            case (JsonValue first, JsonValue second):
                return SameScalar(first.GetValue<JsonElement>(), second.GetValue<JsonElement>());
            default:
                return false;
        }
    }

    private static bool SameScalar(JsonElement one, JsonElement other) => one.ValueKind == other.ValueKind && one.ValueKind switch
    {
        JsonValueKind.String => one.GetString() == other.GetString(),
        JsonValueKind.Number => one.GetRawText() == other.GetRawText(),
        _ => true,
    };

    private static JsonNode? Node(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.Object:
                var members = new JsonObject();
                foreach (var member in element.EnumerateObject())
                    members[member.Name] = Node(member.Value);
                return members;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Node)]);
            default:
                return JsonValue.Create(element.Clone());
        }
    }

    private sealed class Step(JsonNode? operation, int number)
    {
        public JsonNode? Apply(JsonNode? document)
        {
            switch (Text("op"))
            {
                case "add":
                    return Add(document, Pointer("path"), Value());
                case "remove":
                    return Remove(document, Pointer("path"), out _);
                case "replace":
                    return Replace(document, Pointer("path"), Value());
                case "move":
                    return Move(document, Pointer("from"), Pointer("path"));
                case "copy":
                    return Add(document, Pointer("path"), Find(document, Pointer("from"))?.DeepClone());
                case "test":
                    return Same(Find(document, Pointer("path")), Value()) ? document : throw Fail(JsonPatchError.TestFailed);
                default:
                    throw Fail(JsonPatchError.BadPatch);
            }
        }

        private JsonNode? Move(JsonNode? document, string[] from, string[] path)
        {
            if (path.Length > from.Length && path.AsSpan(0, from.Length).SequenceEqual(from))
                throw Fail(JsonPatchError.IntoItself);
            document = Remove(document, from, out var moved);
            return Add(document, path, moved);
        }

        private JsonNode? Add(JsonNode? document, string[] path, JsonNode? value)
        {
            if (path.Length == 0)
                return value;
            switch (Find(document, path[..^1]))
            {
                case JsonObject members:
                    members[path[^1]] = value;
                    return document;
                case JsonArray items:
                    items.Insert(path[^1] == "-" ? items.Count : Index(path[^1], items.Count + 1), value);
                    return document;
                default:
                    throw Fail(JsonPatchError.NotFound);
            }
        }

        private JsonNode? Replace(JsonNode? document, string[] path, JsonNode? value)
        {
            if (path.Length == 0)
                return value;
            Find(document, path);
            if (Find(document, path[..^1]) is JsonArray items)
                items[Index(path[^1], items.Count)] = value;
            else
                Find(document, path[..^1])!.AsObject()[path[^1]] = value;
            return document;
        }

        private JsonNode? Remove(JsonNode? document, string[] path, out JsonNode? removed)
        {
            removed = Find(document, path);
            if (path.Length == 0)
                return null;
            if (Find(document, path[..^1]) is JsonArray items)
                items.RemoveAt(Index(path[^1], items.Count));
            else
                Find(document, path[..^1])!.AsObject().Remove(path[^1]);
            return document;
        }

        private JsonNode? Find(JsonNode? node, string[] path)
        {
            foreach (var name in path)
            {
                node = node switch
                {
                    JsonObject members when members.TryGetPropertyValue(name, out var value) => value,
                    JsonArray items => items[Index(name, items.Count)],
                    _ => throw Fail(JsonPatchError.NotFound),
                };
            }

            return node;
        }

        private int Index(string text, int count)
        {
            var isPlain = text.Length > 0 && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0');
            if (isPlain && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < count)
                return index;
            throw Fail(JsonPatchError.BadIndex);
        }

        private string[] Pointer(string name)
        {
            var text = Text(name);
            if (text.Length == 0)
                return [];
            if (text[0] != '/')
                throw Fail(JsonPatchError.BadPointer);
            return [.. text[1..].Split('/').Select(Unescape)];
        }

        private string Unescape(string part)
        {
            for (var at = part.IndexOf('~', StringComparison.Ordinal); at >= 0; at = part.IndexOf('~', at + 1))
            {
                if (at + 1 == part.Length || part[at + 1] is not ('0' or '1'))
                    throw Fail(JsonPatchError.BadPointer);
            }

            return part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }

        private JsonNode? Value() => operation is JsonObject members && members.TryGetPropertyValue("value", out var value)
            ? value?.DeepClone()
            : throw Fail(JsonPatchError.BadPatch);

        private string Text(string name) =>
            operation is JsonObject members && members[name] is JsonValue value && value.TryGetValue(out string? text)
                ? text
                : throw Fail(JsonPatchError.BadPatch);

        private JsonPatchException Fail(JsonPatchError error) => new(error, number);
    }
}
