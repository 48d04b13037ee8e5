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

    /// <summary>The same, to keep. States are large: their memory is not cleared before it is written.</summary>
    public byte[] Copy()
    {
        var copy = GC.AllocateUninitializedArray<byte>(_buffer.WrittenCount);
        Written.CopyTo(copy);
        return copy;
    }

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

        // A number is known to be whole only by what follows it.
        writer.Flush();
        _buffer.Write(" "u8);
        return PathOfEnd(_buffer.WrittenSpan);
    }

    /// <summary>The path of the place where an unfinished document ends.</summary>
    private static string PathOfEnd(ReadOnlySpan<byte> unfinished)
    {
        var reader = new Utf8JsonReader(unfinished, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 1024 }));
        var path = new Stack<Step>();
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        path.Push(path.Pop() with { Member = reader.GetString() });
                        break;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        path.Push(new Step(reader.TokenType == JsonTokenType.StartArray, 0, null));
                        break;
                    default:
                        if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                            path.Pop();
                        if (path.TryPop(out var around))
                            path.Push(around with { Items = around.Items + 1, Member = null });
                        break;
                }
            }
        }
        catch (JsonException)
        {
            // The end of what was written; the path up to here stands.
        }

        return "$" + string.Concat(path.Reverse());
    }

    /// <summary>Where in one object or list the document had come.</summary>
    private readonly record struct Step(bool IsList, int Items, string? Member)
    {
        public override string ToString() => IsList ? $"[{Items}]" : Member is null ? "" : "." + Member;
    }
}
