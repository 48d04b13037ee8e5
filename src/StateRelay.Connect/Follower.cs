using StateRelay.Connections;

namespace StateRelay.Connect;

/// <summary>What one frame asks for.</summary>
internal enum Step
{
    /// <summary>Nothing; the frame did not matter.</summary>
    Ignored,

    /// <summary>The consumer to be woken.</summary>
    News,

    /// <summary>To subscribe again from the position: something is missing in between.</summary>
    AskAgain,

    /// <summary>To subscribe again from nothing: what is here cannot be trusted.</summary>
    AskAnew,

    /// <summary>To give up the subscription until the consumer has caught up.</summary>
    GiveUp,
}

/// <summary>
/// One thing that is followed, over all connections: its position and what its consumer has not taken yet. Everything but the bell is
/// guarded by the gate of the <see cref="RelayConnection"/>.
/// </summary>
internal abstract class Follower
{
    /// <summary>Wakes the consumer.</summary>
    public Bell Bell { get; } = new();

    /// <summary>The name of the topic.</summary>
    public abstract string Topic { get; }

    /// <summary>The request to subscribe that was not answered yet; null for none.</summary>
    public long? Pending { get; private set; }

    /// <summary>When that request was made, as a timestamp.</summary>
    public long AskedAt { get; private set; }

    /// <summary>Its number on this connection; null while it has none.</summary>
    public long? Sub { get; private set; }

    /// <summary>How this connection confirmed it: whether it goes on, null where there was nothing to go on from.</summary>
    public bool? Recovered { get; private set; }

    /// <summary>Whether it has ended: nothing more will come.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>What the consumer is to be told of the end; null where it is no failure.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Whether it would take anything now.</summary>
    public virtual bool HasRoom => true;

    /// <summary>How far it has come; null for nowhere yet.</summary>
    protected abstract long? Seq { get; }

    private protected bool HasAskedWithPosition { get; private set; }

    /// <summary>The message that asks for it from its position.</summary>
    public byte[] Ask(long id, long now)
    {
        (Pending, AskedAt) = (id, now);
        var (message, hasPosition) = Subscribe(id);
        HasAskedWithPosition = hasPosition;
        return message;
    }

    /// <summary>The server's answer that grants it.</summary>
    public Step Confirm(long sub, ServerFrame frame)
    {
        var recovered = frame.Flag("recovered") == true;
        (Pending, Sub) = (null, sub);
        Recovered = recovered ? true : HasAskedWithPosition ? false : null;
        return Begin(frame, recovered);
    }

    /// <summary>Forgets what belongs to a connection.</summary>
    public virtual void Detach() => (Pending, Sub, Recovered) = (null, null, null);

    /// <summary>Nothing more comes. The first end counts.</summary>
    public void End(Exception? error)
    {
        if (!HasEnded)
            (HasEnded, Error) = (true, error);
    }

    /// <summary>Whether the server has brought it further than it has come.</summary>
    public bool IsBehind(long head) => Pending is null && Seq < head;

    /// <summary>Forgets the position: subscribes from nothing next time.</summary>
    public abstract void ForgetPosition();

    /// <summary>Takes a frame of its subscription.</summary>
    public abstract Step Take(string type, ServerFrame frame);

    protected abstract (byte[] Message, bool HasPosition) Subscribe(long id);

    protected abstract Step Begin(ServerFrame frame, bool recovered);
}
