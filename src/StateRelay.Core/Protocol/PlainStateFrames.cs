using System.Text.Json;

using StateRelay.State;

namespace StateRelay.Protocol;

/// <summary>The frames of <see cref="Dialect.PlainState"/>, with exactly the members that its clients know.</summary>
internal static class PlainStateFrames
{
    /// <summary>The first frame of a connection.</summary>
    public static byte[] First(StateVersion version) =>
        Frame.Write("state_snapshot"u8, version, static (writer, version) =>
        {
            writer.WriteJson("state"u8, version.Utf8.Span);
            writer.WriteTime("timestamp"u8, version.Time);
        });

    /// <summary>The state at a turning point, and the body of <c>GET /api/state</c>.</summary>
    public static byte[] Snapshot(StateVersion version) =>
        Frame.Write("state_snapshot"u8, version, static (writer, version) => writer.WriteJson("state"u8, version.Utf8.Span));

    /// <summary>Progress, as the host's projection shows it; the state whole where it has none.</summary>
    public static byte[] Progress(StateVersion version, Action<Utf8JsonWriter, JsonElement>? projection)
    {
        if (projection is null)
            return Snapshot(version);

        using var document = JsonDocument.Parse(version.Utf8, new JsonDocumentOptions { MaxDepth = 1024 });
        return Frame.Write("progress_delta"u8, (version, projection, document), static (writer, of) =>
        {
            writer.WriteTime("timestamp"u8, of.version.Time);
            of.projection(writer, of.document.RootElement);
        });
    }

    /// <summary>Something worth saying that is no turning point.</summary>
    public static byte[] Event(TimelineEvent told) =>
        Frame.Write("state_event"u8, told, static (writer, told) =>
        {
            writer.WriteEvent(told);
            writer.WriteTime("timestamp"u8, told.Time);
        });

    /// <summary>The answer to a client's ping.</summary>
    public static byte[] Pong(string? seq) => V1Frames.Pong(seq);
}
