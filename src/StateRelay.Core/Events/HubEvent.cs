namespace StateRelay;

/// <summary>What a program reads of a hub: an event, or that events are gone. Immutable.</summary>
/// <param name="Position">Where the reader is after it: read on from here to miss nothing.</param>
/// <param name="Event">What happened; null when events that may have been for the reader, up to <paramref name="Position"/>, are no longer held.</param>
public readonly record struct HubEvent(EventPosition Position, Event? Event)
{
    /// <summary>Whether events are gone that the reader has not read.</summary>
    public bool IsGap => Event is null;
}
