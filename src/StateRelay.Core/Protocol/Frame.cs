using System.Text.Encodings.Web;
using System.Text.Json;

namespace StateRelay.Protocol;

/// <summary>Makes the bytes of one message.</summary>
internal static class Frame
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Null while it is used: what a host writes into a frame may make another one.
    [ThreadStatic]
    private static Tools? _tools;

    /// <summary>An object with a <c>type</c> and the members that <paramref name="members"/> writes of <paramref name="of"/>.</summary>
    public static byte[] Write<TOf>(ReadOnlySpan<byte> type, TOf of, Action<Utf8JsonWriter, TOf> members)
    {
        var tools = _tools ?? new Tools();
        _tools = null;
        var (buffer, writer) = tools;
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        members(writer, of);
        writer.WriteEndObject();
        writer.Flush();

        var frame = buffer.Written.ToArray();
        buffer.Clear();
        writer.Reset();
        _tools = tools;
        return frame;
    }

    /// <summary>A moment, as RFC 3339 in UTC.</summary>
    public static void WriteTime(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset time) =>
        writer.WriteString(name, time.UtcDateTime);

    /// <summary>JSON that this process wrote itself, and so is known to be right.</summary>
    public static void WriteJson(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json, skipInputValidation: true);
    }

    /// <summary>The members that say what was subscribed to, and as whom.</summary>
    public static void WriteSubscription(this Utf8JsonWriter writer, Subscription subscription, ClientIdentity identity)
    {
        writer.WriteString("organization"u8, subscription.Organization);
        writer.WriteString("username"u8, identity.UserName);
        if (subscription.EventTypes.Count == 0)
        {
            writer.WriteNull("event_types"u8);
            return;
        }

        writer.WriteStartArray("event_types"u8);
        foreach (var type in subscription.EventTypes)
            writer.WriteStringValue(type);
        writer.WriteEndArray();
    }

    /// <summary>The members of a state event: <c>type</c>, <c>timestamp</c>, and where there are any <c>subject</c> and <c>data</c>.</summary>
    public static void WriteEvent(this Utf8JsonWriter writer, State.TimelineEvent told)
    {
        writer.WriteStartObject("event"u8);
        writer.WriteString("type"u8, told.Event.Type);
        writer.WriteTime("timestamp"u8, told.Time);
        if (told.Event.Subject is { } subject)
            writer.WriteString("subject"u8, subject);
        if (told.Event.Data is { } data)
        {
            writer.WritePropertyName("data"u8);
            data.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    /// <summary>What frames are written with, one set a thread; one that an error left in the middle is not used again.</summary>
    private sealed record Tools(PooledBuffer Buffer, Utf8JsonWriter Writer)
    {
        public Tools()
            : this(new PooledBuffer())
        {
        }

        private Tools(PooledBuffer buffer)
            : this(buffer, new Utf8JsonWriter(buffer, Options))
        {
        }
    }
}
