using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>One subscription of a v1 connection to a state. Belongs to the connection's sending task.</summary>
internal sealed class V1Subscription(StateTopic topic, V1Outbox outbox, int sub, ClientMessage.Subscribe asked)
    : StateReader(topic, outbox)
{
    private static readonly TimeSpan MaxRate = TimeSpan.FromMinutes(1);

    // Let go of when it is confirmed, because a subscription waits for most of its life.
    private ClientMessage.Subscribe? _asked = asked;
    private TimeSpan? _movedAt;

    /// <summary>Its number on this connection.</summary>
    public int Sub { get; } = sub;

    /// <summary>Whether the client knows that it is subscribed.</summary>
    public bool IsConfirmed => _asked is null;

    /// <summary>Sends nothing until it is lifted.</summary>
    public bool Paused { get; set; } = asked.Paused;

    /// <summary>Least time between deltas; at most a minute.</summary>
    public TimeSpan Rate
    {
        get;
        set => field = value > MaxRate ? MaxRate : value;
    } = asked.Rate > MaxRate ? MaxRate : asked.Rate;

    /// <summary>When the next delta may go out; null for at any time.</summary>
    public TimeSpan? NotBefore => _movedAt + Rate;

    /// <summary>
    /// The confirmation, which settles the position to go on from: the client's own when the version it names is still held, else
    /// none, and a snapshot follows. Null while there is no version at all, and once it was given.
    /// </summary>
    public byte[]? Confirm()
    {
        if (_asked is not { } wish)
            return null;
        var timeline = Topic.Timeline;
        N = timeline.EventCount;
        if (timeline.Latest() is not { } head)
            return null;

        _asked = null;
        var notRecovered = WhyNotRecovered(wish.Since);
        if (notRecovered is null)
        {
            Seq = wish.Since!.Value.Seq;
            N = Math.Min(wish.Since.Value.N ?? N, N);
        }

        return V1Frames.SubscriptionConfirmed(wish.Id, Sub, timeline, head.Seq, notRecovered);
    }

    /// <summary>A frame that leads to version <paramref name="seq"/> is on its way.</summary>
    public void MoveTo(long seq, TimeSpan now)
    {
        Seq = seq;
        _movedAt = now;
    }

    private string? WhyNotRecovered(Position? since) => since switch
    {
        null or { Seq: 0 } => "",
        { Epoch: var epoch } when epoch != Topic.Timeline.Epoch => "epoch",
        { Seq: var seq } => Topic.Timeline.Find(seq) is null ? "expired" : null,
    };
}
