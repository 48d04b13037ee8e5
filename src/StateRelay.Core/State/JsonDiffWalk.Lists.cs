namespace StateRelay.State;

internal ref partial struct JsonDiffWalk
{
    private enum Identity
    {
        None,
        Same,
        Different,
    }

    // As long as the items at the same place are the same ones, they are compared in step, whatever else is in the list. From the
    // first that is another one on, both lists are taken apart.
    private bool CompareLists(int from, int to, int depth, out int fromEnd, out int toEnd)
    {
        from = JsonDiffScanner.Token(_from, from + 1);
        to = JsonDiffScanner.Token(_to, to + 1);
        var index = 0;
        while (_from[from] != ']' && _to[to] != ']')
        {
            if (!SkipSame(from, SameUntil(from, to), ref from, ref to))
            {
                if (!GoOnInStep(from, to))
                    break;
                if (!CompareItem(index, from, to, depth, out var fromItemEnd, out var toItemEnd))
                {
                    (fromEnd, toEnd) = (0, 0);
                    return false;
                }

                from = JsonDiffScanner.Next(_from, fromItemEnd);
                to = JsonDiffScanner.Next(_to, toItemEnd);
            }

            index++;
        }

        var start = _parts.Count;
        fromEnd = AddItems(_from, from);
        var others = _parts.Count;
        toEnd = AddItems(_to, to);
        return CompareRest(index, start, others, depth);
    }

    private bool CompareItem(int index, int from, int to, int depth, out int fromEnd, out int toEnd)
    {
        var path = _patch.Path;
        _patch.Enter(index);
        var compared = CompareValues(from, to, depth, out fromEnd, out toEnd);
        _patch.Path = path;
        return compared;
    }

    // Items that nothing identifies count as one that changed when the next ones, or the ends, agree again.
    private bool GoOnInStep(int from, int to)
    {
        switch (Identify(from, to))
        {
            case Identity.Same:
                return true;
            case Identity.Different:
                return false;
            default:
                from = JsonDiffScanner.Next(_from, JsonDiffScanner.EndOf(_from, from));
                to = JsonDiffScanner.Next(_to, JsonDiffScanner.EndOf(_to, to));
                return (_from[from] == ']' && _to[to] == ']') || SkipSame(from, SameUntil(from, to), ref from, ref to);
        }
    }

    private readonly Identity Identify(int from, int to)
    {
        for (var key = 0; key < _keys.Count; key++)
        {
            if (_keys.TryFind(_from, from, key, out var start, out var end) && _keys.TryFind(_to, to, key, out var otherStart, out var otherEnd))
                return _from[start..end].SequenceEqual(_to[otherStart..otherEnd]) ? Identity.Same : Identity.Different;
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
            if (!AddItem(index + other - others, other))
                return false;
        }

        return true;
    }

    private bool AddItem(int index, int other)
    {
        var path = _patch.Path;
        _patch.Enter(index);
        var added = _patch.Add(_to[_parts[other].Start.._parts[other].End]);
        _patch.Path = path;
        return added;
    }
}
