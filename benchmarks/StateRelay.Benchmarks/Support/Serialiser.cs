using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace StateRelay.Benchmarks.Support;

/// <summary>Serialisation and nothing else, into memory that is used again: what any way of showing a state must at least cost.</summary>
internal sealed class Serialiser<T>(JsonTypeInfo<T> typeInfo)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlySpan<byte> Write(T value)
    {
        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer, Options))
            JsonSerializer.Serialize(writer, value, typeInfo);
        return _buffer.WrittenSpan;
    }
}
