using System.Diagnostics.Metrics;

namespace StateRelay.Diagnostics;

/// <summary>
/// Everything StateRelay measures about itself, under the meter <c>StateRelay</c>. No tag names a client: tags are reasons,
/// routes and topics, of which there are few.
/// </summary>
internal sealed class Instruments : IDisposable
{
    public const string MeterName = "StateRelay";

    private readonly Meter? _own;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Makes the meter, and owns it; null for a meter of our own.</param>
    public Instruments(IMeterFactory? meters = null)
    {
        var meter = meters?.Create(MeterName) ?? (_own = new Meter(MeterName));
        Connections = meter.CreateUpDownCounter<long>("staterelay.connections", "{connection}", "WebSocket connections open now.");
        ConnectionsRefused = meter.CreateCounter<long>("staterelay.connections.refused", "{connection}", "Connections refused before the upgrade, by reason.");
        ConnectionsEnded = meter.CreateCounter<long>("staterelay.connections.ended", "{connection}", "Connections ended, by reason.");
        FramesSent = meter.CreateCounter<long>("staterelay.frames.sent", "{frame}", "Text frames written to clients.");
        BytesSent = meter.CreateCounter<long>("staterelay.frames.sent.size", "By", "Payload bytes written to clients.");
        MessagesReceived = meter.CreateCounter<long>("staterelay.messages.received", "{message}", "Messages read from clients.");
        VersionsMade = meter.CreateCounter<long>("staterelay.versions", "{version}", "Versions of a state written as JSON, by topic.");
        VersionsFailed = meter.CreateCounter<long>("staterelay.versions.failed", "{version}", "Versions of a state that JSON could not carry, by topic.");
        DeltasMade = meter.CreateCounter<long>("staterelay.deltas", "{delta}", "Deltas computed between two versions, by topic.");
        EventsLogged = meter.CreateCounter<long>("staterelay.events", "{event}", "Events broadcast.");
        EventsMatched = meter.CreateCounter<long>("staterelay.events.matched", "{event}", "Subscriptions that an event was for, counted once for each.");
        EventsHeldBack = meter.CreateCounter<long>("staterelay.events.held_back", "{event}", "Subscriptions that an event would have been for but for the client's tier.");
        EventGaps = meter.CreateCounter<long>("staterelay.events.gaps", "{gap}", "Clients told that events are gone before they could read them.");
        Deliveries = meter.CreateCounter<long>("staterelay.webhooks", "{delivery}", "Deliveries of webhooks, by what became of them.");
        Answers = meter.CreateCounter<long>("staterelay.http.answers", "{answer}", "HTTP answers sent, by status.");
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

    public Counter<long> Deliveries { get; }

    public Counter<long> Answers { get; }

    public void Dispose() => _own?.Dispose();
}
