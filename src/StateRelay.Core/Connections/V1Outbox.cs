using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>
/// What a client of <see cref="Dialect.V1"/> is owed: answers, each subscription's events and delta, and a ping when it has been
/// silent.
/// </summary>
internal sealed class V1Outbox : Outbox
{
    private const int MaxBadInARow = 3;

    private readonly Roster _roster;
    private readonly bool _isViewer;
    private readonly Authentication? _authentication;
    private readonly WebServerOptions _options;
    private readonly TimeSpan _firstMessageDue;

    // Only the client's sending task touches these.
    private V1Subscription[] _subscriptions = [];
    private V1EventSubscription[] _eventSubscriptions = [];
    private AuthenticationResult? _settled;
    private int _lastSub;
    private bool _hasSpoken;
    private int _badInARow;
    private long _pings;
    private TimeSpan? _pingedAt;

    /// <summary>Begins with a greeting.</summary>
    /// <param name="id">The connection's.</param>
    /// <param name="time">Now.</param>
    /// <param name="roster">What there is to subscribe to.</param>
    /// <param name="proof">What the client has shown.</param>
    /// <param name="options">Its limits.</param>
    /// <param name="clock">Wakes it.</param>
    public V1Outbox(string id, DateTimeOffset time, Roster roster, Proof proof, WebServerOptions options, AlarmClock clock)
        : base(id, clock)
    {
        _roster = roster;
        _isViewer = proof.IsViewer;
        _authentication = proof.Token is { } token ? roster.Events?.Authenticate(token, this, clock) : null;
        _options = options;
        _firstMessageDue = clock.Now + options.FirstMessageTimeout;
        Owe(V1Frames.Hello(id, time, options));
    }

    private protected override bool Joins => true;

    public override ReadOnlyMemory<byte> Farewell(DisconnectReason reason) =>
        reason == DisconnectReason.ClientLeft ? default : V1Frames.Goodbye(reason.Code, reason.Text, reason.MayReturn);

    public override void Dispose()
    {
        foreach (var subscription in _subscriptions)
            subscription.Topic.Leave(subscription);
        foreach (var subscription in _eventSubscriptions)
            subscription.Dispose();
        _authentication?.Dispose();
        base.Dispose();
    }

    private protected override void Answer(ClientMessage message)
    {
        // Whoever is sent away for what it said is not answered any more.
        if (_badInARow == MaxBadInARow)
            return;

        _hasSpoken = true;
        if (message is ClientMessage.Bad bad)
        {
            AnswerBad(bad);
            return;
        }

        _badInARow = 0;
        switch (message)
        {
            case ClientMessage.Subscribe subscribe:
                AnswerSubscribe(subscribe);
                break;
            case ClientMessage.Unsubscribe unsubscribe:
                AnswerUnsubscribe(unsubscribe);
                break;
            case ClientMessage.Update update:
                AnswerUpdate(update);
                break;
            case ClientMessage.Ping ping:
                Owe(V1Frames.Pong(ping.Seq));
                break;
            case ClientMessage.Acknowledge ack:
                AnswerCompletionAck(ack);
                break;
            case ClientMessage.Unknown unknown:
                Owe(V1Frames.Error(unknown.Id, "unsupported_type", "type: not one that this server knows"));
                break;
        }
    }

    private protected override void Gather()
    {
        foreach (var subscription in _subscriptions)
            Gather(subscription);
        if (!_isViewer || _eventSubscriptions.Length > 0 || _authentication is { IsAsking: true })
            SettleEvents();
        GatherEvents();
        CheckLife();
    }

    private void AnswerBad(ClientMessage.Bad bad)
    {
        Owe(V1Frames.Error(bad.Id, "bad_message", bad.Problem));
        if (++_badInARow == MaxBadInARow)
            Close(DisconnectReason.BadMessages);
    }

    private void AnswerSubscribe(ClientMessage.Subscribe subscribe)
    {
        var events = _roster.Events is { } relayed && relayed.Name == subscribe.Topic ? relayed : null;
        StateTopic? topic = null;
        if (events is null && !_roster.Topics.TryGetValue(subscribe.Topic, out topic))
        {
            Owe(V1Frames.Error(subscribe.Id, "unknown_topic", "topic: there is none of that name"));
            return;
        }

        if (events is null && !_isViewer)
        {
            Owe(V1Frames.Error(subscribe.Id, "access_denied", "topic: this one is for viewers, who show a token of this server's"));
            return;
        }

        if (_subscriptions.Length + _eventSubscriptions.Length == _options.MaxSubscriptions)
        {
            Owe(V1Frames.Error(subscribe.Id, "connection_limit_exceeded", $"more than {_options.MaxSubscriptions} subscriptions on one connection"));
            return;
        }

        if (events is not null)
        {
            AnswerSubscribeToEvents(events, subscribe);
            return;
        }

        var subscription = new V1Subscription(topic!, this, ++_lastSub, subscribe);
        _subscriptions = [.. _subscriptions, subscription];
        topic!.Join(subscription);
    }

    private void AnswerSubscribeToEvents(EventTopic topic, ClientMessage.Subscribe subscribe)
    {
        var refusal = _authentication is null
            ? new("authentication_failed", "this topic needs a token", DisconnectReason.NotAuthenticated)
            : SubscriptionDesk.Check(subscribe.Filter, topic.Hub.AllowedTypes);
        if (refusal is not null)
        {
            Owe(V1Frames.Error(subscribe.Id, refusal.Code, refusal.Message, refusal.IsTemporary));
            return;
        }

        if (_eventSubscriptions.Length == 0)
            _authentication!.BeginAnew();
        _eventSubscriptions = [.. _eventSubscriptions, new V1EventSubscription(topic, this, ++_lastSub, subscribe)];
    }

    private void AnswerUnsubscribe(ClientMessage.Unsubscribe unsubscribe)
    {
        if (Array.Find(_eventSubscriptions, one => one.Sub == unsubscribe.Sub) is { } events)
        {
            Remove(events);
            Owe(V1Frames.Unsubscribed(unsubscribe.Id, unsubscribe.Sub));
            return;
        }

        if (Find(unsubscribe.Id, unsubscribe.Sub) is not { } subscription)
            return;
        _subscriptions = Array.FindAll(_subscriptions, one => one != subscription);
        subscription.Topic.Leave(subscription);
        Owe(V1Frames.Unsubscribed(unsubscribe.Id, unsubscribe.Sub));
    }

    private void AnswerUpdate(ClientMessage.Update update)
    {
        if (Array.Find(_eventSubscriptions, one => one.Sub == update.Sub) is { } events)
        {
            events.Paused = update.Paused ?? events.Paused;
            return;
        }

        if (Find(update.Id, update.Sub) is not { } subscription)
            return;
        subscription.Rate = update.Rate ?? subscription.Rate;
        subscription.Paused = update.Paused ?? subscription.Paused;
    }

    private void AnswerCompletionAck(ClientMessage.Acknowledge ack)
    {
        var subscription = ack.Sub is { } sub
            ? Find(null, sub)
            : _subscriptions is [var only] ? only : null;
        subscription?.Topic.Completion.Acknowledge(Math.Min(ack.Seq ?? long.MaxValue, subscription.Seq));
    }

    private IEnumerable<(int Sub, long Seq)> Heads() =>
        _subscriptions.Where(one => one.IsConfirmed).Select(one => (one.Sub, one.Seq))
            .Concat(_eventSubscriptions.Where(one => one.IsConfirmed).Select(one => (one.Sub, one.Seq)));

    private V1Subscription? Find(long? id, long sub)
    {
        var found = Array.Find(_subscriptions, subscription => subscription.Sub == sub);
        if (found is null)
            Owe(V1Frames.Error(id, "bad_message", "sub: there is none of that number"));
        return found;
    }

    private void Gather(V1Subscription subscription)
    {
        var topic = subscription.Topic;
        var timeline = topic.Timeline;
        if (!subscription.IsConfirmed)
        {
            if (subscription.Confirm() is not { } confirmation)
                return;
            Owe(confirmation);
        }

        if (subscription.Paused)
            return;

        if (timeline.EventCount > subscription.N)
        {
            foreach (var told in timeline.EventsAfter(subscription.N))
            {
                Owe(EventFrames.Of(told).For(subscription.Sub));
                subscription.N = told.N;
            }
        }

        if (timeline.Head is not { } head || head.Seq <= subscription.Seq)
            return;

        if (subscription.NotBefore is { } notBefore && notBefore > Clock.Now)
        {
            WakeNoLaterThan(notBefore);
            return;
        }

        Owe(topic.FramesOf(head).From(subscription.Sub, subscription.Seq));
        subscription.MoveTo(head.Seq, Clock.Now);
    }

    private void GatherEvents()
    {
        foreach (var subscription in _eventSubscriptions)
        {
            for (var count = 1; subscription.NextFrame() is { } frame; count++)
            {
                Owe(frame);
                if (count == MaxEventsOwed)
                {
                    OweMore();
                    break;
                }
            }
        }
    }

    /// <summary>
    /// Confirms or refuses those subscriptions to events that wait to know who the client is, and ends those whose right is gone. One who
    /// is neither a viewer nor anybody known has nothing to do here.
    /// </summary>
    private void SettleEvents()
    {
        if (_authentication is null || Reason is not null)
            return;
        var result = _authentication.Look();
        WakeNoLaterThan(_authentication.Due);
        if (result is null)
            return;

        var isNews = !ReferenceEquals(result, _settled);
        _settled = result;
        foreach (var subscription in _eventSubscriptions)
        {
            if (subscription.IsConfirmed && !isNews)
                continue;
            var (confirmation, refusal) = subscription.Settle(result);
            if (confirmation is not null)
                Owe(confirmation);
            if (refusal is null)
                continue;

            Owe(subscription.Refused(refusal));
            if (subscription.IsConfirmed)
                Close(refusal.Ending);
            Remove(subscription);
        }

        if (!_isViewer && result.Identity is null && Reason is null)
            Close(SubscriptionDesk.EndingOf(result));
    }

    private void Remove(V1EventSubscription subscription)
    {
        _eventSubscriptions = Array.FindAll(_eventSubscriptions, one => one != subscription);
        subscription.Dispose();
    }

    /// <summary>Owes a ping after silence, and gives up on a client that does not answer it.</summary>
    private void CheckLife()
    {
        var now = Clock.Now;
        if (!_hasSpoken)
        {
            if (now >= _firstMessageDue)
                Close(DisconnectReason.NoFirstMessage);
            WakeNoLaterThan(_firstMessageDue);
            return;
        }

        var heard = LastHeard;
        if (_pingedAt is { } pinged && heard < pinged)
        {
            if (now - pinged >= _options.PongTimeout)
                Close(DisconnectReason.NoPong);
            WakeNoLaterThan(pinged + _options.PongTimeout);
            return;
        }

        _pingedAt = null;
        if (now - heard >= _options.PingInterval)
        {
            Owe(V1Frames.Ping(++_pings, Heads()));
            _pingedAt = now;
            WakeNoLaterThan(now + _options.PongTimeout);
            return;
        }

        WakeNoLaterThan(heard + _options.PingInterval);
    }
}
