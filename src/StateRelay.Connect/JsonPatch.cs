using System.Globalization;
using System.Text.Json;

namespace StateRelay.Connect;

/// <summary>A patch that does not fit what it was meant for.</summary>
internal sealed class JsonPatchException(string message) : Exception(message);

/// <summary>Applies patches of RFC 6902. What was there before stays as it was, also where a patch turns out not to fit.</summary>
internal sealed class JsonPatch
{
    // Marks the parts that this patch made and may change; another one once a part stands in two places.
    private object _mine = new();
    private JsonTree _root;

    private JsonPatch(JsonTree root) => _root = root;

    /// <summary>Gives what a patch makes of a value.</summary>
    /// <exception cref="JsonPatchException">It does not fit, or is no patch.</exception>
    public static JsonTree Apply(JsonTree root, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Array)
            throw new JsonPatchException("a patch is a list");

        var self = new JsonPatch(root);
        try
        {
            foreach (var operation in patch.EnumerateArray())
                self.Apply(operation);
        }
        catch (InvalidOperationException error)
        {
            throw new JsonPatchException(error.Message);
        }

        return self._root;
    }

    private void Apply(JsonElement operation)
    {
        var path = Pointer(operation, "path");
        switch (Text(operation, "op"))
        {
            case "add":
                Add(path, Value(operation));
                break;
            case "remove":
                Remove(path);
                break;
            case "replace":
                Replace(path, Value(operation));
                break;
            case "move":
                Move(Pointer(operation, "from"), path);
                break;
            case "copy":
                Copy(Pointer(operation, "from"), path);
                break;
            case "test":
                if (!JsonTree.Same(Find(path), Value(operation)))
                    throw new JsonPatchException("a test failed");
                break;
            default:
                throw new JsonPatchException("an operation that there is not");
        }
    }

    private void Add(string[] path, JsonTree value)
    {
        if (path.Length == 0)
        {
            _root = value;
            return;
        }

        var name = path[^1];
        switch (OwnParent(path))
        {
            case JsonMembers members:
                members.All[name] = value;
                break;
            case JsonItems items:
                items.All.Insert(name == "-" ? items.All.Count : Index(name, items.All.Count + 1), value);
                break;
            default:
                throw NotThere();
        }
    }

    private JsonTree Remove(string[] path)
    {
        if (path.Length == 0)
            throw new JsonPatchException("nothing would be left");

        var name = path[^1];
        switch (OwnParent(path))
        {
            case JsonMembers members:
                return members.All.Remove(name, out var member) ? member : throw NotThere();
            case JsonItems items:
                var index = Index(name, items.All.Count);
                var item = items.All[index];
                items.All.RemoveAt(index);
                return item;
            default:
                throw NotThere();
        }
    }

    private void Replace(string[] path, JsonTree value)
    {
        if (path.Length == 0)
        {
            _root = value;
            return;
        }

        var name = path[^1];
        switch (OwnParent(path))
        {
            case JsonMembers members when members.All.ContainsKey(name):
                members.All[name] = value;
                break;
            case JsonItems items:
                items.All[Index(name, items.All.Count)] = value;
                break;
            default:
                throw NotThere();
        }
    }

    private void Move(string[] from, string[] path)
    {
        if (path.Length > from.Length && path.AsSpan(0, from.Length).SequenceEqual(from))
            throw new JsonPatchException("a value cannot be moved into itself");
        if (path.SequenceEqual(from))
            Find(from);
        else
            Add(path, Remove(from));
    }

    private void Copy(string[] from, string[] path)
    {
        var value = Find(from);
        _mine = new object();
        Add(path, value);
    }

    private JsonTree Find(string[] path)
    {
        var node = _root;
        foreach (var name in path)
            node = Child(node, name);
        return node;
    }

    /// <summary>The part that holds what a path leads to, and all parts above it, to be changed.</summary>
    private JsonTree OwnParent(string[] path)
    {
        var node = _root = _root.For(_mine);
        foreach (var name in path.AsSpan(0, path.Length - 1))
        {
            var child = Child(node, name).For(_mine);
            if (node is JsonMembers members)
                members.All[name] = child;
            else if (node is JsonItems items)
                items.All[Index(name, items.All.Count)] = child;
            node = child;
        }

        return node;
    }

    private static JsonTree Child(JsonTree node, string name) => node switch
    {
        JsonMembers members when members.All.TryGetValue(name, out var value) => value,
        JsonItems items => items.All[Index(name, items.All.Count)],
        _ => throw NotThere(),
    };

    private static int Index(string text, int count)
    {
        var isPlain = text.Length > 0 && (text.Length == 1 || text[0] != '0');
        return isPlain && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < count
            ? index
            : throw new JsonPatchException("an index that is none of the list");
    }

    private JsonTree Value(JsonElement operation) =>
        operation.TryGetProperty("value", out var value) ? JsonTree.From(value, _mine) : throw new JsonPatchException("value: missing");

    private static string Text(JsonElement operation, string name) =>
        operation.ValueKind == JsonValueKind.Object && operation.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : throw new JsonPatchException($"{name}: missing");

    private static string[] Pointer(JsonElement operation, string name)
    {
        var text = Text(operation, name);
        if (text.Length == 0)
            return [];
        return text[0] == '/' ? [.. text[1..].Split('/').Select(Unescape)] : throw new JsonPatchException($"{name}: no pointer");
    }

    private static string Unescape(string part)
    {
        for (var at = part.IndexOf('~', StringComparison.Ordinal); at >= 0; at = part.IndexOf('~', at + 1))
        {
            if (at + 1 == part.Length || part[at + 1] is not ('0' or '1'))
                throw new JsonPatchException("a tilde with neither 0 nor 1 after it");
        }

        return part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
    }

    private static JsonPatchException NotThere() => new("nothing is there");
}
