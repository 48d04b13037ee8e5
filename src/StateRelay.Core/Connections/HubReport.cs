using StateRelay.Events;

namespace StateRelay.Connections;

/// <summary>What a hub does at one moment. Immutable.</summary>
/// <param name="Head">The number of the newest event.</param>
/// <param name="Matched">Those whom events were for, counted once for each event.</param>
/// <param name="Rate">Events a second over the last few.</param>
/// <param name="History">The same over the last minutes.</param>
/// <param name="Latest">The newest events that are held, the oldest of them first.</param>
/// <param name="Followers">How many follow events.</param>
/// <param name="Listed">Some of them, those furthest behind among them; in the order they came.</param>
internal sealed record HubReport(
    long Head,
    long Matched,
    double Rate,
    IReadOnlyList<PaceStep> History,
    IReadOnlyList<LoggedEvent> Latest,
    int Followers,
    IReadOnlyList<FollowerReport> Listed);

/// <summary>One who follows events. Immutable.</summary>
/// <param name="Id">Names the connection, or the reader of this program.</param>
/// <param name="Sub">Which of the connection's subscriptions; 0 where it can have one only.</param>
/// <param name="UserName">Whose it is; empty for the program itself.</param>
/// <param name="Subscription">What is followed.</param>
/// <param name="Behind">How many numbers it is behind, if one of them is for it; 0 when it has read everything.</param>
/// <param name="Since">Since when.</param>
internal sealed record FollowerReport(string Id, int Sub, string UserName, Subscription Subscription, long Behind, DateTimeOffset Since);
