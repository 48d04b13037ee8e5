using System.Diagnostics;

using StateRelay.Benchmarks.FanOut.Load;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>
/// Publishes numbered messages through a peer, on a thread of its own: at a steady pace, or flat out, as far ahead of the slowest client as
/// it may be.
/// </summary>
internal sealed class Publisher(IPeer peer) : IDisposable
{
    /// <summary>Messages that a publisher that goes flat out may be ahead of the slowest client.</summary>
    public const int Window = 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly AutoResetEvent _credited = new(false);
    private Thread? _publishing;
    private volatile bool _stopping;
    private long _acknowledged;
    private long _last;

    /// <summary>The number of the newest message.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Begins, once it has stopped for good; gives the number of the first message.</summary>
    /// <param name="perSecond">Messages a second; 0 for as many as there can be.</param>
    /// <param name="burst">Messages published together.</param>
    /// <param name="textLength">Characters in each.</param>
    public long Start(double perSecond, int burst, int textLength)
    {
        _publishing?.Join();
        _stopping = false;
        _acknowledged = _last;
        var first = _last + 1;
        _publishing = new Thread(() => Run(perSecond, burst, textLength)) { IsBackground = true };
        _publishing.Start();
        return first;
    }

    /// <summary>Every client that reads has this message.</summary>
    public void Acknowledge(long seq)
    {
        Volatile.Write(ref _acknowledged, seq);
        _credited.Set();
    }

    /// <summary>Stops; gives the number of the last message. A peer that hangs in the middle of one is left where it is.</summary>
    public long Stop()
    {
        _stopping = true;
        _credited.Set();
        _publishing?.Join(Patience);
        return Last;
    }

    /// <summary>Publishes so many messages, one after the other, now. While it does not run.</summary>
    public long Publish(int count)
    {
        for (; count > 0; count--)
            PublishNext(1, Tick.TextLength);
        return Last;
    }

    public void Dispose() => _credited.Dispose();

    private void Run(double perSecond, int burst, int textLength)
    {
        if (perSecond > 0)
            AtPace(TimeSpan.FromSeconds(burst / perSecond), burst, textLength);
        else
            FlatOut(burst, textLength);
    }

    private void AtPace(TimeSpan period, int burst, int textLength)
    {
        var began = Stopwatch.GetTimestamp();
        for (var due = TimeSpan.Zero; !_stopping; due += period)
        {
            var now = Stopwatch.GetElapsedTime(began);
            if (now < due)
                Thread.Sleep((int)Math.Ceiling((due - now).TotalMilliseconds));

            // What is late is not caught up with: messages in quick succession would be another scenario.
            else if (now - due > period / 2)
                due = now;
            PublishNext(burst, textLength);
        }
    }

    private void FlatOut(int burst, int textLength)
    {
        while (!_stopping)
        {
            if (_last + burst - Volatile.Read(ref _acknowledged) <= Window)
                PublishNext(burst, textLength);
            else
                _credited.WaitOne();
        }
    }

    private void PublishNext(int burst, int textLength)
    {
        var first = _last + 1;
        var texts = new string[burst];
        for (var index = 0; index < burst; index++)
            texts[index] = Mark.Write(first + index, textLength);
        var publishing = peer.PublishAsync(texts);
        if (!publishing.IsCompletedSuccessfully)
            publishing.AsTask().GetAwaiter().GetResult();
        Volatile.Write(ref _last, first + burst - 1);
    }
}
