using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>One subscription of a v1 connection to events. Belongs to the connection's sending task.</summary>
internal sealed class V1EventSubscription(EventTopic topic, Outbox outbox, int sub, ClientMessage.Subscribe asked) : IDisposable
{
    private readonly Hub _hub = topic.Hub;
    private readonly long? _id = asked.Id;
    private readonly Subscription _filter = asked.Filter;

    // What else was asked; let go of when that is confirmed, because a subscription waits for most of its life.
    private ClientMessage.Subscribe? _asked = asked;
    private EventReader? _reader;
    private string _gapReason = "retention";

    /// <summary>Its number on this connection.</summary>
    public int Sub { get; } = sub;

    /// <summary>Whether the client knows that it is subscribed.</summary>
    public bool IsConfirmed => _reader is not null;

    /// <summary>Sends nothing until it is lifted.</summary>
    public bool Paused { get; set; } = asked.Paused;

    /// <summary>The client's position.</summary>
    public long Seq { get; private set; }

    /// <summary>
    /// Settles it once it is known who the client is, and again whenever that is news: gives the confirmation the first time, or the
    /// refusal.
    /// </summary>
    public (byte[]? Confirmation, EventRefusal? Refusal) Settle(AuthenticationResult result)
    {
        var (inForce, refusal) = SubscriptionDesk.Settle(_filter, result, _hub.AllowedTypes);
        if (refusal is not null)
            return (null, refusal);
        if (_reader is not null)
        {
            _hub.Change(_reader, inForce!, result.Identity!);
            return (null, null);
        }

        var reader = new EventReader(_hub, outbox, inForce!, result.Identity!, Sub);
        if (_hub.Join(reader, _asked!.Since) is not { } start)
            return (null, EventRefusal.Stopped);

        _reader = reader;
        _asked = null;
        Seq = start.Seq;
        if (start.NotRecovered == "epoch")
            _gapReason = "epoch";
        return (V1Frames.EventsConfirmed(_id, Sub, (topic.Name, _hub.Log.Epoch), Seq, start.NotRecovered, inForce!, result.Identity!), null);
    }

    /// <summary>The refusal with the request's id.</summary>
    public byte[] Refused(EventRefusal refusal) => V1Frames.Error(_id, refusal.Code, refusal.Message, refusal.IsTemporary);

    /// <summary>The next frame that brings the client on, moving its position; null when it has everything.</summary>
    public byte[]? NextFrame()
    {
        if (_reader is null || Paused || !_reader.TryRead(out var read))
            return null;

        var prev = Seq;
        Seq = read.Seq;
        if (read.Event is { } logged)
        {
            _gapReason = "retention";
            return LoggedFrames.Of(logged).For(Sub, prev);
        }

        _hub.CountGap();
        return V1Frames.Gap(Sub, prev, read.Seq, _gapReason);
    }

    public void Dispose()
    {
        if (_reader is not null)
            _hub.Leave(_reader);
    }
}
