using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StateRelay.State;

/// <summary>Writes values of one store as JSON, into a buffer that is used again. Used by one thread at a time.</summary>
internal sealed class StateWriter(StateStore store)
{
    // Nothing here ends up inside markup: characters beyond ASCII stay as they are.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>What the last <see cref="TryWrite"/> wrote, until the next.</summary>
    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>Writes the current value; gives its version, or what is wrong with it.</summary>
    public StateWriteFailure? TryWrite(out long version)
    {
        _buffer.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_buffer, Options);
        try
        {
            version = store.Write(writer);
            return null;
        }
        catch (Exception error)
        {
            version = store.Version;
            return new StateWriteFailure(version, PathOfFailure(), error);
        }
    }

    /// <summary>Writes once more the slow way, which puts a member's name down before its value, and sees how far that comes.</summary>
    private string PathOfFailure()
    {
        _buffer.ResetWrittenCount();
        var writer = new Utf8JsonWriter(_buffer, Options);
        try
        {
            store.WriteMemberByMember(writer);
        }
        catch (Exception)
        {
            // The same error again; where it came is the question.
        }

        writer.Flush();
        return PathOfEnd(_buffer.WrittenSpan);
    }

    /// <summary>The path of the place where an unfinished document ends.</summary>
    private static string PathOfEnd(ReadOnlySpan<byte> unfinished)
    {
        var path = new List<string>();
        var reader = new Utf8JsonReader(unfinished, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 1024 }));
        var inside = new Stack<int>();      // -1 in an object, else the number of items so far
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    path[^1] = "." + reader.GetString();
                    continue;
                }

                if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    inside.Pop();
                    path.RemoveAt(path.Count - 1);
                    continue;
                }

                if (inside.TryPop(out var items))
                {
                    inside.Push(items < 0 ? items : items + 1);
                    if (items >= 0)
                        path[^1] = $"[{items}]";
                }

                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    inside.Push(reader.TokenType == JsonTokenType.StartObject ? -1 : 0);
                    path.Add("");
                }
            }
        }
        catch (JsonException)
        {
            // The end of what was written; the path up to here stands.
        }

        // Between two items the failure is in the next one.
        if (inside.TryPeek(out var next) && next > 0)
            path[^1] = $"[{next}]";
        return "$" + string.Concat(path);
    }
}
