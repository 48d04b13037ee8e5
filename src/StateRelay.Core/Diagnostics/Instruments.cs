using System.Diagnostics.Metrics;

namespace StateRelay.Diagnostics;

/// <summary>
/// Everything StateRelay measures about itself, under the meter <c>StateRelay</c>. No tag names a client: tags are reasons,
/// routes and topics, of which there are few.
/// </summary>
internal sealed class Instruments : IDisposable
{
    public const string MeterName = "StateRelay";

    private readonly Meter _meter = new(MeterName);

    public Instruments()
    {
        Connections = _meter.CreateUpDownCounter<long>("staterelay.connections", "{connection}", "WebSocket connections open now.");
        ConnectionsRefused = _meter.CreateCounter<long>("staterelay.connections.refused", "{connection}", "Connections refused before the upgrade, by reason.");
        ConnectionsEnded = _meter.CreateCounter<long>("staterelay.connections.ended", "{connection}", "Connections ended, by reason.");
        FramesSent = _meter.CreateCounter<long>("staterelay.frames.sent", "{frame}", "Text frames written to clients.");
        BytesSent = _meter.CreateCounter<long>("staterelay.frames.sent.size", "By", "Payload bytes written to clients.");
        MessagesReceived = _meter.CreateCounter<long>("staterelay.messages.received", "{message}", "Messages read from clients.");
        VersionsMade = _meter.CreateCounter<long>("staterelay.versions", "{version}", "Versions of a state written as JSON, by topic.");
        VersionsFailed = _meter.CreateCounter<long>("staterelay.versions.failed", "{version}", "Versions of a state that JSON could not carry, by topic.");
        DeltasMade = _meter.CreateCounter<long>("staterelay.deltas", "{delta}", "Deltas computed between two versions, by topic.");
        EventsLogged = _meter.CreateCounter<long>("staterelay.events", "{event}", "Events broadcast.");
        EventsMatched = _meter.CreateCounter<long>("staterelay.events.matched", "{event}", "Subscriptions that an event was for, counted once for each.");
        EventsHeldBack = _meter.CreateCounter<long>("staterelay.events.held_back", "{event}", "Subscriptions that an event would have been for but for the client's tier.");
        EventGaps = _meter.CreateCounter<long>("staterelay.events.gaps", "{gap}", "Clients told that events are gone before they could read them.");
        Answers = _meter.CreateCounter<long>("staterelay.http.answers", "{answer}", "HTTP answers sent, by status.");
    }

    public UpDownCounter<long> Connections { get; }

    public Counter<long> ConnectionsRefused { get; }

    public Counter<long> ConnectionsEnded { get; }

    public Counter<long> FramesSent { get; }

    public Counter<long> BytesSent { get; }

    public Counter<long> MessagesReceived { get; }

    public Counter<long> VersionsMade { get; }

    public Counter<long> VersionsFailed { get; }

    public Counter<long> DeltasMade { get; }

    public Counter<long> EventsLogged { get; }

    public Counter<long> EventsMatched { get; }

    public Counter<long> EventsHeldBack { get; }

    public Counter<long> EventGaps { get; }

    public Counter<long> Answers { get; }

    public void Dispose() => _meter.Dispose();
}
