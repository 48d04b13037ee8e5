using System.Net;

namespace StateRelay.Benchmarks.Endurance;

/// <summary>Clients that follow a board together, each read by a task of its own. Used by one task at a time.</summary>
internal sealed class Crowd(IPEndPoint server, Tally tally, int cells) : IAsyncDisposable
{
    private const int AtOnce = 32;

    private readonly List<Wire> _wires = [];
    private readonly List<Follower> _followers = [];
    private readonly List<Task> _reading = [];
    private volatile bool _ending;
    private int _joined;

    public IReadOnlyList<Follower> Followers => _followers;

    /// <summary>Whose connection was still there when it was asked for.</summary>
    public int Reading => _reading.Count(task => !task.IsCompleted);

    /// <summary>Lets more come, and waits until each was shown the state.</summary>
    /// <param name="count">How many.</param>
    /// <param name="everyPlain">Each how-many-th speaks the plain dialect; 0 for none.</param>
    public async Task JoinAsync(int count, int everyPlain = 0)
    {
        var gate = new Lock();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (index, _) =>
        {
            var isV1 = everyPlain == 0 || index % everyPlain != 0;
            var wire = await Wire.ConnectAsync(server, Interlocked.Increment(ref _joined), isV1);
            var follower = new Follower(tally, cells);
            var shown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (gate)
            {
                _wires.Add(wire);
                _followers.Add(follower);
                _reading.Add(ReadAsync(wire, follower, shown));
            }

            await shown.Task.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        });
    }

    /// <summary>Waits until all were shown the beat of this number, or a minute is over.</summary>
    public async Task CatchUpAsync(long beat)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (_followers.Any(follower => follower.N < beat) && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(1))
            await Task.Delay(20);
    }

    /// <summary>Waits until the server has ended all connections.</summary>
    /// <exception cref="TimeoutException">It did not within half a minute.</exception>
    public Task EndedAsync() => Task.WhenAll(_reading).WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Says that the server will end the connections, which is no failure then.</summary>
    public void ExpectEnd() => _ending = true;

    public async ValueTask DisposeAsync()
    {
        _ending = true;
        foreach (var wire in _wires)
            wire.Shut();
        await Task.WhenAll(_reading);
    }

    private async Task ReadAsync(Wire wire, Follower follower, TaskCompletionSource shown)
    {
        using var own = wire;
        try
        {
            while (true)
            {
                var (kind, payload) = await wire.ReadAsync();
                if (kind == Wire.Kind.Text)
                {
                    follower.Take(payload.Span);
                    if (follower.IsShown)
                        shown.TrySetResult();
                    if (follower.IsAsked)
                        await wire.SayAsync("""{"type":"keepalive"}""");
                }
                else if (kind is Wire.Kind.Ping or Wire.Kind.Close)
                {
                    await wire.AnswerAsync(kind, payload);
                    if (kind == Wire.Kind.Close)
                        follower.Part();
                }
                else if (kind == Wire.Kind.End)
                {
                    if (!_ending)
                        tally.AddFailed();
                    return;
                }
            }
        }
        catch (IOException)
        {
            tally.AddUnreadable();
        }
        finally
        {
            shown.TrySetException(new IOException("The connection ended before the state was shown."));
            _ = shown.Task.Exception;
        }
    }
}
