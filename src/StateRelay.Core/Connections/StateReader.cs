namespace StateRelay.Connections;

/// <summary>One reader's place in a topic: positions, not copies. Its fields belong to the sending task of its connection.</summary>
internal class StateReader(StateTopic topic, Outbox outbox)
{
    public StateTopic Topic { get; } = topic;

    /// <summary>Rung when there is something newer.</summary>
    public Outbox Outbox { get; } = outbox;

    /// <summary>The last version sent; 0 before the first.</summary>
    public long Seq { get; set; }

    /// <summary>The last event sent.</summary>
    public long N { get; set; }
}
