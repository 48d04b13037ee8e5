namespace StateRelay.State;

internal ref partial struct JsonDiffWalk
{
    private enum Identity
    {
        None,
        Same,
        Different,
    }

    // As long as the items at the same place are the same ones, they are compared in step, whatever else is in the list; leaping
    // over the few that left or came. Where that is not enough, both lists are taken apart.
    private bool CompareLists(int from, int to, int depth, out int fromEnd, out int toEnd)
    {
        var place = new JsonDiffPlace(0, JsonDiffScanner.Token(_from, from + 1), JsonDiffScanner.Token(_to, to + 1));
        var noted = _parts.Count;
        var (stepped, written, key) = (place, _patch.Length, 0);
        while (!AtEnd(place.From, place.To))
        {
            if (SkipSame(place.From, SameUntil(place.From, place.To), ref place.From, ref place.To))
            {
                place.Index++;
                continue;
            }

            var identity = Identify(place.From, place.To, ref key);
            if (identity == Identity.Different)
            {
                if (_parts.Count == noted)
                    (stepped, written) = (place, _patch.Length);
                if (!TryLeap(ref place, key, noted))
                    break;
                continue;
            }

            if (identity == Identity.None && !AgreeAfter(place.From, place.To))
                break;
            if (!CompareItem(place.Index, place.From, place.To, depth, out fromEnd, out toEnd))
            {
                if (_parts.Count == noted)
                    return false;
                break;
            }

            place = new JsonDiffPlace(place.Index + 1, JsonDiffScanner.Next(_from, fromEnd), JsonDiffScanner.Next(_to, toEnd));
        }

        if (_parts.Count > noted)
        {
            if (AtEnd(place.From, place.To) && TryLeapToEnd(place, key, noted, out fromEnd, out toEnd))
                return true;
            (_parts.Count, _patch.Length, place) = (noted, written, stepped);
        }

        var start = _parts.Count;
        fromEnd = AddItems(_from, place.From);
        var others = _parts.Count;
        toEnd = AddItems(_to, place.To);
        return CompareRest(place.Index, start, others, depth);
    }

    private readonly bool AtEnd(int from, int to) => _from[from] == ']' || _to[to] == ']';

    private bool CompareItem(int index, int from, int to, int depth, out int fromEnd, out int toEnd)
    {
        var path = _patch.Path;
        _patch.Enter(index);
        var compared = CompareValues(from, to, depth, out fromEnd, out toEnd);
        _patch.Path = path;
        return compared;
    }

    // Whether the lists go on with an equal item, or end, behind these two: then one took the other's place.
    private bool AgreeAfter(int from, int to)
    {
        from = JsonDiffScanner.Next(_from, JsonDiffScanner.EndOf(_from, from));
        to = JsonDiffScanner.Next(_to, JsonDiffScanner.EndOf(_to, to));
        return (_from[from] == ']' && _to[to] == ']') || SkipSame(from, SameUntil(from, to), ref from, ref to);
    }

    // By the first key that both have.
    private readonly Identity Identify(int from, int to, ref int by)
    {
        for (var key = 0; key < _keys.Count; key++)
        {
            if (!_keys.TryFind(_from, from, key, out var start, out var end)
                || !_keys.TryFind(_to, to, key, out var otherStart, out var otherEnd))
                continue;
            by = key;
            return JsonDiffText.Same(_from[start..end], _to[otherStart..otherEnd]) ? Identity.Same : Identity.Different;
        }

        return Identity.None;
    }

    private int AddItems(ReadOnlySpan<byte> json, int at)
    {
        while (json[at] != ']')
        {
            var end = JsonDiffScanner.EndOf(json, at);
            _parts.Add(0, 0, at, end);
            at = JsonDiffScanner.Next(json, end);
        }

        return at + 1;
    }

    // What is left of both lists: parts from start up to others of the one, from others on of the other; index is where the
    // first of them stands. Equal items at the end stay where they are.
    private bool CompareRest(int index, int start, int others, int depth)
    {
        var end = others;
        var othersEnd = _parts.Count;
        while (end > start && othersEnd > others && SameBytes(_parts[end - 1], _parts[othersEnd - 1]))
        {
            end--;
            othersEnd--;
        }

        if (end > start && othersEnd > others)
        {
            if (MatchByKey(start, end, others, othersEnd))
                return CompareByKey(new JsonDiffLists(index, start, end, others, othersEnd), depth);

            // A window without keys: as many as left at the front came in at the end.
            var left = Slid(start, end, others, othersEnd);
            if (left > 0)
                return RemoveItems(index, left) && AddItems(index, end - start - left, others, othersEnd);
        }

        var paired = Math.Min(end - start, othersEnd - others);
        for (var pair = 0; pair < paired; pair++)
        {
            var (before, after) = (_parts[start + pair], _parts[others + pair]);
            if (!SameBytes(before, after) && !CompareItem(index + pair, before.Start, after.Start, depth, out _, out _))
                return false;
        }

        return RemoveItems(index + paired, end - start - paired) && AddItems(index, paired, others, othersEnd);
    }

    // How many items must leave at the front for the others to start with all that stay; 0 when there is no such number. Every
    // try is one comparison of bytes that ends at the first difference, and their sum is bounded.
    private readonly int Slid(int start, int end, int others, int othersEnd)
    {
        var tail = _from[_parts[start].Start.._parts[end - 1].End];
        var head = _to[_parts[others].Start.._parts[othersEnd - 1].End];
        var effort = 4L * tail.Length;
        for (var part = start + 1; part < end && effort > 0; part++)
        {
            var staying = tail[(_parts[part].Start - _parts[start].Start)..];
            var same = staying.CommonPrefixLength(head);
            if (same == staying.Length && (same == head.Length || head[same] is (byte)',' or <= (byte)' '))
                return part - start;
            effort -= same;
        }

        return 0;
    }

    // From the last to the first, so that each still stands where it stood.
    private bool RemoveItems(int index, int count)
    {
        for (var item = index + count - 1; item >= index; item--)
        {
            if (!RemoveItem(item))
                return false;
        }

        return true;
    }

    private bool RemoveItem(int index)
    {
        var path = _patch.Path;
        _patch.Enter(index);
        var removed = _patch.Remove();
        _patch.Path = path;
        return removed;
    }

    // Adds the others behind the first ones, of which there are so many already.
    private bool AddItems(int index, int already, int others, int othersEnd)
    {
        for (var other = others + already; other < othersEnd; other++)
        {
            if (!AddItem(index + other - others, _parts[other].Start, _parts[other].End))
                return false;
        }

        return true;
    }

    private bool AddItem(int index, int start, int end)
    {
        var path = _patch.Path;
        _patch.Enter(index);
        var added = _patch.Add(_to[start..end]);
        _patch.Path = path;
        return added;
    }
}
