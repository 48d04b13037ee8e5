using System.Text.Json.Nodes;

namespace StateRelay.Tests.Reliability.Model;

/// <summary>
/// A client's subscription to events: knows what it is owed, and holds each frame to that. While it is not settled by which of several
/// rights the server goes, what only some of these give may come or not; all else must, unless a gap covers it.
/// </summary>
/// <param name="sub">Its number on the connection.</param>
/// <param name="epoch">The history that was confirmed.</param>
/// <param name="filter">Which of <see cref="Interest.Filters"/>.</param>
/// <param name="seq">The position that was confirmed.</param>
/// <param name="rights">Those that the server may go by.</param>
/// <param name="events">All that was published.</param>
internal sealed class EventView(int sub, string epoch, int filter, long seq, IEnumerable<ClientIdentity> rights, List<Published> events)
{
    // What may come after the position, and whether it must.
    private readonly SortedDictionary<long, bool> _owed = [];
    private readonly List<ClientIdentity> _rights = [.. rights];

    public int Sub => sub;

    public int Filter => filter;

    public long Seq { get; private set; } = seq;

    public bool Paused { get; set; }

    public Bookmark Bookmark => new(epoch, Seq, 0, null);

    /// <summary>The first that must come and has not; 0 when there is none.</summary>
    public long Owed => _owed.FirstOrDefault(one => one.Value).Key;

    /// <summary>Takes what was published before it was known that the subscription is in force.</summary>
    public void Begin()
    {
        foreach (var published in events.Where(published => published.Seq > Seq))
            Add(published);
    }

    /// <summary>Something was published, to whatever hub.</summary>
    public void Add(Published published)
    {
        if (published.Seq > Seq && events.Contains(published) && _rights.Exists(right => Interest.Hears(filter, right, published)))
            _owed[published.Seq] = _rights.TrueForAll(right => Interest.Hears(filter, right, published));
    }

    /// <summary>The server may go by other rights from now on, also for what has not been read.</summary>
    public void MayBecome(ClientIdentity other)
    {
        _rights.Add(other);
        foreach (var published in events.Where(published => published.Seq > Seq))
        {
            var hears = Interest.Hears(filter, other, published);
            if (_owed.TryGetValue(published.Seq, out var must))
                _owed[published.Seq] = must && hears;
            else if (hears)
                _owed[published.Seq] = false;
        }
    }

    /// <summary>The server goes by the newest rights.</summary>
    public void Settle() => _rights.RemoveRange(0, Math.Max(0, _rights.Count - 1));

    public void Event(JsonObject frame)
    {
        var prev = (long)frame["prev"]!;
        Must(prev == Seq, $"An event is from the position: {prev}, not {Seq}.");
        Came((long)frame["seq"]!, frame["event"]!.AsObject());
    }

    /// <summary>An event came, whatever the frame was that it came in.</summary>
    public void Came(long next, JsonObject told)
    {
        Must(next > Seq && next <= events.Count, $"Positions never go back: {next} after {Seq}.");
        var published = events[(int)next - 1];
        Must((string?)told["delivery_id"] == published.DeliveryId && (string?)told["type"] == published.Type, $"{told.ToJsonString()} is not the event {next}.");
        Must(_owed.ContainsKey(next), $"{next} ({published.Audience}) is not for {_rights[^1].UserName} with {Interest.Filters[filter]}.");
        Must(Owed == 0 || Owed >= next, $"{next} came, and {Owed} did not, which was for {_rights[^1].UserName} too.");
        MoveTo(next);
    }

    public void Gap(JsonObject frame, long firstHeld)
    {
        var (prev, next) = ((long)frame["prev"]!, (long)frame["seq"]!);
        Must(prev == Seq && next > prev, $"A gap is from the position on: {prev} to {next}, not {Seq}.");
        Must(next < firstHeld, $"What a gap covers is gone: {next}, but {firstHeld} is held.");
        MoveTo(next);
    }

    private void MoveTo(long next)
    {
        foreach (var passed in _owed.Keys.TakeWhile(one => one <= next).ToArray())
            _owed.Remove(passed);
        Seq = next;
    }

    private void Must(bool holds, string what)
    {
        if (!holds)
            throw new ViolationException($"sub {sub}: {what}");
    }
}
