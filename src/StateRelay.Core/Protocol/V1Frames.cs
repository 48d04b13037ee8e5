using StateRelay.State;

namespace StateRelay.Protocol;

/// <summary>The frames of <see cref="Dialect.V1"/>.</summary>
internal static class V1Frames
{
    public static byte[] Hello(string session, DateTimeOffset time, WebServerOptions options) =>
        Frame.Write("hello"u8, (session, time, options), static (writer, of) =>
        {
            writer.WriteNumber("v"u8, 1);
            writer.WriteString("session"u8, of.session);
            writer.WriteTime("time"u8, of.time);
            writer.WriteStartObject("ping"u8);
            writer.WriteNumber("interval"u8, (long)of.options.PingInterval.TotalMilliseconds);
            writer.WriteNumber("timeout"u8, (long)of.options.PongTimeout.TotalMilliseconds);
            writer.WriteEndObject();
            writer.WriteStartObject("limits"u8);
            writer.WriteNumber("message"u8, of.options.MaxMessageBytes);
            writer.WriteNumber("subscriptions"u8, of.options.MaxSubscriptions);
            writer.WriteEndObject();
        });

    /// <param name="id">The request's, null when it had none.</param>
    /// <param name="sub">The number that the subscription has on this connection.</param>
    /// <param name="timeline">What was subscribed to.</param>
    /// <param name="seq">The newest version.</param>
    /// <param name="notRecovered">Why a returning client starts anew; null when it goes on from its position, empty when it is new.</param>
    public static byte[] SubscriptionConfirmed(long? id, int sub, StateTimeline timeline, long seq, string? notRecovered) =>
        Frame.Write("subscription_confirmed"u8, (id, sub, timeline, seq, notRecovered), static (writer, of) =>
        {
            if (of.id is { } id)
                writer.WriteNumber("id"u8, id);
            writer.WriteNumber("sub"u8, of.sub);
            writer.WriteString("topic"u8, of.timeline.Topic);
            writer.WriteString("epoch"u8, of.timeline.Epoch);
            writer.WriteNumber("seq"u8, of.seq);
            writer.WriteBoolean("recovered"u8, of.notRecovered is null);
            if (!string.IsNullOrEmpty(of.notRecovered))
                writer.WriteString("reason"u8, of.notRecovered);
        });

    public static byte[] Unsubscribed(long? id, long sub) =>
        Frame.Write("unsubscribed"u8, (id, sub), static (writer, of) =>
        {
            if (of.id is { } id)
                writer.WriteNumber("id"u8, id);
            writer.WriteNumber("sub"u8, of.sub);
        });

    public static byte[] StateSnapshot(int sub, string epoch, StateVersion version) =>
        Frame.Write("state_snapshot"u8, (sub, epoch, version), static (writer, of) =>
        {
            writer.WriteNumber("sub"u8, of.sub);
            writer.WriteString("epoch"u8, of.epoch);
            writer.WriteNumber("seq"u8, of.version.Seq);
            writer.WriteJson("state"u8, of.version.Utf8.Span);
        });

    public static byte[] StateDelta(int sub, long prev, long seq, ReadOnlyMemory<byte> patch) =>
        Frame.Write("state_delta"u8, (sub, prev, seq, patch), static (writer, of) =>
        {
            writer.WriteNumber("sub"u8, of.sub);
            writer.WriteNumber("prev"u8, of.prev);
            writer.WriteNumber("seq"u8, of.seq);
            writer.WriteJson("patch"u8, of.patch.Span);
        });

    public static byte[] StateEvent(int sub, TimelineEvent told) =>
        Frame.Write("state_event"u8, (sub, told), static (writer, of) =>
        {
            writer.WriteNumber("sub"u8, of.sub);
            writer.WriteNumber("seq"u8, of.told.Seq);
            writer.WriteNumber("n"u8, of.told.N);
            writer.WriteEvent(of.told);
        });

    /// <param name="id">The request's, null when it had none.</param>
    /// <param name="sub">The number that the subscription has on this connection.</param>
    /// <param name="topic">The topic's name and the epoch of its log.</param>
    /// <param name="seq">The position to go on from.</param>
    /// <param name="notRecovered">Why a returning client may have missed something; null when it has not, empty when it is new.</param>
    /// <param name="subscription">What is in force.</param>
    /// <param name="identity">Whose it is.</param>
    public static byte[] EventsConfirmed(long? id, int sub, (string Name, string Epoch) topic, long seq, string? notRecovered, Subscription subscription, ClientIdentity identity) =>
        Frame.Write("subscription_confirmed"u8, (id, sub, topic, seq, notRecovered, subscription, identity), static (writer, of) =>
        {
            if (of.id is { } id)
                writer.WriteNumber("id"u8, id);
            writer.WriteNumber("sub"u8, of.sub);
            writer.WriteString("topic"u8, of.topic.Name);
            writer.WriteString("epoch"u8, of.topic.Epoch);
            writer.WriteNumber("seq"u8, of.seq);
            writer.WriteBoolean("recovered"u8, of.notRecovered is null);
            if (!string.IsNullOrEmpty(of.notRecovered))
                writer.WriteString("reason"u8, of.notRecovered);
            writer.WriteSubscription(of.subscription, of.identity);
        });

    /// <param name="sub">The subscription it is for.</param>
    /// <param name="prev">The position before.</param>
    /// <param name="seq">The position after.</param>
    /// <param name="json">The event.</param>
    public static byte[] Event(int sub, long prev, long seq, ReadOnlyMemory<byte> json) =>
        Frame.Write("event"u8, (sub, prev, seq, json), static (writer, of) =>
        {
            writer.WriteNumber("sub"u8, of.sub);
            writer.WriteNumber("prev"u8, of.prev);
            writer.WriteNumber("seq"u8, of.seq);
            writer.WriteJson("event"u8, of.json.Span);
        });

    /// <summary>Matching events after <paramref name="prev"/>, up to and including <paramref name="seq"/>, may be gone.</summary>
    public static byte[] Gap(int sub, long prev, long seq, string reason) =>
        Frame.Write("gap"u8, (sub, prev, seq, reason), static (writer, of) =>
        {
            writer.WriteNumber("sub"u8, of.sub);
            writer.WriteNumber("prev"u8, of.prev);
            writer.WriteNumber("seq"u8, of.seq);
            writer.WriteString("reason"u8, of.reason);
        });

    /// <param name="seq">Counts the pings of this connection.</param>
    /// <param name="heads">The newest position of each subscription.</param>
    public static byte[] Ping(long seq, IEnumerable<(int Sub, long Seq)> heads) =>
        Frame.Write("ping"u8, (seq, heads), static (writer, of) =>
        {
            writer.WriteNumber("seq"u8, of.seq);
            writer.WriteStartObject("heads"u8);
            foreach (var (sub, head) in of.heads)
                writer.WriteNumber(sub.ToString(System.Globalization.CultureInfo.InvariantCulture), head);
            writer.WriteEndObject();
        });

    /// <param name="seq">The ping's <c>seq</c> as JSON, null when it had none.</param>
    public static byte[] Pong(string? seq) =>
        Frame.Write("pong"u8, seq, static (writer, seq) =>
        {
            if (seq is null)
                return;
            writer.WritePropertyName("seq"u8);
            writer.WriteRawValue(seq, skipInputValidation: true);
        });

    /// <param name="id">The request's, null when it had none.</param>
    /// <param name="error">One of the protocol's error codes.</param>
    /// <param name="message">The member at fault and what is wrong with it.</param>
    /// <param name="temporary">Whether the same request may be granted later.</param>
    public static byte[] Error(long? id, string error, string message, bool temporary = false) =>
        Frame.Write("error"u8, (id, error, message, temporary), static (writer, of) =>
        {
            if (of.id is { } id)
                writer.WriteNumber("id"u8, id);
            writer.WriteString("error"u8, of.error);
            writer.WriteString("message"u8, of.message);
            writer.WriteBoolean("temporary"u8, of.temporary);
        });

    /// <param name="code">The code the connection will be closed with.</param>
    /// <param name="reason">Why, in words.</param>
    /// <param name="mayReturn">Whether coming back makes sense.</param>
    public static byte[] Goodbye(int code, string reason, bool mayReturn) =>
        Frame.Write("goodbye"u8, (code, reason, mayReturn), static (writer, of) =>
        {
            writer.WriteNumber("code"u8, of.code);
            writer.WriteString("reason"u8, of.reason);
            if (!of.mayReturn)
                return;
            writer.WriteStartObject("retry"u8);
            writer.WriteNumber("after"u8, 1000);
            writer.WriteNumber("jitter"u8, 4000);
            writer.WriteEndObject();
        });
}
