using System.Runtime.InteropServices;

namespace StateRelay.Connections;

/// <summary>
/// Finds those who could want an event, by what they follow: the cost of one event does not grow with those who follow something
/// else. Who is found is still to be decided on; who is not found does not receive it. Guarded by its owner.
/// </summary>
/// <typeparam name="TReader">Who is found; equal only to itself.</typeparam>
internal sealed class SubscriptionIndex<TReader>
    where TReader : class
{
    /// <summary>Who asks for more types than this is found for every type.</summary>
    private const int MaxTypeKeys = 4;

    private readonly Dictionary<TReader, Entry> _all = [];

    // Of the program's own readers those who follow everything.
    private readonly HashSet<Entry> _followingAll = [];

    private readonly Dictionary<PullRequestKey, HashSet<Entry>> _byPullRequest = [];

    // All who may be addressed in person, and of them those who follow their own events.
    private readonly Dictionary<string, HashSet<Entry>> _byPerson = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, HashSet<Entry>> _byOwnEvents = new(StringComparer.OrdinalIgnoreCase);

    // Those who follow an organization, for one type or for any.
    private readonly Dictionary<string, HashSet<Entry>> _byOrganization = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string Organization, string Type), HashSet<Entry>> _byOrganizationAndType = new(OrganizationAndType.Comparer);

    private long _searches;

    public int Count => _all.Count;

    /// <summary>Everybody.</summary>
    public IReadOnlyCollection<TReader> Readers => _all.Keys;

    /// <summary>Whether nothing is remembered of anybody.</summary>
    public bool IsEmpty =>
        _all.Count + _followingAll.Count + _byPullRequest.Count + _byPerson.Count + _byOwnEvents.Count + _byOrganization.Count + _byOrganizationAndType.Count == 0;

    /// <summary>Adds somebody who is not there.</summary>
    public void Add(TReader reader, Subscription subscription, ClientIdentity identity)
    {
        var entry = new Entry(reader, subscription, identity);
        _all.Add(reader, entry);
        ForEachKey(subscription, identity, new Adding(entry));
    }

    /// <summary>Removes somebody; false when they were not there.</summary>
    public bool Remove(TReader reader)
    {
        if (!_all.Remove(reader, out var entry))
            return false;
        ForEachKey(entry.Subscription, entry.Identity, new Removing(entry));
        return true;
    }

    /// <summary>Adds to <paramref name="found"/> each of those who could want an event, once.</summary>
    public void Find(string type, EventAudience audience, List<TReader> found)
    {
        _searches++;
        AddThose(_followingAll, found);
        switch (audience.Reach)
        {
            case AudienceReach.Everyone:
                foreach (var entry in _all.Values)
                    Add(entry, found);
                return;
            case AudienceReach.People:
                foreach (var login in audience.People)
                    AddThose(_byPerson, login, found);
                return;
        }

        foreach (var key in audience.PullRequests)
            AddThose(_byPullRequest, key, found);
        foreach (var login in audience.People)
            AddThose(_byOwnEvents, login, found);
        if (audience.Organization is not { } organization)
            return;
        AddThose(_byOrganization, organization, found);
        AddThose(_byOrganizationAndType, (organization, type), found);
    }

    private void ForEachKey<TAct>(Subscription subscription, ClientIdentity identity, TAct act)
        where TAct : struct, IAct
    {
        if (!identity.IsProgram)
            act.On(_byPerson, identity.UserName);
        if (subscription.PullRequests.Count > 0)
        {
            foreach (var key in subscription.PullRequestKeys)
                act.On(_byPullRequest, key);
        }
        else if (subscription.UserEventsOnly)
        {
            act.On(_byOwnEvents, identity.UserName);
        }
        else if (subscription.NamesOrganization)
        {
            OnOrganization(subscription, subscription.Organization, act);
        }
        else if (identity.IsProgram)
        {
            act.On(_followingAll);
        }
        else if (subscription.Organization == Subscription.AllOrganizations)
        {
            foreach (var organization in identity.Organizations.Add(identity.UserName))
                OnOrganization(subscription, organization, act);
        }
    }

    private void OnOrganization<TAct>(Subscription subscription, string organization, TAct act)
        where TAct : struct, IAct
    {
        if (subscription.EventTypes.Count is 0 or > MaxTypeKeys)
        {
            act.On(_byOrganization, organization);
            return;
        }

        foreach (var type in subscription.EventTypes)
            act.On(_byOrganizationAndType, (organization, type));
    }

    private void AddThose<TKey>(Dictionary<TKey, HashSet<Entry>> by, TKey key, List<TReader> found)
        where TKey : notnull
    {
        if (by.TryGetValue(key, out var entries))
            AddThose(entries, found);
    }

    private void AddThose(HashSet<Entry> entries, List<TReader> found)
    {
        foreach (var entry in entries)
            Add(entry, found);
    }

    private void Add(Entry entry, List<TReader> found)
    {
        if (entry.FoundBy == _searches)
            return;
        entry.FoundBy = _searches;
        found.Add(entry.Reader);
    }

    /// <summary>Somebody, with what they were added with.</summary>
    private sealed class Entry(TReader reader, Subscription subscription, ClientIdentity identity)
    {
        public TReader Reader => reader;

        public Subscription Subscription => subscription;

        public ClientIdentity Identity => identity;

        /// <summary>The last search that came upon them.</summary>
        public long FoundBy { get; set; }
    }

    private interface IAct
    {
        void On(HashSet<Entry> entries);

        void On<TKey>(Dictionary<TKey, HashSet<Entry>> by, TKey key)
            where TKey : notnull;
    }

    private readonly struct Adding(Entry entry) : IAct
    {
        public void On(HashSet<Entry> entries) => entries.Add(entry);

        public void On<TKey>(Dictionary<TKey, HashSet<Entry>> by, TKey key)
            where TKey : notnull =>
            (CollectionsMarshal.GetValueRefOrAddDefault(by, key, out _) ??= []).Add(entry);
    }

    private readonly struct Removing(Entry entry) : IAct
    {
        public void On(HashSet<Entry> entries) => entries.Remove(entry);

        public void On<TKey>(Dictionary<TKey, HashSet<Entry>> by, TKey key)
            where TKey : notnull
        {
            if (by.TryGetValue(key, out var entries) && entries.Remove(entry) && entries.Count == 0)
                by.Remove(key);
        }
    }

    private static class OrganizationAndType
    {
        public static readonly IEqualityComparer<(string Organization, string Type)> Comparer =
            EqualityComparer<(string Organization, string Type)>.Create(
                static (one, other) => one.Type == other.Type && StringComparer.OrdinalIgnoreCase.Equals(one.Organization, other.Organization),
                static key => HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(key.Organization), key.Type));
    }
}
