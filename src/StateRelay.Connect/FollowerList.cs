namespace StateRelay.Connect;

/// <summary>
/// Everything that is followed on one connection, whatever socket that is on just now. Its gate guards the followers too.
/// </summary>
internal sealed class FollowerList
{
    private readonly List<Follower> _all = [];

    public Lock Gate { get; } = new();

    public int Count_NeedsGate => _all.Count;

    public IReadOnlyList<Follower> All_NeedsGate => _all;

    /// <summary>The socket they are on; null while there is none.</summary>
    public Session? Session_NeedsGate { get; set; }

    public void Add_NeedsGate(Follower follower)
    {
        _all.Add(follower);
        Session_NeedsGate?.Ask_NeedsGate(follower);
    }

    public bool Remove_NeedsGate(Follower follower)
    {
        if (!_all.Remove(follower))
            return false;
        Session_NeedsGate?.Drop_NeedsGate(follower);
        return true;
    }

    /// <summary>All have ended.</summary>
    public void EndAll(Exception? error)
    {
        Follower[] ended;
        lock (Gate)
        {
            ended = [.. _all];
            _all.Clear();
            foreach (var follower in ended)
                follower.End(error);
        }

        foreach (var follower in ended)
            follower.Bell.Ring();
    }
}
