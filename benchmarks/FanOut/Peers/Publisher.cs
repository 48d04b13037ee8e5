using System.Diagnostics;

using StateRelay.Benchmarks.FanOut.Load;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>Publishes numbered messages through a peer: at a steady pace, or flat out, as far ahead of the slowest client as it may be.</summary>
internal sealed class Publisher(IPeer peer)
{
    /// <summary>Messages that a publisher that goes flat out may be ahead of the slowest client.</summary>
    public const int Window = 64;

    private readonly SemaphoreSlim _credited = new(0);
    private Task _publishing = Task.CompletedTask;
    private volatile bool _stopping;
    private long _acknowledged;
    private long _last;

    /// <summary>The number of the newest message.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Begins, once it has stopped for good; gives the number of the first message.</summary>
    /// <param name="perSecond">Messages a second; 0 for as many as there can be.</param>
    /// <param name="burst">Messages published together.</param>
    /// <param name="textLength">Characters in each.</param>
    public async Task<long> StartAsync(double perSecond, int burst, int textLength)
    {
        await _publishing;
        _stopping = false;
        var first = Last + 1;
        _acknowledged = Last;
        _publishing = Task.Run(() => perSecond > 0 ? AtPaceAsync(TimeSpan.FromSeconds(burst / perSecond), burst, textLength) : FlatOutAsync(burst, textLength));
        return first;
    }

    /// <summary>Every client that reads has this message.</summary>
    public void Acknowledge(long seq)
    {
        Volatile.Write(ref _acknowledged, seq);
        _credited.Release();
    }

    /// <summary>Stops; gives the number of the last message. A peer that hangs in the middle of one is left where it is.</summary>
    public async Task<long> StopAsync()
    {
        _stopping = true;
        _credited.Release();
        await Task.WhenAny(_publishing, Task.Delay(TimeSpan.FromSeconds(2)));
        return Last;
    }

    /// <summary>Publishes one message now. While it does not run.</summary>
    public ValueTask PublishOneAsync() => PublishAsync(1, Tick.TextLength);

    private async Task AtPaceAsync(TimeSpan period, int burst, int textLength)
    {
        var began = Stopwatch.GetTimestamp();
        for (long count = 0; !_stopping; count++)
        {
            while ((count * period) - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } early)
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(early.TotalMilliseconds)));
            await PublishAsync(burst, textLength);
        }
    }

    private async Task FlatOutAsync(int burst, int textLength)
    {
        while (!_stopping)
        {
            if (_last + burst - Volatile.Read(ref _acknowledged) <= Window)
                await PublishAsync(burst, textLength);
            else
                await _credited.WaitAsync();
        }
    }

    private async ValueTask PublishAsync(int burst, int textLength)
    {
        var texts = new string[burst];
        for (var index = 0; index < burst; index++)
            texts[index] = Mark.Write(_last + 1 + index, textLength);
        await peer.PublishAsync(texts);
        Volatile.Write(ref _last, _last + burst);
    }
}
