namespace StateRelay.State;

/// <summary>
/// Puts items in another order with as few moves as possible, and says where each stands at the time it is moved. Items have a
/// rank, their place among themselves in the old order; the places of the new one are filled from the first to the last.
/// </summary>
/// <remarks>
/// The items of a longest rising run stay; the others wait, each behind the staying item before it, until their place is due.
/// How many wait in front of a rank is kept in a Fenwick tree, so each step costs the logarithm of the items.
/// </remarks>
internal ref struct JsonDiffOrder
{
    // By rank: the place in the new order; how many lower ranks stay; the place of the next higher rank that stays.
    private readonly Span<int> _places;
    private readonly Span<int> _stayingBefore;
    private readonly Span<int> _nextStaying;
    private readonly Span<int> _waiting;

    // The staying item passed last, and how many were passed.
    private int _lastRank = -1;
    private int _passed;

    /// <summary>Takes the places from the start of <paramref name="buffer"/>, which has room for <see cref="Scratch"/>.</summary>
    public JsonDiffOrder(Span<int> buffer, int count)
    {
        _places = buffer[..count];
        _nextStaying = buffer.Slice(count, count);
        _stayingBefore = buffer.Slice(2 * count, count + 1);
        _waiting = buffer.Slice((3 * count) + 1, count + 1);
        FindStaying();
    }

    /// <summary>The numbers needed for so many items.</summary>
    public static int Scratch(int count) => (4 * count) + 2;

    /// <summary>Where a new item must be added to be in front of all that comes after its place.</summary>
    public readonly int Insert(int place) => place + WaitingBefore(_lastRank);

    /// <summary>Whether the item due now must move, from where to where; the second counts without the item itself.</summary>
    public bool TryMove(int rank, int place, out int now, out int then)
    {
        if (Stays(rank))
        {
            (now, then) = (0, 0);
            _lastRank = rank;
            _passed++;
            return false;
        }

        now = WaitingBefore(rank) + (rank > _lastRank ? place + _stayingBefore[rank] - _passed : _nextStaying[rank]);
        Wait(rank, -1);
        then = Insert(place);
        return now != then;
    }

    private readonly bool Stays(int rank) => _stayingBefore[rank] != _stayingBefore[rank + 1];

    // Patience sorting. Borrows the other spans before they get their own meaning: the ends of the runs so far, and for each rank
    // the one before it in its run.
    private readonly void FindStaying()
    {
        var count = _places.Length;
        var ends = _waiting;
        var previous = _nextStaying;
        var length = 0;
        for (var rank = 0; rank < count; rank++)
        {
            var rises = length == 0 || _places[ends[length - 1]] < _places[rank];
            var (low, high) = (rises ? length : 0, length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_places[ends[middle]] < _places[rank])
                    low = middle + 1;
                else
                    high = middle;
            }

            previous[rank] = low > 0 ? ends[low - 1] : -1;
            ends[low] = rank;
            length = Math.Max(length, low + 1);
        }

        _stayingBefore.Clear();
        for (var rank = length > 0 ? ends[length - 1] : -1; rank >= 0; rank = previous[rank])
            _stayingBefore[rank + 1] = 1;

        _waiting.Clear();
        var next = 0;
        for (var rank = count - 1; rank >= 0; rank--)
        {
            _nextStaying[rank] = next;
            if (_stayingBefore[rank + 1] != 0)
                next = _places[rank];
            else
                Wait(rank, 1);
        }

        for (var rank = 0; rank < count; rank++)
            _stayingBefore[rank + 1] += _stayingBefore[rank];
    }

    private readonly void Wait(int rank, int change)
    {
        for (var node = rank + 1; node < _waiting.Length; node += node & -node)
            _waiting[node] += change;
    }

    private readonly int WaitingBefore(int rank)
    {
        var count = 0;
        for (var node = rank; node > 0; node -= node & -node)
            count += _waiting[node];
        return count;
    }
}
