namespace StateRelay.Tests.Connect.Support;

/// <summary>A consumer that takes one thing at a time, when the test says so.</summary>
internal sealed class Reading<T> : IAsyncDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly IAsyncEnumerator<T> _items;
    private Task<bool>? _next;

    /// <summary>Begins to wait for the first.</summary>
    public Reading(IAsyncEnumerable<T> followed)
    {
        _items = followed.GetAsyncEnumerator(_cancel.Token);
        Begin();
    }

    /// <summary>Whether nothing has come of what it waits for.</summary>
    public bool HasNothing => !_next!.IsCompleted;

    /// <summary>Begins to wait for the next.</summary>
    public void Begin() => _next ??= _items.MoveNextAsync().AsTask();

    /// <summary>The next, and waits for no more.</summary>
    public async Task<T> NextAsync()
    {
        Begin();
        var isThere = await TakeAsync();
        Assert.That(isThere, Is.True, "it ended");
        return _items.Current;
    }

    /// <summary>Sees that it ends, without an exception.</summary>
    public async Task EndAsync()
    {
        Begin();
        Assert.That(await TakeAsync(), Is.False);
    }

    /// <summary>Sees that it ends with an exception, and gives that.</summary>
    public async Task<TException> FailAsync<TException>()
        where TException : Exception
    {
        Begin();
        var error = await Assert.CatchAsync<TException>(TakeAsync);
        await _items.DisposeAsync();
        return error!;
    }

    public void Cancel() => _cancel.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _cancel.CancelAsync();
        if (_next is not null)
            await TakeAsync();
        await _items.DisposeAsync();
        _cancel.Dispose();
    }

    private async Task<bool> TakeAsync()
    {
        var next = _next!;
        _next = null;
        return await next.WaitAsync(TestTimeouts.Guard);
    }
}

internal static class ReadingExtensions
{
    public static Reading<T> Read<T>(this IAsyncEnumerable<T> followed) => new(followed);
}
