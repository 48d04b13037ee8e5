using StateRelay.State;

namespace StateRelay.Events;

/// <summary>An event with its place in the log. Immutable.</summary>
/// <param name="seq">Counts the events of a log from 1.</param>
/// <param name="happened">What happened.</param>
/// <param name="audience">Whom it concerns.</param>
/// <param name="time">When it was logged.</param>
internal sealed class LoggedEvent(long seq, Event happened, EventAudience audience, DateTimeOffset time) : Deliverable
{
    private const int FixedBytes = 400, BytesAName = 100;

    public long Seq => seq;

    public Event Event => happened;

    public EventAudience Audience => audience;

    public DateTimeOffset Time => time;

    /// <summary>How many it was for when it was logged. Written by the hub alone, before anybody reads it.</summary>
    public int Matched { get; set; }

    /// <summary>About what it takes in memory.</summary>
    public int Bytes { get; } = FixedBytes
        + (2 * (happened.Type.Length + Length(happened.Url) + Length(happened.DeliveryId) + Length(happened.CommitSha) + Length(audience.Organization) + Length(audience.Repository)))
        + audience.PullRequests.Sum(key => BytesAName + (2 * (key.Owner.Length + key.Repository.Length)))
        + audience.People.Sum(login => BytesAName + (2 * login.Length));

    private static int Length(string? text) => text?.Length ?? 0;
}
