namespace StateRelay.State;

/// <summary>Where a comparison stands in two lists: the index that the patched list has here, and the item due in each text.</summary>
internal record struct JsonDiffPlace(int Index, int From, int To)
{
    public int Index = Index;
    public int From = From;
    public int To = To;
}

// The usual changes of a list, items that leave or come here and there, without taking the lists apart: when the items due are
// not the same one, the one is looked for a little further on in the other list. That is right as long as no item both left and
// came, for that one moved; so they are noted, and there may not be many.
internal ref partial struct JsonDiffWalk
{
    private const int FarthestLeap = 16;
    private const int MostNoted = 32;

    private bool TryLeap(ref JsonDiffPlace place, int key, int noted)
    {
        if (_parts.Count - noted > MostNoted)
            return false;

        var left = Ahead(_from, place.From, _to, place.To, key);
        var came = left > 0 ? 0 : Ahead(_to, place.To, _from, place.From, key);
        if (left + came == 0)
        {
            if (!AgreeAfter(place.From, place.To))
                return false;
            (left, came) = (1, 1);
        }

        for (; left > 0; left--)
        {
            if (!Note(_from, place.From, key, noted, hasCome: false) || !Leave(ref place))
                return false;
        }

        for (; came > 0; came--)
        {
            if (!Note(_to, place.To, key, noted, hasCome: true) || !Come(ref place))
                return false;
        }

        return true;
    }

    // One of the lists is at its end: all others left or came.
    private bool TryLeapToEnd(JsonDiffPlace place, int key, int noted, out int fromEnd, out int toEnd)
    {
        (fromEnd, toEnd) = (0, 0);
        while (_from[place.From] != ']')
        {
            if (IsNoted(_from, place.From, key, noted, hasCome: true, out _, out _) || !Leave(ref place))
                return false;
        }

        while (_to[place.To] != ']')
        {
            if (IsNoted(_to, place.To, key, noted, hasCome: false, out _, out _) || !Come(ref place))
                return false;
        }

        (fromEnd, toEnd) = (place.From + 1, place.To + 1);
        return true;
    }

    // How many items further on the given one of the other text stands; 0 when it is not near.
    private readonly int Ahead(ReadOnlySpan<byte> json, int at, ReadOnlySpan<byte> other, int item, int key)
    {
        _keys.TryFind(other, item, key, out var start, out var end);
        for (var ahead = 1; ahead <= FarthestLeap; ahead++)
        {
            at = JsonDiffScanner.Next(json, JsonDiffScanner.EndOf(json, at));
            if (json[at] == ']')
                return 0;
            if (_keys.TryFind(json, at, key, out var found, out var foundEnd) && JsonDiffText.Same(json[found..foundEnd], other[start..end]))
                return ahead;
        }

        return 0;
    }

    private bool Leave(ref JsonDiffPlace place)
    {
        if (!RemoveItem(place.Index))
            return false;
        place.From = JsonDiffScanner.Next(_from, JsonDiffScanner.EndOf(_from, place.From));
        return true;
    }

    private bool Come(ref JsonDiffPlace place)
    {
        var end = JsonDiffScanner.EndOf(_to, place.To);
        if (!AddItem(place.Index, place.To, end))
            return false;
        place.Index++;
        place.To = JsonDiffScanner.Next(_to, end);
        return true;
    }

    // Notes an item that left or has come; false when it did the other already.
    private bool Note(ReadOnlySpan<byte> json, int item, int key, int noted, bool hasCome)
    {
        if (IsNoted(json, item, key, noted, !hasCome, out var start, out var end))
            return false;
        _parts.Add(start, end, item, item);
        _parts[_parts.Count - 1].Match = hasCome ? 1 : 0;
        return true;
    }

    private readonly bool IsNoted(ReadOnlySpan<byte> json, int item, int key, int noted, bool hasCome, out int start, out int end)
    {
        if (!_keys.TryFind(json, item, key, out start, out end))
            (start, end) = (0, 0);
        var text = hasCome ? _to : _from;
        for (var index = noted; index < _parts.Count && end > 0; index++)
        {
            var part = _parts[index];
            if (part.Match == (hasCome ? 1 : 0) && JsonDiffText.Same(text[part.Key..part.KeyEnd], json[start..end]))
                return true;
        }

        return false;
    }
}
