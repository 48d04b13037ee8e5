namespace StateRelay.Events;

/// <summary>An event with its place in the log. Immutable.</summary>
/// <param name="Seq">Counts the events of a log from 1.</param>
/// <param name="Event">What happened.</param>
/// <param name="Audience">Whom it concerns.</param>
/// <param name="Time">When it was logged.</param>
internal sealed record LoggedEvent(long Seq, Event Event, EventAudience Audience, DateTimeOffset Time)
{
    private const int FixedBytes = 400, BytesAName = 100;

    /// <summary>How many it was for when it was logged. Written by the hub alone, before anybody reads it.</summary>
    public int Matched { get; set; }

    /// <summary>About what it takes in memory.</summary>
    public int Bytes { get; } = FixedBytes
        + (2 * (Event.Type.Length + Length(Event.Url) + Length(Event.DeliveryId) + Length(Event.CommitSha) + Length(Audience.Organization) + Length(Audience.Repository)))
        + Audience.PullRequests.Sum(key => BytesAName + (2 * (key.Owner.Length + key.Repository.Length)))
        + Audience.People.Sum(login => BytesAName + (2 * login.Length));

    private static int Length(string? text) => text?.Length ?? 0;
}
