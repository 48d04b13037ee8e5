namespace StateRelay.State;

internal ref partial struct JsonDiffWalk
{
    // As long as both objects have the same members in the same order, they are compared in step. From the first other name on
    // members are matched by name. An object that names a member twice is replaced: which one counts is the reader's choice.
    private bool CompareObjects(int from, int to, int depth, out int fromEnd, out int toEnd)
    {
        (fromEnd, toEnd) = (0, 0);
        var written = _patch.Length;
        var first = _parts.Count;
        from = JsonDiffScanner.Token(_from, from + 1);
        to = JsonDiffScanner.Token(_to, to + 1);
        while (_from[from] != '}' && _to[to] != '}')
        {
            var same = SameUntil(from, to);
            var name = from;
            var nameEnd = JsonDiffScanner.EndOfString(_from, name);
            if (nameEnd <= same)
            {
                var value = JsonDiffScanner.ValueAfter(_from, nameEnd);
                if (SkipSame(value, same, ref from, ref to))
                {
                    _parts.Add(name, nameEnd, 0, 0);
                    continue;
                }
            }

            var otherEnd = JsonDiffScanner.EndOfString(_to, to);
            if (!JsonDiffText.Same(_from[name..nameEnd], _to[to..otherEnd]))
                return CompareByName(first, from, to, depth, out fromEnd, out toEnd);

            _parts.Add(name, nameEnd, 0, 0);
            from = JsonDiffScanner.ValueAfter(_from, nameEnd);
            to = JsonDiffScanner.ValueAfter(_to, otherEnd);
            if (!CompareMember(name, nameEnd, from, to, depth, out var fromValueEnd, out var toValueEnd))
                return false;
            from = JsonDiffScanner.Next(_from, fromValueEnd);
            to = JsonDiffScanner.Next(_to, toValueEnd);
        }

        if (_from[from] != '}' || _to[to] != '}')
            return CompareByName(first, from, to, depth, out fromEnd, out toEnd);

        (fromEnd, toEnd) = (from + 1, to + 1);
        return _patch.Length == written || _parts.TryIndex(_from, first, _parts.Count);
    }

    private bool CompareMember(int name, int nameEnd, int from, int to, int depth, out int fromEnd, out int toEnd)
    {
        var path = _patch.Path;
        _patch.Enter(_from[name..nameEnd]);
        var compared = CompareValues(from, to, depth, out fromEnd, out toEnd);
        _patch.Path = path;
        return compared;
    }

    // The members from `first` on were compared in step already; from and to are at the first ones that were not.
    private bool CompareByName(int first, int from, int to, int depth, out int fromEnd, out int toEnd)
    {
        var rest = _parts.Count;
        fromEnd = AddMembers(_from, from);
        var others = _parts.Count;
        toEnd = AddMembers(_to, to);
        var end = _parts.Count;

        if (!_parts.TryIndex(_from, first, others))
            return false;
        for (var other = others; other < end; other++)
        {
            var match = _parts.Find(_from, _to, ref _parts[other]);
            if (match < 0)
                continue;
            if (match < rest || _parts[match].Match >= 0)
                return false;
            _parts[match].Match = other;
            _parts[other].Match = match;
        }

        return RemoveMembers(rest, others) && ChangeMembers(others, end, depth);
    }

    private int AddMembers(ReadOnlySpan<byte> json, int at)
    {
        while (json[at] != '}')
        {
            var nameEnd = JsonDiffScanner.EndOfString(json, at);
            var value = JsonDiffScanner.ValueAfter(json, nameEnd);
            var valueEnd = JsonDiffScanner.EndOf(json, value);
            _parts.Add(at, nameEnd, value, valueEnd);
            at = JsonDiffScanner.Next(json, valueEnd);
        }

        return at + 1;
    }

    private bool RemoveMembers(int start, int end)
    {
        var path = _patch.Path;
        for (var index = start; index < end; index++)
        {
            var part = _parts[index];
            if (part.Match >= 0)
                continue;
            _patch.Enter(_from[part.Key..part.KeyEnd]);
            if (!_patch.Remove())
                return false;
            _patch.Path = path;
        }

        return true;
    }

    private bool ChangeMembers(int start, int end, int depth)
    {
        var path = _patch.Path;
        for (var index = start; index < end; index++)
        {
            var after = _parts[index];
            if (after.Match < 0)
            {
                _patch.Enter(_to[after.Key..after.KeyEnd]);
                if (!_patch.Add(_to[after.Start..after.End]))
                    return false;
                _patch.Path = path;
                continue;
            }

            var before = _parts[after.Match];
            if (!SameBytes(before, after) && !CompareMember(before.Key, before.KeyEnd, before.Start, after.Start, depth, out _, out _))
                return false;
        }

        return true;
    }
}
