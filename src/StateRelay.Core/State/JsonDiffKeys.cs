using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace StateRelay.State;

/// <summary>The members that may identify an item of a list, in order of preference. Holds pooled memory: dispose it once.</summary>
internal readonly struct JsonDiffKeys : IDisposable
{
    // The names one behind the other, each in quotes; _ends tells them apart.
    private readonly byte[] _names;
    private readonly int[] _ends;

    // Whether names can be told apart as bytes, where the document has not escaped them.
    private readonly bool _isPlain;

    public JsonDiffKeys(ImmutableArray<string> names)
    {
        Count = names.IsDefault ? 0 : names.Length;
        _ends = ArrayPool<int>.Shared.Rent(Count + 1);
        _ends[0] = 0;
        for (var key = 0; key < Count; key++)
            _ends[key + 1] = _ends[key] + Encoding.UTF8.GetByteCount(names[key]) + 2;

        _names = ArrayPool<byte>.Shared.Rent(_ends[Count] + 1);
        for (var key = 0; key < Count; key++)
        {
            _names[_ends[key]] = (byte)'"';
            Encoding.UTF8.GetBytes(names[key], _names.AsSpan(_ends[key] + 1));
            _names[_ends[key + 1] - 1] = (byte)'"';
        }

        _isPlain = !_names.AsSpan(0, _ends[Count]).Contains((byte)'\\');
    }

    public int Count { get; }

    /// <summary>Finds the text or number that identifies the item at <paramref name="item"/> by the given key, if it has one.</summary>
    public bool TryFind(ReadOnlySpan<byte> json, int item, int key, out int start, out int end)
    {
        (start, end) = (0, 0);
        if (json[item] != '{')
            return false;

        var name = _names.AsSpan(_ends[key].._ends[key + 1]);
        for (var at = JsonDiffScanner.Token(json, item + 1); json[at] != '}'; at = JsonDiffScanner.Next(json, end))
        {
            var isPlain = _isPlain && json[at..].StartsWith(name);
            var nameEnd = isPlain ? at + name.Length : JsonDiffScanner.EndOfString(json, at);
            start = JsonDiffScanner.ValueAfter(json, nameEnd);
            end = JsonDiffScanner.EndOf(json, start);
            if (isPlain || JsonDiffText.Says(json[at..nameEnd], name))
                return json[start] is (byte)'"' or (byte)'-' or (>= (byte)'0' and <= (byte)'9');
        }

        return false;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_names);
        ArrayPool<int>.Shared.Return(_ends);
    }
}
