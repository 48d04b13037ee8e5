using System.Buffers;
using System.Collections.Immutable;

namespace StateRelay.State;

/// <summary>
/// One comparison of two documents. Goes through both at the same time, over equal bytes in one leap, and writes an operation
/// wherever they part; what would cost more in operations than to replace it is replaced. Holds pooled memory: dispose it once.
/// </summary>
/// <remarks>
/// A method that compares gives false when the patch became too large; the object or list around it then tries to be replaced
/// as a whole. Ends of values are found on the way, so that nothing is read twice that need not be.
/// </remarks>
internal ref partial struct JsonDiffWalk : IDisposable
{
    // Deeper values are compared as bytes and replaced as a whole: the stack has an end.
    private const int MaxDepth = 128;

    private readonly ReadOnlySpan<byte> _from;
    private readonly ReadOnlySpan<byte> _to;
    private readonly JsonDiffKeys _keys;
    private JsonDiffPatch _patch;
    private JsonDiffParts _parts;

    // The last leap: from here up to there, in the first document, both have the same bytes, this far apart.
    private int _leap;
    private int _same;
    private int _apart;

    public JsonDiffWalk(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, ImmutableArray<string> listKeys, int maxBytes)
    {
        _from = from;
        _to = to;
        _keys = new JsonDiffKeys(listKeys);
        _patch = new JsonDiffPatch(maxBytes);
        _parts = new JsonDiffParts();
    }

    public bool TryWrite(IBufferWriter<byte> patch)
    {
        var compared = _from.SequenceEqual(_to)
            || CompareValues(JsonDiffScanner.Token(_from, 0), JsonDiffScanner.Token(_to, 0), 0, out _, out _);
        return compared && _patch.TryFinish(patch);
    }

    public void Dispose()
    {
        _keys.Dispose();
        _patch.Dispose();
        _parts.Dispose();
    }

    private bool CompareValues(int from, int to, int depth, out int fromEnd, out int toEnd)
    {
        var kind = _from[from];
        var alike = kind == _to[to];
        if (alike && kind is (byte)'{' or (byte)'[' && depth < MaxDepth)
            return CompareContainers(from, to, depth + 1, out fromEnd, out toEnd);

        fromEnd = JsonDiffScanner.EndOf(_from, from);
        toEnd = JsonDiffScanner.EndOf(_to, to);
        var before = _from[from..fromEnd];
        var after = _to[to..toEnd];
        var same = alike && (kind == '"' ? JsonDiffText.Same(before, after) : before.SequenceEqual(after));
        return same || _patch.Replace(after);
    }

    private bool CompareContainers(int from, int to, int depth, out int fromEnd, out int toEnd)
    {
        var written = _patch.Length;
        var path = _patch.Path;
        var parts = _parts.Count;

        var compared = _from[from] == '{'
            ? CompareObjects(from, to, depth, out fromEnd, out toEnd)
            : CompareLists(from, to, depth, out fromEnd, out toEnd);

        _parts.Count = parts;
        _patch.Path = path;
        if (compared && _patch.Length - written <= _patch.CostOfReplacing(toEnd - to))
            return true;

        if (!compared)
        {
            fromEnd = JsonDiffScanner.EndOf(_from, from);
            toEnd = JsonDiffScanner.EndOf(_to, to);
        }

        _patch.Length = written;
        return _patch.Replace(_to[to..toEnd]);
    }

    // Up to where the documents go on with the same bytes from here, as a place in the first.
    private int SameUntil(int from, int to)
    {
        if (from >= _leap && from < _same && to - from == _apart)
            return _same;

        _leap = from;
        _apart = to - from;
        return _same = from + _from[from..].CommonPrefixLength(_to[to..]);
    }

    // Leaps over a member's value or an item, with what follows it, when both documents have the same.
    private bool SkipSame(int value, int same, ref int from, ref int to)
    {
        if (value >= same)
            return false;
        var end = JsonDiffScanner.EndWithin(_from, value, same);
        if (end < 0)
            return false;
        var follower = JsonDiffScanner.Token(_from, end);
        if (follower >= same)
            return false;

        var apart = to - from;
        from = _from[follower] == ',' ? JsonDiffScanner.Token(_from, follower + 1) : follower;
        to = _from[follower] == ',' ? JsonDiffScanner.Token(_to, follower + apart + 1) : follower + apart;
        return true;
    }

    private readonly bool SameBytes(in JsonDiffPart before, in JsonDiffPart after) =>
        _from[before.Start..before.End].SequenceEqual(_to[after.Start..after.End]);
}
