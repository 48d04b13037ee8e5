using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>Where a reader of events starts. Immutable.</summary>
/// <param name="Seq">Everything after this is sent, or told to be gone.</param>
/// <param name="NotRecovered">Why a returning client does not simply go on; null when it does, empty when it is new.</param>
internal readonly record struct EventStart(long Seq, string? NotRecovered)
{
    /// <summary>
    /// A newcomer starts with what happens next. One that returns goes on from its position; where that belongs to another history,
    /// with everything that is held of this one.
    /// </summary>
    public static EventStart Of(Position? since, string epoch, long firstHeld, long head) => since switch
    {
        null => new(head, ""),
        { Epoch: var theirs } when theirs != epoch => new(0, "epoch"),
        { Seq: var seq } when seq > head => new(head, "expired"),
        { Seq: var seq } => new(seq, seq + 1 < firstHeld ? "expired" : null),
    };
}
