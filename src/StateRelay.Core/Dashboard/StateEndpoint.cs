using System.Buffers;
using System.Globalization;
using System.Text.Json;

using StateRelay.Http;
using StateRelay.Security;
using StateRelay.State;

namespace StateRelay.Dashboard;

/// <summary>
/// <c>/api/state</c>: the newest version of a state, or what has changed since a position, to whoever asks now and then. The entity tag
/// is the position. A newest value that cannot be written leaves the one before it standing.
/// </summary>
/// <param name="topics">The states; the first is the one that a request without a name means.</param>
/// <param name="origins">Whose pages may read the answers.</param>
internal sealed class StateEndpoint(IReadOnlyList<StateTimeline> topics, OriginRules origins)
{
    private const string Methods = "GET, HEAD, OPTIONS";

    public Route Route => new("/api/state", ["GET", "HEAD", "OPTIONS"], AnswerAsync);

    private Task AnswerAsync(HttpExchange exchange)
    {
        var answer = exchange.Method == "OPTIONS" ? HttpAnswer.Empty(204, [new("Allow", Methods)]) : Answer(exchange);
        return exchange.AnswerAsync(answer with { Headers = [.. answer.Headers, .. CrossOrigin(exchange)] });
    }

    private HttpAnswer Answer(HttpExchange exchange)
    {
        var timeline = exchange.QueryValue("topic") is { } name ? topics.FirstOrDefault(topic => topic.Topic == name) : topics is [var first, ..] ? first : null;
        if (timeline is null)
            return HttpAnswer.Refusal(404, "unknown_topic", "There is no state of that name.");
        if (exchange.QueryValue("since") is { } since && !EventPosition.TrySplit(since, out _, out _))
            return HttpAnswer.Refusal(400, "bad_since", "since is not EPOCH:SEQ, as the ETag gives it.");
        if (timeline.Latest() is not { } latest)
            return HttpAnswer.Refusal(500, "state_unwritable", "The state cannot be written as JSON; the program's log says why.");

        var tag = $"\"{timeline.Epoch}:{latest.Seq.ToString(CultureInfo.InvariantCulture)}\"";
        return new HttpAnswer(
            HeaderList.Matches(exchange.Header("If-None-Match"), tag) ? 304 : 200,
            HttpAnswer.Json,
            DeltaSince(timeline, latest, exchange.QueryValue("since")) ?? Snapshot(latest))
        {
            Headers = [new("ETag", tag), new("Cache-Control", "private, no-cache")],
        };
    }

    // Null when the position is of another history, no longer held, or further away than the snapshot.
    private static ReadOnlyMemory<byte>? DeltaSince(StateTimeline timeline, StateVersion latest, string? since)
    {
        if (!EventPosition.TrySplit(since, out var epoch, out var seq) || epoch != timeline.Epoch)
            return null;
        if (seq == latest.Seq)
            return Delta(timeline, latest, latest, "[]"u8.ToArray());
        if (seq > latest.Seq || timeline.Find(seq) is not { } from || timeline.Delta(from, latest) is not { } patch)
            return null;
        return Delta(timeline, from, latest, patch);
    }

    private static ReadOnlyMemory<byte> Snapshot(StateVersion version) => Write(version.Utf8.Length, writer =>
    {
        writer.WriteString("type"u8, "state_snapshot"u8);
        writer.WritePropertyName("state"u8);
        writer.WriteRawValue(version.Utf8.Span, skipInputValidation: true);
    });

    private static ReadOnlyMemory<byte> Delta(StateTimeline timeline, StateVersion from, StateVersion to, ReadOnlyMemory<byte> patch) =>
        Write(patch.Length, writer =>
        {
            writer.WriteString("type"u8, "state_delta"u8);
            writer.WriteString("epoch"u8, timeline.Epoch);
            writer.WriteNumber("prev"u8, from.Seq);
            writer.WriteNumber("seq"u8, to.Seq);
            writer.WritePropertyName("patch"u8);
            writer.WriteRawValue(patch.Span, skipInputValidation: true);
        });

    private static ReadOnlyMemory<byte> Write(int payload, Action<Utf8JsonWriter> members)
    {
        var body = new ArrayBufferWriter<byte>(payload + 128);
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return body.WrittenMemory;
    }

    // Pages of other origins may read the answer only when theirs is on the list.
    private IEnumerable<KeyValuePair<string, string>> CrossOrigin(HttpExchange exchange)
    {
        yield return new("Vary", "Origin");
        if (exchange.Header("Origin") is not { } origin || !origins.IsListed(origin))
            yield break;

        yield return new("Access-Control-Allow-Origin", origin);
        yield return new("Access-Control-Expose-Headers", "ETag");
        if (exchange.Method != "OPTIONS")
            yield break;
        yield return new("Access-Control-Allow-Methods", Methods);
        yield return new("Access-Control-Allow-Headers", "Authorization, If-None-Match");
        yield return new("Access-Control-Max-Age", "600");
    }
}
