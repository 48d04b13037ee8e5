using System.Collections.Concurrent;

using StateRelay.Diagnostics;

namespace StateRelay.Http;

/// <summary>
/// The requests that one transport has brought and that are not done: so many at once and no more, each ended whatever became of
/// its endpoint. Safe for use by any thread.
/// </summary>
internal sealed class RequestsUnderWay(TransportServices services)
{
    private readonly RequestSlots _slots = new(services.MaxConcurrentRequests);
    private readonly ConcurrentDictionary<ServedExchange, TaskCompletionSource> _open = new();

    // Whether the last request was refused for want of a slot.
    private volatile bool _full;

    /// <summary>Serves one request to its end. Never throws.</summary>
    public async Task ServeAsync(ServedExchange exchange, Func<HttpExchange, Task> handle)
    {
        var hasSlot = exchange.TryTakeSlot(_slots);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[exchange] = done;
        NoteFull(!hasSlot);

        // From here on another thread: whoever brings requests brings the next one meanwhile.
        await Task.Yield();
        try
        {
            await (hasSlot ? handle(exchange) : exchange.AnswerAsync(Busy())).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Log.EndpointFailed(services.Logger, error, "(handler)");
        }
        finally
        {
            await exchange.EndAsync().ConfigureAwait(false);
            exchange.ReturnSlot();
            _open.TryRemove(exchange, out _);
            done.SetResult();
        }
    }

    /// <summary>Completes when all that are under way now are done, or is cancelled.</summary>
    public Task WhenDoneAsync(CancellationToken deadline) =>
        Task.WhenAll(_open.Values.Select(done => done.Task)).WaitAsync(deadline);

    /// <summary>Cuts off every request and every WebSocket.</summary>
    public void AbortAll()
    {
        foreach (var exchange in _open.Keys)
            exchange.Abort();
    }

    private void NoteFull(bool full)
    {
        if (full && !_full)
            Log.TooManyRequests(services.Logger, services.MaxConcurrentRequests);
        _full = full;
    }

    private static HttpAnswer Busy() => HttpAnswer.Refusal(
        503, "too_many_requests", "As many requests are being answered as may be at once.", new KeyValuePair<string, string>("Retry-After", "1"));
}
