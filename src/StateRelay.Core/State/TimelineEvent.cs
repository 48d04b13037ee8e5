namespace StateRelay.State;

/// <summary>A state event with its place in a topic's history. Immutable.</summary>
/// <param name="n">Counts the events of the topic from 1.</param>
/// <param name="seq">The store's version when it happened.</param>
/// <param name="time">When it happened.</param>
/// <param name="stateEvent">What happened.</param>
internal sealed class TimelineEvent(long n, long seq, DateTimeOffset time, StateEvent stateEvent) : Deliverable
{
    public long N => n;

    public long Seq => seq;

    public DateTimeOffset Time => time;

    public StateEvent Event => stateEvent;
}
