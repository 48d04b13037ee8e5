using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>What a client of <see cref="Dialect.PlainState"/> is owed: one state, whole at first and at turning points.</summary>
internal sealed class PlainStateOutbox : Outbox
{
    private readonly StateReader _reader;
    private bool _started;
    private long _owedMilestone;

    public PlainStateOutbox(string id, StateTopic topic, AlarmClock clock)
        : base(id, clock)
    {
        _reader = new StateReader(topic, this);
        topic.Join(_reader);
    }

    private protected override bool Joins => false;

    public override ReadOnlyMemory<byte> Farewell(DisconnectReason reason) => default;

    public override void Dispose()
    {
        _reader.Topic.Leave(_reader);
        base.Dispose();
    }

    private protected override void Answer(ClientMessage message)
    {
        switch (message)
        {
            case ClientMessage.Ping ping:
                Owe(PlainStateFrames.Pong(ping.Seq));
                break;
            case ClientMessage.Acknowledge:
                _reader.Topic.Completion.Acknowledge(_reader.Seq);
                break;
        }
    }

    private protected override void Gather()
    {
        var topic = _reader.Topic;
        if (!_started)
        {
            Start();
            return;
        }

        if (topic.Timeline.EventCount > _reader.N)
            GatherEvents();

        if (topic.Timeline.Head is { } head && head.Seq > _reader.Seq)
        {
            var frames = topic.FramesOf(head);
            var turned = _owedMilestone > 0 && head.Seq >= _owedMilestone;
            Owe(turned ? frames.PlainSnapshot : frames.PlainProgress);
            if (turned)
                _owedMilestone = 0;
            _reader.Seq = head.Seq;
        }
    }

    private void Start()
    {
        var timeline = _reader.Topic.Timeline;
        _reader.N = timeline.EventCount;
        if (timeline.Latest() is not { } head)
            return;
        _started = true;
        _reader.Seq = head.Seq;
        if (timeline.LastMilestone > head.Seq)
            _owedMilestone = timeline.LastMilestone;
        Owe(_reader.Topic.FramesOf(head).PlainFirst);
    }

    private void GatherEvents()
    {
        foreach (var told in _reader.Topic.Timeline.EventsAfter(_reader.N))
        {
            _reader.N = told.N;
            if (told.Event.Class == StateEventClass.Milestone)
                _owedMilestone = told.Seq;
            else
                Owe(EventFrames.Of(told).Plain);
        }
    }
}
