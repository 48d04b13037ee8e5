using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace StateRelay.Http;

/// <summary>How reading a body ended.</summary>
internal enum BodyOutcome
{
    /// <summary>It was read to its end.</summary>
    Whole,

    /// <summary>It is larger than it may be, by its length or by what came.</summary>
    TooLarge,

    /// <summary>It did not come in the time it had.</summary>
    TooSlow,

    /// <summary>It ended before its end, or is not framed as HTTP wants it.</summary>
    Broken,

    /// <summary>All bodies being read together take as much memory as they may.</summary>
    NoRoom,
}

/// <summary>
/// The body of a request, or why there is none. Memory grows with what has come, never with what was announced, and is counted; it is
/// lent, so dispose the body when it is done with. Used by one task.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    private const int LeastBytes = 16;
    private const int FirstBytes = 16 * 1024;

    private readonly BodyBudget? _budget;
    private byte[] _buffer = [];
    private int _taken;
    private int _length;

    private RequestBody(BodyOutcome outcome, BodyBudget? budget = null)
    {
        Outcome = outcome;
        _budget = budget;
    }

    /// <summary>The body of a request that has none.</summary>
    public static RequestBody Empty { get; } = new(BodyOutcome.Whole);

    /// <summary>How reading it ended.</summary>
    public BodyOutcome Outcome { get; private set; }

    /// <summary>The body; empty unless it is whole, and not to be used after it was disposed.</summary>
    public ReadOnlyMemory<byte> Bytes => Outcome == BodyOutcome.Whole ? _buffer.AsMemory(0, _length) : default;

    /// <summary>The answer to a request whose body could not be read; null when it is whole.</summary>
    public HttpAnswer? Refusal => Outcome switch
    {
        BodyOutcome.Whole => null,
        BodyOutcome.TooLarge => HttpAnswer.Refusal(413, "body_too_large", "The body is larger than it may be here."),
        BodyOutcome.TooSlow => HttpAnswer.Refusal(408, "body_too_slow", "The body did not come in the time it had."),
        BodyOutcome.NoRoom => HttpAnswer.Refusal(
            503, "bodies_too_many", "As much is being read as may be at once.", new KeyValuePair<string, string>("Retry-After", "1")),
        _ => HttpAnswer.Refusal(400, "body_broken", "The body ended before its end."),
    };

    /// <summary>Reads a body to its end, or to whatever comes before it.</summary>
    /// <param name="stream">Where it comes from. It may ignore the token of a read, as some servers' do.</param>
    /// <param name="length">Its length as announced; null when it has no length and ends where it ends.</param>
    /// <param name="limits">How much, and for how long.</param>
    /// <param name="clock">Times it.</param>
    public static async ValueTask<RequestBody> ReadAsync(Stream stream, long? length, BodyLimits limits, TimeProvider clock)
    {
        if (length > limits.MaxBytes)
            return new RequestBody(BodyOutcome.TooLarge);

        var body = new RequestBody(BodyOutcome.Broken, limits.Budget);
        using var deadline = new CancellationTokenSource(limits.Timeout, clock);
        Task<int>? reading = null;
        try
        {
            // Without a length one byte more than may be is asked for; whether it comes tells whether the body is too large.
            var wanted = (int?)length ?? limits.MaxBytes + 1;
            body.Outcome = length is null ? BodyOutcome.TooLarge : BodyOutcome.Whole;
            while (body._length < wanted)
            {
                if (!body.TryMakeRoom(wanted))
                {
                    body.Outcome = BodyOutcome.NoRoom;
                    break;
                }

                reading = stream.ReadAsync(body._buffer.AsMemory(body._length, Math.Min(body._buffer.Length, wanted) - body._length), deadline.Token).AsTask();
                var read = await reading.WaitAsync(deadline.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    body.Outcome = length is null ? BodyOutcome.Whole : BodyOutcome.Broken;
                    break;
                }

                body._length += read;
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            body.Outcome = BodyOutcome.TooSlow;
        }
        catch (Exception error) when (IsOfTheConnection(error))
        {
            body.Outcome = BodyOutcome.Broken;
        }

        if (body.Outcome != BodyOutcome.Whole)
            _ = body.FreeAfterAsync(reading);
        return body;
    }

    /// <summary>Gives the memory back, once, however often it is called.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, []) is { Length: > 0 } buffer)
            Free(buffer, _taken);
    }

    // A read that outlives its deadline still writes into the memory: that goes back when it has ended.
    private async Task FreeAfterAsync(Task? reading)
    {
        if (reading is not null)
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Dispose();
    }

    /// <summary>Makes sure that there is room for one more byte; false when the budget has none.</summary>
    private bool TryMakeRoom(int wanted)
    {
        if (_length < _buffer.Length)
            return true;

        // Twice as much as came so far, in sizes of the pool.
        var bytes = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(LeastBytes, Math.Min(wanted, Math.Max(FirstBytes, 2 * _length))));
        if (!_budget!.TryTake(bytes))
            return false;

        var (old, oldTaken) = (_buffer, _taken);
        _buffer = ArrayPool<byte>.Shared.Rent(bytes);
        _taken = bytes;
        old.AsSpan(0, _length).CopyTo(_buffer);
        if (old.Length > 0)
            Free(old, oldTaken);
        return true;
    }

    private void Free(byte[] buffer, int taken)
    {
        ArrayPool<byte>.Shared.Return(buffer);
        _budget!.Return(taken);
    }

    // What servers throw where a body ends before its end or breaks its framing, or the connection is cut meanwhile.
    private static bool IsOfTheConnection(Exception error) =>
        error is IOException or HttpListenerException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;
}
