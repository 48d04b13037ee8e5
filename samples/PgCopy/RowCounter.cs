namespace StateRelay.Samples.PgCopy;

/// <summary>
/// Counts the rows in a stream of PostgreSQL's binary COPY format, given piece by piece, wherever the pieces are cut: a signature
/// of 11 bytes, 4 of flags, an extension with its length before it; then for each row the number of its fields (2 bytes) and for
/// each field its length (4 bytes, -1 for null) and its bytes; at the end, -1 in place of a number of fields.
/// </summary>
internal sealed class RowCounter
{
    private const int SignatureAndFlags = 15;

    private Number _next = Number.ExtensionLength;
    private long _skip = SignatureAndFlags;
    private int _value;
    private int _bytesLeft = 4;
    private int _fields;

    private enum Number
    {
        ExtensionLength,
        FieldCount,
        FieldLength,
        None,
    }

    /// <summary>How many rows begin in this piece.</summary>
    public int Count(ReadOnlySpan<byte> piece)
    {
        var rows = 0;
        while (!piece.IsEmpty && _next != Number.None)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, piece.Length);
                _skip -= skipped;
                piece = piece[skipped..];
                continue;
            }

            _value = (_value << 8) | piece[0];
            piece = piece[1..];
            if (--_bytesLeft == 0 && Take(_value))
                rows++;
        }

        return rows;
    }

    /// <summary>Goes on after a number; true when it began a row.</summary>
    private bool Take(int value)
    {
        var begun = false;
        switch (_next)
        {
            case Number.ExtensionLength:
                _skip = value;
                _next = Number.FieldCount;
                break;
            case Number.FieldCount:
                _fields = (short)value;
                begun = _fields >= 0;
                _next = _fields < 0 ? Number.None : _fields > 0 ? Number.FieldLength : Number.FieldCount;
                break;
            case Number.FieldLength:
                _skip = Math.Max(0, value);
                if (--_fields == 0)
                    _next = Number.FieldCount;
                break;
        }

        _value = 0;
        _bytesLeft = _next == Number.FieldCount ? 2 : 4;
        return begun;
    }
}
