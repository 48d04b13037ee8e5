using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace StateRelay.Protocol;

/// <summary>Something a client said, checked. Member names are read without regard to case, the last of a name counts.</summary>
internal abstract record ClientMessage
{
    /// <summary>The largest number that every JSON reader keeps exactly.</summary>
    public const long MaxNumber = (1L << 53) - 1;

    private const int MaxDepth = 16;
    private const int MaxEchoBytes = 64;
    private const int MaxTopicChars = 100;

    /// <summary>Asks to be told of a topic.</summary>
    /// <param name="Id">The client's name for the request, null for none.</param>
    /// <param name="Topic">The topic's name.</param>
    /// <param name="Since">Where the client has come to; null for a newcomer.</param>
    /// <param name="Rate">Least time between deltas of a state.</param>
    /// <param name="Paused">Whether to send nothing at first.</param>
    /// <param name="Filter">Which events of a topic of events; not validated.</param>
    public sealed record Subscribe(long? Id, string Topic, Position? Since, TimeSpan Rate, bool Paused, Subscription Filter) : ClientMessage;

    /// <summary>The first message of <see cref="Dialect.PlainEvents"/>: what to be told of, not validated.</summary>
    public sealed record Follow(Subscription Filter) : ClientMessage;

    /// <summary>Ends a subscription.</summary>
    public sealed record Unsubscribe(long? Id, long Sub) : ClientMessage;

    /// <summary>Changes how a subscription is served; null leaves a thing as it is.</summary>
    public sealed record Update(long? Id, long Sub, TimeSpan? Rate, bool? Paused) : ClientMessage;

    /// <summary>Asks for a pong with the same <c>seq</c>.</summary>
    /// <param name="Seq">Its JSON, null when there is none.</param>
    public sealed record Ping(string? Seq) : ClientMessage;

    /// <summary>Shows life; says nothing else.</summary>
    public sealed record Alive : ClientMessage;

    /// <summary>Says that the end of the work was seen.</summary>
    /// <param name="Sub">The subscription it was seen through; null for the only one.</param>
    /// <param name="Seq">The version it was seen in; null for the newest that was sent.</param>
    public sealed record Acknowledge(long? Sub, long? Seq) : ClientMessage;

    /// <summary>JSON of a type that is not known here.</summary>
    public sealed record Unknown(long? Id, string? Type) : ClientMessage;

    /// <summary>Something that breaks the protocol.</summary>
    /// <param name="Id">The request's id, if it could be read.</param>
    /// <param name="Problem">The member at fault and what is wrong with it.</param>
    public sealed record Bad(long? Id, string Problem) : ClientMessage;

    /// <summary>Reads one text frame: an object, or an array of objects in order, at least one. What cannot be read is a <see cref="Bad"/> one.</summary>
    public static IReadOnlyList<ClientMessage> Parse(ReadOnlyMemory<byte> utf8)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException)
        {
            return [new Bad(null, "not JSON, or nested too deeply")];
        }

        using (document)
        {
            return document.RootElement switch
            {
                { ValueKind: not JsonValueKind.Array } one => [One(one)],
                var several when several.GetArrayLength() == 0 => [new Alive()],
                var several => [.. several.EnumerateArray().Select(One)],
            };
        }
    }

    /// <summary>Reads the first message of <see cref="Dialect.PlainEvents"/>: a <see cref="Follow"/> or a <see cref="Bad"/> one.</summary>
    public static ClientMessage ParseFollow(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new Follow(ReadFilter(new Fields(document.RootElement)))
                : new Bad(null, "not an object");
        }
        catch (JsonException)
        {
            return new Bad(null, "not JSON, or nested too deeply");
        }
        catch (FieldException error)
        {
            return new Bad(null, error.Message);
        }
    }

    private static ClientMessage One(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object)
            return new Bad(null, "not an object");

        var fields = new Fields(message);
        try
        {
            return fields.Text("type") switch
            {
                "subscribe" => ReadSubscribe(fields),
                "unsubscribe" => new Unsubscribe(fields.Number("id"), fields.RequiredNumber("sub")),
                "update" => new Update(fields.Number("id"), fields.RequiredNumber("sub"), fields.Milliseconds("rate"), fields.Flag("paused")),
                "ping" => new Ping(ReadEcho(fields)),
                "pong" or "keepalive" or "heartbeat" => new Alive(),
                "completion_ack" => new Acknowledge(fields.Number("sub"), fields.Number("seq")),
                var type => new Unknown(fields.Number("id"), type),
            };
        }
        catch (FieldException error)
        {
            return new Bad(fields.IdOrNull, error.Message);
        }
    }

    private static Subscribe ReadSubscribe(Fields fields)
    {
        var topic = fields.Text("topic") ?? "state";
        if (topic.Length > MaxTopicChars)
            throw new FieldException($"topic: more than {MaxTopicChars} characters");

        Position? since = null;
        if (fields.Object("since") is { } position)
        {
            var epoch = position.Text("epoch") ?? throw new FieldException("since.epoch: missing");
            since = new Position(epoch, position.RequiredNumber("seq"), position.Number("n"));
        }

        return new Subscribe(fields.Number("id"), topic, since, fields.Milliseconds("rate") ?? TimeSpan.Zero, fields.Flag("paused") ?? false, fields.Object("filter") is { } filter ? ReadFilter(filter) : new Subscription());
    }

    private static Subscription ReadFilter(Fields fields) => new()
    {
        Organization = fields.Text("organization") ?? "",
        EventTypes = fields.Texts("event_types"),
        PullRequests = fields.Texts("pull_requests"),
        UserEventsOnly = fields.Flag("user_events_only") ?? false,
    };

    private static string? ReadEcho(Fields fields)
    {
        if (fields.Raw("seq") is not { } echo)
            return null;
        return Encoding.UTF8.GetByteCount(echo) <= MaxEchoBytes ? echo : throw new FieldException($"seq: more than {MaxEchoBytes} bytes");
    }

    private sealed class FieldException(string message) : Exception(message);

    /// <summary>The members of an object, by type. A member that is null counts as missing.</summary>
    private readonly struct Fields(JsonElement message, string path = "")
    {
        public long? IdOrNull => Find("id") is { ValueKind: JsonValueKind.Number } id && id.TryGetInt64(out var number) ? number : null;

        public string? Text(string name) => Find(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } text => Decode(text, name),
            _ => throw new FieldException($"{path}{name}: not a text"),
        };

        public List<string> Texts(string name)
        {
            if (Find(name) is not { } list)
                return [];
            if (list.ValueKind != JsonValueKind.Array)
                throw new FieldException($"{path}{name}: not a list");

            var texts = new List<string>(list.GetArrayLength());
            foreach (var text in list.EnumerateArray())
                texts.Add(text.ValueKind == JsonValueKind.String ? Decode(text, name) : throw new FieldException($"{path}{name}: not a list of texts"));
            return texts;
        }

        public bool? Flag(string name) => Find(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            _ => throw new FieldException($"{path}{name}: not true or false"),
        };

        public long? Number(string name)
        {
            if (Find(name) is not { } value)
                return null;
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number) || number is < 0 or > MaxNumber)
                throw new FieldException($"{path}{name}: not a whole number from 0 to 2^53 - 1");
            return number;
        }

        public long RequiredNumber(string name) => Number(name) ?? throw new FieldException($"{path}{name}: missing");

        public TimeSpan? Milliseconds(string name) =>
            Number(name) is { } number ? TimeSpan.FromMilliseconds(Math.Min(number, int.MaxValue)) : null;

        public Fields? Object(string name) => Find(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Object } value => new Fields(value, path + name + "."),
            _ => throw new FieldException($"{path}{name}: not an object"),
        };

        public string? Raw(string name) => Find(name) is { } value ? Read(value, name, static value => value.GetRawText()) : null;

        private string Decode(JsonElement text, string name) => Read(text, name, static text => text.GetString()!);

        // A lone surrogate is JSON but no text, nor are bytes that are not UTF-8; JSON's reader lets both pass.
        private string Read(JsonElement value, string name, Func<JsonElement, string> read)
        {
            try
            {
                return read(value);
            }
            catch (InvalidOperationException)
            {
                throw new FieldException($"{path}{name}: not a text");
            }
        }

        private JsonElement? Find(string name)
        {
            JsonElement? found = null;
            foreach (var member in message.EnumerateObject())
            {
                if (IsNamed(member, name))
                    found = member.Value;
            }

            return found is { ValueKind: not JsonValueKind.Null } ? found : null;
        }

        // On the raw bytes: decoding a name that is no text costs an exception, and one message can have thousands of them.
        private static bool IsNamed(JsonProperty member, string name)
        {
            var raw = JsonMarshal.GetRawUtf8PropertyName(member);
            foreach (var letter in name)
            {
                if (!TryTakeAscii(ref raw, out var taken) || char.ToLowerInvariant(taken) != letter)
                    return false;
            }

            return raw.IsEmpty;
        }

        // The next character, if it is of ASCII, written plainly or as \u00XX; no other escape stands for a letter.
        private static bool TryTakeAscii(ref ReadOnlySpan<byte> raw, out char taken)
        {
            taken = default;
            if (raw is [(byte)'\\', (byte)'u', (byte)'0', (byte)'0', ..] && raw.Length >= 6
                && byte.TryParse(raw[4..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var escaped))
            {
                taken = (char)escaped;
                raw = raw[6..];
                return char.IsAscii(taken);
            }

            if (raw is not [not (byte)'\\', ..])
                return false;
            taken = (char)raw[0];
            raw = raw[1..];
            return char.IsAscii(taken);
        }
    }
}
