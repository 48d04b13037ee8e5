using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace StateRelay.State;

/// <summary>A member of an object or an item of a list, as places in its document.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct JsonDiffPart
{
    /// <summary>Where the name of a member, or what identifies an item, starts; quotes included.</summary>
    public int Key;
    public int KeyEnd;

    public int Start;
    public int End;

    public int Hash;

    /// <summary>The part of the other document that is the same member or item; -1 when there is none.</summary>
    public int Match;
}

/// <summary>
/// The parts of whatever objects and lists are open, as a stack: each adds its own and takes them off when it is done. Can tell
/// which parts have the same key, for one range of parts at a time. Holds pooled memory: dispose it exactly once.
/// </summary>
internal struct JsonDiffParts() : IDisposable
{
    private JsonDiffPart[] _parts = ArrayPool<JsonDiffPart>.Shared.Rent(64);
    private int[] _slots = ArrayPool<int>.Shared.Rent(64);
    private int _slotMask;
    private int _count;

    /// <summary>How many there are; set it back to take the last ones off.</summary>
    public int Count
    {
        readonly get => _count;
        set => _count = value;
    }

    public readonly ref JsonDiffPart this[int index] => ref _parts[index];

    public void Add(int key, int keyEnd, int start, int end)
    {
        if (_count == _parts.Length)
            Grow();
        _parts[_count++] = new JsonDiffPart { Key = key, KeyEnd = keyEnd, Start = start, End = end, Match = -1 };
    }

    /// <summary>
    /// Makes ready to <see cref="Find"/> the parts from <paramref name="start"/> up to <paramref name="end"/> by key; false when two
    /// of them have the same.
    /// </summary>
    public bool TryIndex(ReadOnlySpan<byte> json, int start, int end)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)(2 * (end - start)) | 8);
        if (size > _slots.Length)
        {
            ArrayPool<int>.Shared.Return(_slots);
            _slots = ArrayPool<int>.Shared.Rent(size);
        }

        _slotMask = size - 1;
        Array.Clear(_slots, 0, size);
        for (var index = start; index < end; index++)
        {
            ref var part = ref _parts[index];
            part.Hash = JsonDiffText.Hash(json[part.Key..part.KeyEnd]);
            var slot = Slot(json, json, part);
            if (_slots[slot] != 0)
                return false;
            _slots[slot] = index + 1;
        }

        return true;
    }

    /// <summary>The part of <paramref name="indexed"/> with the same key as <paramref name="part"/>, of another text; -1 when there is none.</summary>
    public readonly int Find(ReadOnlySpan<byte> indexed, ReadOnlySpan<byte> json, ref JsonDiffPart part)
    {
        part.Hash = JsonDiffText.Hash(json[part.Key..part.KeyEnd]);
        return _slots[Slot(indexed, json, part)] - 1;
    }

    public readonly void Dispose()
    {
        ArrayPool<JsonDiffPart>.Shared.Return(_parts);
        ArrayPool<int>.Shared.Return(_slots);
    }

    // The slot of the part with this key, or the empty one where it would stand.
    private readonly int Slot(ReadOnlySpan<byte> indexed, ReadOnlySpan<byte> json, in JsonDiffPart part)
    {
        var slot = part.Hash & _slotMask;
        for (; _slots[slot] != 0; slot = (slot + 1) & _slotMask)
        {
            ref var other = ref _parts[_slots[slot] - 1];
            if (other.Hash == part.Hash && JsonDiffText.Same(indexed[other.Key..other.KeyEnd], json[part.Key..part.KeyEnd]))
                break;
        }

        return slot;
    }

    private void Grow()
    {
        var larger = ArrayPool<JsonDiffPart>.Shared.Rent(2 * _parts.Length);
        _parts.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<JsonDiffPart>.Shared.Return(_parts);
        _parts = larger;
    }
}
