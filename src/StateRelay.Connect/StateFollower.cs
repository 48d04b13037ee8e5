using System.Text.Json;

using StateRelay.Protocol;

namespace StateRelay.Connect;

/// <summary>Follows one state. Holds the newest version alone: a slow consumer skips to it.</summary>
internal sealed class StateFollower(string topic) : Follower
{
    private const int MaxEvents = 256;

    private string? _epoch;
    private long? _seq;
    private long? _n;
    private JsonTree? _root;

    // What the consumer has not taken yet.
    private bool _isNew;
    private long _missed;
    private readonly Queue<StateEvent> _events = new();

    public override string Topic => topic;

    protected override long? Seq => _seq;

    public override void ForgetPosition() => _seq = null;

    /// <summary>Whether a state that was told is of what is followed now.</summary>
    public bool IsOf(FollowedState told) => Sub is not null && told.Topic == topic && told.Epoch == _epoch;

    /// <summary>The newest version, if the consumer has not had it.</summary>
    public FollowedState? Next()
    {
        // Without a position what is here is about to be replaced, and what was said of it belongs to what comes.
        if (!_isNew || _seq is not { } seq)
            return null;
        var next = new FollowedState(topic, _epoch!, seq, _root!) { Events = [.. _events], MissedEvents = _missed };
        (_isNew, _missed) = (false, 0);
        _events.Clear();
        return next;
    }

    public override Step Take(string type, ServerFrame frame) => type switch
    {
        "state_snapshot" => TakeSnapshot(frame),
        "state_delta" => TakeDelta(frame),
        "state_event" => TakeEvent(frame),
        _ => Step.Ignored,
    };

    protected override (byte[] Message, bool HasPosition) Subscribe(long id)
    {
        Position? since = _seq is { } seq ? new Position(_epoch!, seq, _n) : null;
        return (ClientFrames.Subscribe(id, topic, null, since), since is not null);
    }

    protected override Step Begin(ServerFrame frame, bool recovered)
    {
        if (recovered)
            return Step.Ignored;

        // The position comes with the snapshot, which may be cut off on its way.
        _seq = null;
        if (frame.Text("epoch") != _epoch)
            _n = null;
        return Step.Ignored;
    }

    private Step TakeSnapshot(ServerFrame frame)
    {
        if (frame.Number("seq") is not { } seq || frame.Text("epoch") is not { } epoch || frame.Member("state") is not { } state)
            return Step.Ignored;
        (_epoch, _seq, _root, _isNew) = (epoch, seq, JsonTree.From(state), true);
        return Step.News;
    }

    private Step TakeDelta(ServerFrame frame)
    {
        if (_seq is not { } position || frame.Number("seq") is not { } seq || seq <= position)
            return Step.Ignored;
        if (frame.Number("prev") != position)
            return Step.AskAgain;

        try
        {
            _root = JsonPatch.Apply(_root!, frame.Member("patch") ?? default);
        }
        catch (JsonPatchException)
        {
            return Step.AskAnew;
        }

        (_seq, _isNew) = (seq, true);
        return Step.News;
    }

    private Step TakeEvent(ServerFrame frame)
    {
        if (frame.Number("n") is not { } number || number <= _n)
            return Step.Ignored;

        _missed += number - (_n ?? number - 1) - 1;
        _n = number;
        if (frame.Object("event") is not { } told || told.Text("type") is not { Length: > 0 } type || string.IsNullOrWhiteSpace(type))
            return Step.Ignored;
        if (_events.Count == MaxEvents)
        {
            _events.Dequeue();
            _missed++;
        }

        _events.Enqueue(new StateEvent(type)
        {
            Subject = told.Text("subject"),
            Data = told.Member("data") is { ValueKind: JsonValueKind.Object } data ? data.Clone() : null,
        });
        _isNew = _root is not null;
        return Step.News;
    }
}
