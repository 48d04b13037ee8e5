using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>What a client of <see cref="Dialect.PlainEvents"/> is owed: an answer to its one subscription, and the events that match it.</summary>
internal sealed class PlainEventOutbox : Outbox
{
    private static readonly TimeSpan FirstMessageTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(54);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(90);

    private readonly EventTopic _topic;
    private readonly Authentication _authentication;
    private readonly TimeSpan _firstMessageDue;
    private Subscription? _asked;
    private EventReader? _reader;
    private TimeSpan _pingDue;
    private long _pings;

    public PlainEventOutbox(EventTopic topic, Secret token, AlarmClock clock)
        : base(clock)
    {
        _topic = topic;
        _authentication = topic.Authenticate(token, this, clock);
        _firstMessageDue = clock.Now + FirstMessageTimeout;
    }

    private protected override bool Joins => false;

    public override ReadOnlyMemory<byte> Farewell(DisconnectReason reason) => default;

    public override void Dispose()
    {
        _authentication.Dispose();
        if (_reader is not null)
            _topic.Leave(_reader);
        base.Dispose();
    }

    private protected override void Answer(ClientMessage message)
    {
        if (Reason is not null)
            return;
        switch (message)
        {
            case ClientMessage.Follow follow when _asked is null:
                _asked = follow.Filter;
                if (SubscriptionDesk.Check(follow.Filter, _topic.Options.AllowedTypes) is { } refusal)
                    Refuse(refusal);
                break;
            case ClientMessage.Bad bad when _asked is null:
                Refuse(new("invalid_subscription", bad.Problem, DisconnectReason.BadSubscription));
                break;
            case ClientMessage.Ping ping when _reader is not null:
                Owe(PlainEventFrames.Pong(ping.Seq));
                break;
        }
    }

    private protected override void Gather()
    {
        if (Reason is not null)
            return;
        if (_asked is null)
            AwaitSubscription();
        else if (_reader is null)
            AwaitIdentity(_asked);
        else
            GatherEvents(_reader);
    }

    private void AwaitSubscription()
    {
        if (Clock.Now >= _firstMessageDue)
            Close(DisconnectReason.NoFirstMessage);
        WakeNoLaterThan(_firstMessageDue);
    }

    private void AwaitIdentity(Subscription asked)
    {
        if (_authentication.Look() is not { } result)
        {
            WakeNoLaterThan(_authentication.Due);
            return;
        }

        var (inForce, refusal) = SubscriptionDesk.Settle(asked, result, _topic.Options.AllowedTypes);
        if (refusal is not null)
        {
            Refuse(refusal);
            return;
        }

        _reader = new EventReader(_topic, this, inForce!, result.Identity!);
        _topic.Join(_reader, since: null);
        _pingDue = Clock.Now + PingInterval;
        Owe(PlainEventFrames.SubscriptionConfirmed(inForce!, result.Identity!, _topic.EnforcesTiers));
    }

    private void GatherEvents(EventReader reader)
    {
        var now = Clock.Now;
        var readDue = LastHeard + ReadTimeout;
        if (now >= readDue)
        {
            Close(DisconnectReason.NoPong);
            return;
        }

        var (goneUpTo, events) = reader.Read();
        if (goneUpTo is not null)
        {
            // This dialect has no way to say so but to end.
            _topic.CountGap();
            Close(DisconnectReason.EventsLost);
            return;
        }

        foreach (var logged in events)
            Owe(_topic.JsonOf(logged));

        if (now >= _pingDue)
        {
            Owe(PlainEventFrames.Ping(++_pings));
            _pingDue = now + PingInterval;
        }

        WakeNoLaterThan(readDue);
        WakeNoLaterThan(_pingDue);
    }

    private void Refuse(EventRefusal refusal)
    {
        Owe(PlainEventFrames.Error(refusal.Code, refusal.Message));
        Close(refusal.Ending);
    }
}
