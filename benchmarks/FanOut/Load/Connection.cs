namespace StateRelay.Benchmarks.FanOut.Load;

/// <summary>One client of a crowd: where it stands, and what it has of a frame that is not whole yet.</summary>
internal sealed class Connection(int index)
{
    public enum Stage
    {
        Connecting,
        Upgrading,
        Joining,
        Served,
        Closed,
    }

    public int Index { get; } = index;

    public int Socket { get; set; } = -1;

    public Stage Is { get; set; }

    /// <summary>Reads nothing any more.</summary>
    public bool IsStuck { get; set; }

    /// <summary>Bytes of a frame, or of the answer to the handshake, that is not whole.</summary>
    public byte[] Left { get; set; } = [];

    /// <summary>Payload of a message whose last frame has not come.</summary>
    public List<byte>? Fragments { get; set; }

    public long Messages { get; set; }

    /// <summary>The number of the first message; -1 before it.</summary>
    public long First { get; set; } = -1;

    /// <summary>The number of the newest message; -1 before the first.</summary>
    public long Last { get; set; } = -1;
}
