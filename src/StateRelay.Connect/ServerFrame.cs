using System.Text.Json;

namespace StateRelay.Connect;

/// <summary>
/// One frame of the server's: its members, by type. A member that is missing, or of another type, is null. Nothing here throws.
/// </summary>
internal readonly struct ServerFrame(JsonElement frame)
{
    /// <summary>The greatest number that every JSON reader keeps exactly.</summary>
    private const long MaxNumber = (1L << 53) - 1;

    public string? Type => Text("type");

    public string? Text(string name)
    {
        try
        {
            return Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is JSON but no text.
            return null;
        }
    }

    /// <summary>A whole number from 0 to 2^53 - 1.</summary>
    public long? Number(string name) =>
        Member(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) && number is >= 0 and <= MaxNumber ? number : null;

    public bool? Flag(string name) => Member(name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => null,
    };

    public TimeSpan? Milliseconds(string name) =>
        Number(name) is { } number ? TimeSpan.FromMilliseconds(Math.Min(number, int.MaxValue)) : null;

    public ServerFrame? Object(string name) => Member(name) is { ValueKind: JsonValueKind.Object } value ? new ServerFrame(value) : null;

    public JsonElement? Member(string name) => frame.TryGetProperty(name, out var value) ? value : null;

    /// <summary>The members that are numbers, by name.</summary>
    public IEnumerable<(string Name, long Number)> Numbers()
    {
        foreach (var member in frame.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out var number))
                yield return (member.Name, number);
        }
    }
}
