namespace StateRelay.State;

/// <summary>A state event with its place in a topic's history. Immutable.</summary>
/// <param name="N">Counts the events of the topic from 1.</param>
/// <param name="Seq">The store's version when it happened.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Event">What happened.</param>
internal sealed record TimelineEvent(long N, long Seq, DateTimeOffset Time, StateEvent Event);
