using System.Buffers;

namespace StateRelay.State;

/// <summary>What is left of two lists: their parts, and where the first of them stands.</summary>
internal readonly record struct JsonDiffLists(int Index, int Start, int End, int Others, int OthersEnd);

internal ref partial struct JsonDiffWalk
{
    // By the first key that all items have and that tells them apart.
    private bool MatchByKey(int start, int end, int others, int othersEnd)
    {
        for (var key = 0; key < _keys.Count; key++)
        {
            if (ReadKeys(_from, start, end, key) && ReadKeys(_to, others, othersEnd, key) && MatchParts(start, end, others, othersEnd))
                return true;
        }

        return false;
    }

    private bool ReadKeys(ReadOnlySpan<byte> json, int start, int end, int key)
    {
        for (var index = start; index < end; index++)
        {
            ref var part = ref _parts[index];
            if (!_keys.TryFind(json, part.Start, key, out part.Key, out part.KeyEnd))
                return false;
        }

        return true;
    }

    private bool MatchParts(int start, int end, int others, int othersEnd)
    {
        if (!_parts.TryIndex(_from, start, end))
            return false;

        for (var index = start; index < end; index++)
            _parts[index].Match = -1;
        for (var other = others; other < othersEnd; other++)
        {
            var match = _parts.Find(_from, _to, ref _parts[other]);
            _parts[other].Match = match;
            if (match < 0)
                continue;
            if (_parts[match].Match >= 0)
                return false;
            _parts[match].Match = other;
        }

        return true;
    }

    // First what changed inside items, while all still stand where they stood; then what left; then, from the first place to the
    // last, what came or moved.
    private bool CompareByKey(in JsonDiffLists lists, int depth)
    {
        var kept = 0;
        for (var index = lists.Start; index < lists.End; index++)
        {
            var before = _parts[index];
            if (before.Match < 0)
                continue;
            kept++;
            var after = _parts[before.Match];
            if (!SameBytes(before, after)
                && !CompareItem(lists.Index + index - lists.Start, before.Start, after.Start, depth, out _, out _))
                return false;
        }

        for (var index = lists.End - 1; index >= lists.Start; index--)
        {
            if (_parts[index].Match < 0 && !RemoveItem(lists.Index + index - lists.Start))
                return false;
        }

        return Arrange(lists, kept);
    }

    private bool Arrange(in JsonDiffLists lists, int kept)
    {
        var buffer = ArrayPool<int>.Shared.Rent(JsonDiffOrder.Scratch(kept));
        try
        {
            // The places, in the second list, of the items that both have, in the order of the first.
            var places = buffer.AsSpan(0, kept);
            var rank = 0;
            for (var index = lists.Start; index < lists.End; index++)
            {
                ref var part = ref _parts[index];
                if (part.Match < 0)
                    continue;
                part.Hash = rank;
                places[rank++] = part.Match - lists.Others;
            }

            var order = new JsonDiffOrder(buffer, kept);
            for (var other = lists.Others; other < lists.OthersEnd; other++)
            {
                var place = other - lists.Others;
                var part = _parts[other];
                if (part.Match < 0)
                {
                    if (!AddItem(lists.Index + order.Insert(place), part.Start, part.End))
                        return false;
                }
                else if (order.TryMove(_parts[part.Match].Hash, place, out var now, out var then)
                    && !_patch.Move(lists.Index + now, lists.Index + then))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<int>.Shared.Return(buffer);
        }
    }
}
