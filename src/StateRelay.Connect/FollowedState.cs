using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using StateRelay.Connect;

namespace StateRelay;

/// <summary>A state as it was on the server at one version, all changes up to it applied. Immutable.</summary>
public sealed class FollowedState
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly JsonTree _root;
    private byte[]? _utf8;

    internal FollowedState(string topic, string epoch, long seq, JsonTree root) => (Topic, Epoch, Seq, _root) = (topic, epoch, seq, root);

    /// <summary>The name of the state.</summary>
    public string Topic { get; }

    /// <summary>Names the history that the version belongs to: a server that was started again has another.</summary>
    public string Epoch { get; }

    /// <summary>The version: grows with each change, within one epoch.</summary>
    public long Seq { get; }

    /// <summary>
    /// What the host said about its changes since the state told before, the newest 256. The same version may come again, to tell of these
    /// alone.
    /// </summary>
    public IReadOnlyList<StateEvent> Events { get; internal init; } = [];

    /// <summary>How many such events since the state told before are gone.</summary>
    public long MissedEvents { get; internal init; }

    /// <summary>The state as JSON, in UTF-8. Members are in no particular order.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8 ??= Write();

    /// <summary>The state as a value of one's own type.</summary>
    /// <param name="type">How to read it.</param>
    /// <exception cref="JsonException">The state is no such value.</exception>
    public T? As<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return JsonSerializer.Deserialize(Utf8.Span, type);
    }

    /// <summary>The state as JSON.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);

    private byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Writing))
            _root.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
