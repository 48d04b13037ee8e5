using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>What a client of <see cref="Dialect.PlainEvents"/> is owed: an answer to its one subscription, and the events that match it.</summary>
internal sealed class PlainEventOutbox : Outbox
{
    private static readonly TimeSpan FirstMessageTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(54);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(90);

    private readonly Hub _hub;
    private readonly Authentication? _authentication;
    private readonly TimeSpan _firstMessageDue;
    private Subscription? _asked;
    private AuthenticationResult? _settled;
    private EventReader? _reader;
    private TimeSpan _pingDue;
    private long _pings;

    /// <summary>For a client who will say what it wants, and who must be asked about.</summary>
    public PlainEventOutbox(string id, EventTopic topic, Secret token, AlarmClock clock)
        : base(id, clock)
    {
        _hub = topic.Hub;
        _authentication = topic.Authenticate(token, this, clock);
        _firstMessageDue = clock.Now + FirstMessageTimeout;
    }

    /// <summary>For a client of whom both are known.</summary>
    public PlainEventOutbox(string id, Hub hub, Subscription subscription, ClientIdentity identity)
        : base(id, hub.Alarms)
    {
        _hub = hub;
        _asked = subscription;
        _settled = AuthenticationResult.Admitted(identity);
    }

    private protected override bool Joins => false;

    /// <summary>Lets a client in of whom everything is known. For whoever made it, before it is run.</summary>
    /// <returns>The position after which it is sent everything; null when the hub has stopped.</returns>
    public EventPosition? Enter() =>
        Enter(_settled!.Identity!, _asked!) is { } start ? new EventPosition(_hub.Log.Epoch, start.Seq) : null;

    /// <summary>Hears of nothing any more. For whoever made it, of one that is not run.</summary>
    public void Leave()
    {
        if (_reader is not null)
            _hub.Leave(_reader);
    }

    public override ReadOnlyMemory<byte> Farewell(DisconnectReason reason) => default;

    public override void Dispose()
    {
        _authentication?.Dispose();
        Leave();
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
                if (SubscriptionDesk.Check(follow.Filter, _hub.AllowedTypes) is { } refusal)
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
        {
            AwaitSubscription();
            return;
        }

        CheckIdentity(_asked);
        if (_reader is not null && Reason is null)
            GatherEvents(_reader);
    }

    private void AwaitSubscription()
    {
        if (Clock.Now >= _firstMessageDue)
            Close(DisconnectReason.NoFirstMessage);
        WakeNoLaterThan(_firstMessageDue);
    }

    /// <summary>Lets the client in when it is known who it is, and goes by what is known later.</summary>
    private void CheckIdentity(Subscription asked)
    {
        if (_authentication is null)
            return;
        var result = _authentication.Look();
        WakeNoLaterThan(_authentication.Due);
        if (result is null || ReferenceEquals(result, _settled))
            return;

        _settled = result;
        var (inForce, refusal) = SubscriptionDesk.Settle(asked, result, _hub.AllowedTypes);
        if (refusal is not null)
            Refuse(refusal);
        else if (_reader is not null)
            _hub.Change(_reader, inForce!, result.Identity!);
        else if (Enter(result.Identity!, inForce!) is null)
            Refuse(EventRefusal.Stopped);
    }

    private EventStart? Enter(ClientIdentity identity, Subscription inForce)
    {
        var reader = new EventReader(_hub, this, inForce, identity);
        if (_hub.Join(reader, since: null) is not { } start)
            return null;
        _reader = reader;
        _pingDue = Clock.Now + PingInterval;
        Owe(PlainEventFrames.SubscriptionConfirmed(inForce, identity, _hub.Options.EnforceTiers));
        return start;
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

        for (var count = 1; reader.TryRead(out var read); count++)
        {
            if (read.Event is not { } logged)
            {
                // This dialect has no way to say so but to end.
                _hub.CountGap();
                Close(DisconnectReason.EventsLost);
                return;
            }

            Owe(LoggedFrames.Of(logged).Plain);
            if (count == MaxEventsOwed)
            {
                OweMore();
                break;
            }
        }

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
