using System.Text.Json;
using System.Text.Json.Nodes;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.Reliability.Model;

/// <summary>What broke an invariant.</summary>
internal class ViolationException(string message) : Exception(message);

/// <summary>Something goes on for ever: trying that again and again, to make it short, would take as long each time.</summary>
internal sealed class RestlessException(string message) : ViolationException(message);

/// <summary>
/// What truly was: every version of the state, everything that was said of it, every event published. Kept by the model, which knows
/// nothing of how the server remembers.
/// </summary>
internal sealed class History
{
    private readonly List<JsonNode> _versions = [];
    private readonly Dictionary<string, List<(string Type, long Seq)>> _said = [];
    private readonly Dictionary<string, List<Published>> _events = [];
    private List<(string Type, long Seq)> _saying = [];

    /// <summary>The store's version now; version 1 is the first.</summary>
    public long Version => _versions.Count;

    /// <summary>The events of this hub, the first has number 1; those of another are another list.</summary>
    public List<Published> Events { get; private set; } = [];

    public void Add(Fleet fleet) => _versions.Add(JsonSerializer.SerializeToNode(fleet, TestFleetJson.Default.Fleet)!);

    /// <summary>A server begins to tell of the state.</summary>
    public void BeginEpoch(string epoch) => _said[epoch] = _saying = [];

    /// <summary>Another hub begins.</summary>
    public void BeginEvents(string epoch) => _events[epoch] = Events = [];

    /// <summary>What was published by a hub.</summary>
    public List<Published> EventsIn(string epoch) => _events.GetValueOrDefault(epoch) ?? throw new ViolationException($"No hub has the epoch {epoch}.");

    public void Say(string type) => _saying.Add((type, Version));

    /// <summary>What a server told of the state, beside the state.</summary>
    public List<(string Type, long Seq)> SaidIn(string epoch) =>
        _said.GetValueOrDefault(epoch) ?? throw new ViolationException($"No server has the epoch {epoch}.");

    /// <summary>The state at a version.</summary>
    public JsonNode At(long version) =>
        version >= 1 && version <= Version ? _versions[(int)version - 1] : throw new ViolationException($"There is no version {version} of {Version}.");

    /// <summary>The first version from one on that looks like a document; 0 when none does.</summary>
    public long FindFrom(long version, JsonNode? document)
    {
        for (version = Math.Max(1, version); version <= Version; version++)
        {
            if (JsonPatchClient.Same(At(version), document))
                return version;
        }

        return 0;
    }
}

/// <summary>An event that was published. Immutable.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Type">What happened.</param>
/// <param name="Audience">Whom it concerned.</param>
internal sealed record Published(long Seq, string Type, Concerned Audience)
{
    public string DeliveryId => $"d{Seq}";
}

/// <summary>Whom an event concerned, as the model sees it; and what may be asked for.</summary>
internal enum Concerned
{
    Acme,
    Globex,
    Initech,
    Amy,
    Everyone,
    AcmeWithBob,
    AcmePullRequest,
}

/// <summary>Who hears of what, written down once more from what the documents say.</summary>
internal static class Interest
{
    public static readonly string[] Filters =
    [
        """{"organization":"acme"}""",
        """{"organization":"*"}""",
        """{"organization":"acme","event_types":["push"]}""",
        """{"organization":"*","user_events_only":true}""",
        """{"pull_requests":["https://github.com/acme/site/pull/5"]}""",
        """{"organization":"globex"}""",
    ];

    private const int OwnEvents = 3, OnePullRequest = 4;

    public static EventAudience Audience(Concerned concerned) => concerned switch
    {
        Concerned.Amy => EventAudience.ForPeople("amy"),
        Concerned.Everyone => EventAudience.Everyone,
        Concerned.AcmeWithBob => EventAudience.ForOrganization("acme") with { People = ["bob"] },
        Concerned.AcmePullRequest => EventAudience.ForOrganization("acme") with { Repository = "site", PullRequests = [new PullRequestKey("acme", "site", 5)] },
        _ => EventAudience.ForOrganization(Organization(concerned)!),
    };

    /// <summary>Whether somebody who asked for a filter hears of an event.</summary>
    public static bool Hears(int filter, ClientIdentity person, Published published)
    {
        if (filter == 2 && published.Type != "push")
            return false;
        if (published.Audience is Concerned.Everyone)
            return true;
        if (published.Audience is Concerned.Amy)
            return person.UserName == "amy";
        if (!person.Organizations.Contains(Organization(published.Audience)!))
            return false;
        return filter switch
        {
            OwnEvents => published.Audience is Concerned.AcmeWithBob && person.UserName == "bob",
            OnePullRequest => published.Audience is Concerned.AcmePullRequest,
            1 => true,
            5 => published.Audience is Concerned.Globex,
            _ => Organization(published.Audience) == "acme",
        };
    }

    private static string? Organization(Concerned concerned) => concerned switch
    {
        Concerned.Acme or Concerned.AcmeWithBob or Concerned.AcmePullRequest => "acme",
        Concerned.Globex => "globex",
        Concerned.Initech => "initech",
        _ => null,
    };
}
