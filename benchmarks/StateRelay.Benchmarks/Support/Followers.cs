using StateRelay.Connections;

namespace StateRelay.Benchmarks.Support;

/// <summary>Readers of events, and an event that concerns some of them.</summary>
internal static class Followers
{
    public static Event Happened { get; } = new("pull_request") { Url = "https://github.com/acme/rocket/pull/7" };

    public static EventAudience Audience { get; } = new()
    {
        Organization = "acme",
        Repository = "rocket",
        PullRequests = [new PullRequestKey("acme", "rocket", 7)],
        People = ["amy", "bob", "cleo"],
        Visibility = Visibility.Public,
    };

    /// <summary>Readers whom it concerns, because they follow the organization.</summary>
    public static IEnumerable<EventReader> Concerned(Hub hub, int count) => Enumerable.Range(0, count).Select(index => new EventReader(
        hub,
        new Follower(),
        new Subscription { Organization = "acme" },
        new ClientIdentity($"member{index}") { Organizations = ["acme"] }));

    /// <summary>Readers who follow other organizations, other types, other pull requests, and what other people do.</summary>
    public static IEnumerable<EventReader> Elsewhere(Hub hub, int count) => Enumerable.Range(0, count).Select(index => new EventReader(
        hub,
        new Follower(),
        (index % 4) switch
        {
            0 => new Subscription { Organization = $"org{index}" },
            1 => new Subscription { Organization = "acme", EventTypes = ["release"] },
            2 => new Subscription { PullRequests = [$"https://github.com/acme/rocket/pull/{1000 + index}"] },
            _ => new Subscription { UserEventsOnly = true },
        },
        new ClientIdentity($"person{index}") { Organizations = ["acme", $"org{index}"] }));

    private sealed class Follower : IFollower
    {
        public string Id => "";

        public Bell Bell { get; } = new();

        public bool IsServed => true;

        public void Close(DisconnectReason reason)
        {
        }
    }
}
