using StateRelay.Diagnostics;

namespace StateRelay.Http;

/// <summary>
/// The requests that one transport has brought and that are not done: so many at once and no more, each ended whatever became of
/// its endpoint. Safe for use by any thread.
/// </summary>
internal sealed class RequestsUnderWay(TransportServices services)
{
    private readonly RequestSlots _slots = new(services.MaxConcurrentRequests);
    private readonly Lock _gate = new();

    // Guarded by _gate: each with what completes when it is done, once somebody waits for that.
    private readonly Dictionary<ServedExchange, TaskCompletionSource?> _open = [];

    // Whether the last request was refused for want of a slot.
    private volatile bool _full;

    /// <summary>Serves one request to its end. Never throws.</summary>
    public async Task ServeAsync(ServedExchange exchange, Func<HttpExchange, Task> handle)
    {
        var hasSlot = exchange.TryTakeSlot(_slots);
        lock (_gate)
            _open.Add(exchange, null);
        NoteFull(!hasSlot);

        // From here on another thread: whoever brings requests brings the next one meanwhile.
        await Task.Yield();
        try
        {
            await (hasSlot ? handle(exchange) : exchange.AnswerAsync(Busy())).ConfigureAwait(false);
            await exchange.Life.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Log.EndpointFailed(services.Logger, error, "(handler)");
        }
        finally
        {
            exchange.End();
            exchange.ReturnSlot();
            Remove(exchange)?.SetResult();
        }
    }

    /// <summary>Completes when all that are under way now are done, or is cancelled.</summary>
    public Task WhenDoneAsync(CancellationToken deadline)
    {
        lock (_gate)
            return Task.WhenAll([.. _open.Keys.ToArray().Select(WhenDone_NeedsGate)]).WaitAsync(deadline);
    }

    /// <summary>Cuts off every request and every WebSocket.</summary>
    public void AbortAll()
    {
        ServedExchange[] open;
        lock (_gate)
            open = [.. _open.Keys];
        foreach (var exchange in open)
            exchange.Abort();
    }

    private Task WhenDone_NeedsGate(ServedExchange exchange) =>
        (_open[exchange] ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Gives who waits for it to be done; null for nobody.</summary>
    private TaskCompletionSource? Remove(ServedExchange exchange)
    {
        lock (_gate)
        {
            _open.Remove(exchange, out var awaited);
            return awaited;
        }
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
