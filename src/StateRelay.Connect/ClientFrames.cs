using StateRelay.Protocol;

namespace StateRelay.Connect;

/// <summary>What this client says.</summary>
internal static class ClientFrames
{
    private const int MaxEchoBytes = 64;

    /// <param name="id">Names the request; the answer carries it.</param>
    /// <param name="topic">The topic's name.</param>
    /// <param name="filter">Which events; null for a state.</param>
    /// <param name="since">Where to go on from; null for a newcomer.</param>
    public static byte[] Subscribe(long id, string topic, Subscription? filter, Position? since) =>
        Frame.Write("subscribe"u8, (id, topic, filter, since), static (writer, of) =>
        {
            writer.WriteNumber("id"u8, of.id);
            writer.WriteString("topic"u8, of.topic);
            if (of.filter is { } filter)
            {
                writer.WriteStartObject("filter"u8);
                if (filter.Organization.Length > 0)
                    writer.WriteString("organization"u8, filter.Organization);
                WriteTexts(writer, "event_types"u8, filter.EventTypes);
                WriteTexts(writer, "pull_requests"u8, filter.PullRequests);
                if (filter.UserEventsOnly)
                    writer.WriteBoolean("user_events_only"u8, true);
                writer.WriteEndObject();
            }

            if (of.since is not { } since)
                return;
            writer.WriteStartObject("since"u8);
            writer.WriteString("epoch"u8, since.Epoch);
            writer.WriteNumber("seq"u8, since.Seq);
            if (since.N is { } n)
                writer.WriteNumber("n"u8, n);
            writer.WriteEndObject();
        });

    public static byte[] Unsubscribe(long id, long sub) =>
        Frame.Write("unsubscribe"u8, (id, sub), static (writer, of) =>
        {
            writer.WriteNumber("id"u8, of.id);
            writer.WriteNumber("sub"u8, of.sub);
        });

    public static byte[] CompletionAck(long sub, long seq) =>
        Frame.Write("completion_ack"u8, (sub, seq), static (writer, of) =>
        {
            writer.WriteNumber("sub"u8, of.sub);
            writer.WriteNumber("seq"u8, of.seq);
        });

    /// <summary>Answers a ping with the <c>seq</c> it came with.</summary>
    public static byte[] Pong(ServerFrame ping) =>
        Frame.Write("pong"u8, ping, static (writer, ping) =>
        {
            if (ping.Member("seq") is not { } seq || System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(seq).Length > MaxEchoBytes)
                return;
            writer.WritePropertyName("seq"u8);
            seq.WriteTo(writer);
        });

    private static void WriteTexts(System.Text.Json.Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
            return;
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
