using StateRelay.Connections;

namespace StateRelay.Tests.Connections;

/// <summary>A task that, once its peal wakes it, keeps the thread until it is released.</summary>
internal sealed class PealHolder
{
    private readonly TaskCompletionSource _holds = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Bell _bell = new();

    public PealHolder(ManualResetEventSlim release)
    {
        Ended = HoldAsync(release);
        Peal.Add(_bell);
    }

    public Peal Peal { get; } = new();

    /// <summary>Completes when it has a thread.</summary>
    public Task Holds => _holds.Task;

    /// <summary>Completes when it was released.</summary>
    public Task Ended { get; }

    private async Task HoldAsync(ManualResetEventSlim release)
    {
        await _bell.WaitAsync().ConfigureAwait(false);
        _holds.SetResult();
        release.Wait();
    }
}
