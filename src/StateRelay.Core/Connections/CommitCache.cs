namespace StateRelay;

/// <summary>
/// Which pull requests a commit is the head of, as told by events. A commit is known within its repository only: the same commit in a
/// fork or a mirror is another one, and never answers for it. Bounded by commits and by bytes; a commit is forgotten 24 hours after the
/// last event about it, a closed pull request after a short grace (its last checks may still come in). Safe for use by any thread.
/// </summary>
public sealed class CommitCache
{
    /// <summary>How long a commit is remembered after the last event about it.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>How long a closed pull request is still an answer.</summary>
    internal static readonly TimeSpan ClosedGrace = TimeSpan.FromMinutes(10);

    /// <summary>How long it is remembered that a commit has no pull request.</summary>
    internal static readonly TimeSpan NoneLifetime = TimeSpan.FromSeconds(30);

    /// <summary>How many pull requests of one commit are kept, the newest ones.</summary>
    internal const int MaxPullRequestsOfCommit = 50;

    private const int EntryBytes = 200;
    private const int PullRequestBytes = 100;

    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly int _maxCommits;
    private readonly long _maxBytes;

    // Guarded by _gate. The list is in the order of the last event, oldest first.
    private readonly Dictionary<Key, LinkedListNode<Entry>> _commits = [];
    private readonly LinkedList<Entry> _byAge = new();
    private long _bytes;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="clock">What the time is.</param>
    /// <param name="maxCommits">How many commits are kept.</param>
    /// <param name="maxBytes">About how many bytes are kept.</param>
    internal CommitCache(TimeProvider clock, int maxCommits = 16_384, long maxBytes = 16 * 1024 * 1024)
    {
        _clock = clock;
        _maxCommits = maxCommits;
        _maxBytes = maxBytes;
    }

    /// <summary>How many commits are remembered now, also those without pull requests.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                ForgetOld_NeedsGate();
                return _commits.Count;
            }
        }
    }

    /// <summary>About how many bytes are held now.</summary>
    internal long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>
    /// Takes note that <paramref name="sha"/> is the head of a pull request. An empty name or address, or a number below 1, is no note.
    /// </summary>
    public void Note(string? owner, string? repository, string? sha, long number, string? url, bool isClosed = false)
    {
        if (string.IsNullOrEmpty(owner) || string.IsNullOrEmpty(repository) || string.IsNullOrEmpty(sha) || string.IsNullOrEmpty(url) || number < 1)
            return;

        var key = Key.Of(owner, repository, sha);
        lock (_gate)
        {
            ForgetOld_NeedsGate();
            var entry = Renew_NeedsGate(key, owner, repository);
            var now = _clock.GetTimestamp();
            var index = entry.PullRequests.FindIndex(known => known.Number == number);

            // A pull request that was closed keeps the moment it was, however often that is told again.
            var closedAt = !isClosed ? (long?)null : index < 0 ? now : entry.PullRequests[index].ClosedAt ?? now;
            if (index >= 0)
                RemovePullRequest_NeedsGate(entry, index);
            if (entry.PullRequests.Count == MaxPullRequestsOfCommit)
                RemovePullRequest_NeedsGate(entry, 0);
            entry.PullRequests.Insert(index >= 0 ? Math.Min(index, entry.PullRequests.Count) : entry.PullRequests.Count, new Known(number, url, _clock.GetUtcNow(), closedAt));
            _bytes += SizeOf(url);
            MakeRoom_NeedsGate();
        }
    }

    /// <summary>Takes note that <paramref name="sha"/> has no pull request, for a short time; events that tell of one come first.</summary>
    internal void NoteNone(string? owner, string? repository, string? sha)
    {
        if (string.IsNullOrEmpty(owner) || string.IsNullOrEmpty(repository) || string.IsNullOrEmpty(sha))
            return;

        var key = Key.Of(owner, repository, sha);
        lock (_gate)
        {
            ForgetOld_NeedsGate();
            if (_commits.TryGetValue(key, out var known) && IsAlive_NeedsGate(known.Value))
                return;
            Renew_NeedsGate(key, owner, repository);
            MakeRoom_NeedsGate();
        }
    }

    /// <summary>
    /// The pull requests of a commit, in the order in which they became known; empty when it is known that there are none; null when
    /// nothing is known.
    /// </summary>
    public IReadOnlyList<PRInfo>? Find(string? owner, string? repository, string? sha)
    {
        if (string.IsNullOrEmpty(owner) || string.IsNullOrEmpty(repository) || string.IsNullOrEmpty(sha))
            return null;

        lock (_gate)
        {
            ForgetOld_NeedsGate();
            if (!_commits.TryGetValue(Key.Of(owner, repository, sha), out var node))
                return null;
            if (IsAlive_NeedsGate(node.Value))
                return [.. node.Value.PullRequests.Select(known => known.Of(node.Value))];
            Forget_NeedsGate(node);
            return null;
        }
    }

    private Entry Renew_NeedsGate(Key key, string owner, string repository)
    {
        var now = _clock.GetTimestamp();
        if (_commits.TryGetValue(key, out var node))
        {
            node.Value.LastEvent = now;
            _byAge.Remove(node);
            _byAge.AddLast(node);
            return node.Value;
        }

        var entry = new Entry(key, owner, repository) { LastEvent = now };
        _commits[key] = _byAge.AddLast(entry);
        _bytes += EntryBytes;
        return entry;
    }

    // Drops what was closed for too long, and says whether the rest is still an answer.
    private bool IsAlive_NeedsGate(Entry entry)
    {
        var wasNone = entry.PullRequests.Count == 0;
        for (var i = entry.PullRequests.Count - 1; i >= 0; i--)
        {
            if (entry.PullRequests[i].ClosedAt is { } closedAt && _clock.GetElapsedTime(closedAt) >= ClosedGrace)
                RemovePullRequest_NeedsGate(entry, i);
        }

        return wasNone ? _clock.GetElapsedTime(entry.LastEvent) < NoneLifetime : entry.PullRequests.Count > 0;
    }

    private void MakeRoom_NeedsGate()
    {
        while (_commits.Count > _maxCommits || (_bytes > _maxBytes && _commits.Count > 1))
            Forget_NeedsGate(_byAge.First!);
    }

    private void ForgetOld_NeedsGate()
    {
        while (_byAge.First is { } oldest && _clock.GetElapsedTime(oldest.Value.LastEvent) >= Lifetime)
            Forget_NeedsGate(oldest);
    }

    private void Forget_NeedsGate(LinkedListNode<Entry> node)
    {
        for (var i = node.Value.PullRequests.Count - 1; i >= 0; i--)
            RemovePullRequest_NeedsGate(node.Value, i);
        _bytes -= EntryBytes;
        _commits.Remove(node.Value.Key);
        _byAge.Remove(node);
    }

    private void RemovePullRequest_NeedsGate(Entry entry, int index)
    {
        _bytes -= SizeOf(entry.PullRequests[index].Url);
        entry.PullRequests.RemoveAt(index);
    }

    private static int SizeOf(string url) => PullRequestBytes + (2 * url.Length);

    private readonly record struct Known(long Number, string Url, DateTimeOffset CachedAt, long? ClosedAt)
    {
        public PRInfo Of(Entry entry) => new(new PullRequestKey(entry.Owner, entry.Repository, Number)) { Url = Url, CachedAt = CachedAt };
    }

    private sealed class Entry(Key key, string owner, string repository)
    {
        public Key Key => key;

        public string Owner => owner;

        public string Repository => repository;

        public List<Known> PullRequests { get; } = [];

        public long LastEvent { get; set; }
    }

    /// <summary>Owner and repository without regard to case, and the commit.</summary>
    private readonly record struct Key(string Repository, string Sha)
    {
        public static Key Of(string owner, string repository, string sha) =>
            new($"{owner}/{repository}".ToLowerInvariant(), sha.ToLowerInvariant());
    }
}
