namespace StateRelay.AspNetCore;

/// <summary>The stream under a WebSocket, which remembers whether its other side has ended.</summary>
internal sealed class HeldStream : Stream
{
    private readonly Stream _inner;
    private volatile bool _hasEnded;

    private HeldStream(Stream inner) => _inner = inner;

    /// <summary>Whether the client has closed the connection, or it broke.</summary>
    public bool HasEnded => _hasEnded;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The same stream, watched; disposed with what is returned.</summary>
    public static HeldStream Over(Stream inner) => new(inner);

    /// <summary>Reads on, keeping nothing, until the client has ended.</summary>
    public async Task DiscardAsync()
    {
        var nobodyReads = new byte[1024];
        while (!_hasEnded)
            await ReadAsync(nobodyReads, CancellationToken.None).ConfigureAwait(false);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0 && !buffer.IsEmpty)
                _hasEnded = true;
            return read;
        }
        catch
        {
            _hasEnded = true;
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => _inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task FlushAsync(CancellationToken cancellationToken) => _inner.FlushAsync(cancellationToken);

    public override void Flush() => _inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inner.Dispose();
        base.Dispose(disposing);
    }
}
