using System.Buffers;
using System.Buffers.Text;

namespace StateRelay.State;

/// <summary>
/// The patch being written and the JSON pointer of where the comparison stands. Holds pooled memory: dispose it exactly once.
/// Every operation gives false when the patch would become too large; take back what it wrote by setting <see cref="Length"/>.
/// </summary>
internal struct JsonDiffPatch(int maxBytes) : IDisposable
{
    // Operations may be taken back and written shorter. This bounds the work that is thrown away so, which in small documents
    // does not matter.
    private const int MostRewrites = 8;
    private const long FreeWork = 64 * 1024;

    private readonly long _mostWork = MostRewrites * (maxBytes + FreeWork);
    private byte[] _text = Rent(256);
    private byte[] _path = Rent(64);
    private int _length = 1;
    private int _pathLength;
    private long _work;

    /// <summary>What is written so far; set it back to take operations back.</summary>
    public int Length
    {
        readonly get => _length;
        set => _length = value;
    }

    /// <summary>The pointer's length; set it back to leave a member or an item.</summary>
    public int Path
    {
        readonly get => _pathLength;
        set => _pathLength = value;
    }

    /// <summary>What it costs to replace the value at the pointer by one of so many bytes.</summary>
    public readonly int CostOfReplacing(int bytes) => ",{\"op\":\"replace\",\"path\":\"\",\"value\":}".Length + _pathLength + bytes;

    public bool Replace(ReadOnlySpan<byte> value) => Begin("{\"op\":\"replace\",\"path\":\""u8) && PutPath() && PutValue(value);

    public bool Add(ReadOnlySpan<byte> value) => Begin("{\"op\":\"add\",\"path\":\""u8) && PutPath() && PutValue(value);

    public bool Remove() => Begin("{\"op\":\"remove\",\"path\":\""u8) && PutPath() && Put("\"}"u8);

    /// <summary>Moves an item within the list at the pointer.</summary>
    public bool Move(int from, int to) =>
        Begin("{\"op\":\"move\",\"from\":\""u8) && PutItem(from) && Put("\",\"path\":\""u8) && PutItem(to) && Put("\"}"u8);

    /// <summary>Goes on to a member; <paramref name="name"/> is a document's string, with its quotes.</summary>
    public void Enter(ReadOnlySpan<byte> name)
    {
        name = name[1..^1];
        ReservePath(1 + (2 * name.Length));
        _path[_pathLength++] = (byte)'/';
        if (!name.ContainsAny("~/\\"u8))
        {
            name.CopyTo(_path.AsSpan(_pathLength));
            _pathLength += name.Length;
            return;
        }

        for (var at = 0; at < name.Length; at++)
            at += EnterOne(name[at..]);
    }

    /// <summary>Goes on to an item of a list.</summary>
    public void Enter(int index)
    {
        ReservePath(12);
        _path[_pathLength++] = (byte)'/';
        Utf8Formatter.TryFormat(index, _path.AsSpan(_pathLength), out var digits);
        _pathLength += digits;
    }

    /// <summary>Hands the whole patch over; false when even its brackets are too much.</summary>
    public bool TryFinish(IBufferWriter<byte> into)
    {
        if (_length == 1 && maxBytes < 2)
            return false;

        _text[0] = (byte)'[';
        _text[_length] = (byte)']';
        into.Write(_text.AsSpan(0, _length + 1));
        return true;
    }

    public readonly void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_text);
        ArrayPool<byte>.Shared.Return(_path);
    }

    // One character of a name, as JSON writes it; gives how many bytes beyond the first it took. The pointer's own two characters
    // are escaped its way, also where JSON had escaped them.
    private int EnterOne(ReadOnlySpan<byte> name)
    {
        var length = name[0] != '\\' ? 1 : name[1] == 'u' ? 6 : 2;
        var meant = length switch
        {
            1 => name[0],
            2 => name[1],
            _ => Utf8Parser.TryParse(name[2..6], out ushort code, out _, 'x') && code is '~' or '/' ? (byte)code : (byte)0,
        };
        var written = meant switch
        {
            (byte)'~' => "~0"u8,
            (byte)'/' => "~1"u8,
            _ => name[..length],
        };
        written.CopyTo(_path.AsSpan(_pathLength));
        _pathLength += written.Length;
        return length - 1;
    }

    private bool Begin(ReadOnlySpan<byte> text) => _work < _mostWork && (_length == 1 || Put(","u8)) && Put(text);

    private bool PutPath() => Put(_path.AsSpan(0, _pathLength));

    private bool PutItem(int index)
    {
        Span<byte> digits = stackalloc byte[12];
        Utf8Formatter.TryFormat(index, digits, out var count);
        return PutPath() && Put("/"u8) && Put(digits[..count]);
    }

    private bool PutValue(ReadOnlySpan<byte> value) => Put("\",\"value\":"u8) && Put(value) && Put("}"u8);

    // A byte is kept free for the closing bracket.
    private bool Put(ReadOnlySpan<byte> text)
    {
        _work += text.Length;
        if (_length + (long)text.Length + 1 > maxBytes)
            return false;
        if (_length + text.Length + 1 > _text.Length)
            Grow(ref _text, _length, _length + text.Length + 1);
        text.CopyTo(_text.AsSpan(_length));
        _length += text.Length;
        return true;
    }

    private void ReservePath(int more)
    {
        if (_pathLength + more > _path.Length)
            Grow(ref _path, _pathLength, _pathLength + more);
    }

    private static byte[] Rent(int bytes) => ArrayPool<byte>.Shared.Rent(bytes);

    private static void Grow(ref byte[] buffer, int used, int needed)
    {
        var larger = Rent(Math.Max(needed, 2 * used));
        buffer.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
