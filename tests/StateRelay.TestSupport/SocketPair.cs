using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;

namespace StateRelay.TestSupport;

/// <summary>
/// Two real WebSockets joined in memory: real frames, a real closing handshake, and real back-pressure, because each direction
/// holds only so many bytes: once the other side has stopped reading, <c>SendAsync</c> waits.
/// Disposing one side ends the other as a lost connection would.
/// </summary>
public sealed class SocketPair : IDisposable
{
    /// <summary>Makes a pair that is open.</summary>
    /// <param name="capacity">Bytes on their way in each direction, frame headers counted, before a sender waits.</param>
    /// <param name="subprotocol">What both sides say they agreed on; null for none.</param>
    /// <param name="scheduler">Where a side goes on that waited for the other; null for the thread pool.</param>
    public SocketPair(int capacity = 64 * 1024, string? subprotocol = null, PipeScheduler? scheduler = null)
    {
        var options = new PipeOptions(
            readerScheduler: scheduler, writerScheduler: scheduler, pauseWriterThreshold: capacity, resumeWriterThreshold: Math.Max(1, capacity / 2), useSynchronizationContext: false);
        var toServer = new Pipe(options);
        var toClient = new Pipe(options);
        Server = WebSocket.CreateFromStream(new JoinedStream(toServer.Reader, toClient.Writer, capacity), OptionsFor(isServer: true));
        Client = WebSocket.CreateFromStream(new JoinedStream(toClient.Reader, toServer.Writer, capacity), OptionsFor(isServer: false));

        WebSocketCreationOptions OptionsFor(bool isServer) =>
            new() { IsServer = isServer, SubProtocol = subprotocol, KeepAliveInterval = TimeSpan.Zero };
    }

    /// <summary>The side the library would be given.</summary>
    public WebSocket Server { get; }

    /// <summary>The side a viewer would hold.</summary>
    public WebSocket Client { get; }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    /// <summary>Reads from one pipe and writes to another, as a network stream does: one reader and one writer at a time, disposed by anyone.</summary>
    private sealed class JoinedStream(PipeReader reader, PipeWriter writer, int capacity) : Stream
    {
        private readonly CancellationTokenSource _disposed = new();
        private readonly Lock _gate = new();

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
            try
            {
                var read = await reader.ReadAsync(stop.Token);
                lock (_gate)
                {
                    ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
                    var taken = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, buffer.Length));
                    var length = (int)taken.Length;
                    taken.CopyTo(buffer.Span);

                    // What was taken is the pipe's again from here on, and so is its length.
                    reader.AdvanceTo(taken.End);
                    return length;
                }
            }
            catch (Exception error) when (_disposed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new IOException("The stream was closed while it was read.", error);
            }
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
            try
            {
                while (!buffer.IsEmpty)
                {
                    var part = buffer[..Math.Min(buffer.Length, capacity)];
                    buffer = buffer[part.Length..];
                    lock (_gate)
                    {
                        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
                        writer.Write(part.Span);
                    }

                    var flushed = await writer.FlushAsync(stop.Token);
                    if (flushed.IsCompleted)
                        throw new IOException("The other side is gone.");
                }
            }
            catch (Exception error) when (_disposed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new IOException("The stream was closed while it was written.", error);
            }
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            lock (_gate)
            {
                if (_disposed.IsCancellationRequested)
                    return;
                _disposed.Cancel();
                writer.Complete();
                reader.Complete();
            }

            base.Dispose(disposing);
        }
    }
}
