using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;
using StateRelay.State;

namespace StateRelay.Connections;

/// <summary>
/// A state that viewers may follow: rings them when its timeline has something new, and keeps the frames that they share. Safe
/// for use by any thread.
/// </summary>
internal sealed class StateTopic : IDisposable
{
    private readonly ILogger _logger;
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly HashSet<StateReader> _readers = [];

    public StateTopic(string name, StateStore store, WebServerOptions options, TimeProvider clock, Instruments instruments, ILogger logger)
    {
        _logger = logger;
        Completion = new CompletionBoard(clock);
        Timeline = new StateTimeline(name, store, options, clock, instruments, logger, Ring);
    }

    public StateTimeline Timeline { get; }

    /// <summary>Who has seen the end of the work.</summary>
    public CompletionBoard Completion { get; }

    /// <summary>Waits until a viewer has seen the last turning point, or whatever is newest now where there was none.</summary>
    public Task<CompletionAck> WaitForCompletionAckAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var seq = Timeline.LastMilestone is var milestone and > 0 ? milestone : Timeline.Store.Version;
        return Completion.WaitAsync(seq, timeout, cancellationToken);
    }

    public void Join(StateReader reader)
    {
        lock (_gate)
        {
            if (!_readers.Add(reader))
                return;
            Completion.SetViewers(_readers.Count);
        }

        Timeline.Watch();
    }

    public void Leave(StateReader reader)
    {
        lock (_gate)
        {
            if (!_readers.Remove(reader))
                return;
            Completion.SetViewers(_readers.Count);
        }

        Timeline.Unwatch();
    }

    public VersionFrames FramesOf(StateVersion version) => (VersionFrames)(version.Kept ?? version.Keep(new VersionFrames(Timeline, version, _logger)));

    public void Dispose() => Timeline.Dispose();

    private void Ring()
    {
        var peal = new Peal();
        lock (_gate)
        {
            foreach (var reader in _readers)
                peal.Add(reader.Outbox.Bell);
        }

        peal.Ring();
    }
}
