using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;
using StateRelay.Events;
using StateRelay.Protocol;
using StateRelay.State;

namespace StateRelay.Connections;

/// <summary>
/// The frames that lead to one version, each made once for all clients in step. What they may take in all is bounded by the size
/// of a few snapshots; past that frames are made for each client anew. Safe for use by any thread.
/// </summary>
internal sealed class VersionFrames(StateTimeline timeline, StateVersion version, ILogger logger)
{
    private const int MinKeptBytes = 1024 * 1024;

    private readonly ConcurrentDictionary<(int Sub, long Prev), byte[]> _kept = new();
    private readonly Lazy<byte[]> _plainFirst = new(() => PlainStateFrames.First(version));
    private readonly Lazy<byte[]> _plainSnapshot = new(() => PlainStateFrames.Snapshot(version));
    private readonly Lazy<byte[]> _plainProgress = new(() => MakeProgress(timeline, version, logger));
    private readonly long _maxKeptBytes = MinKeptBytes + (4L * version.Utf8.Length);
    private long _keptBytes;

    public byte[] PlainFirst => _plainFirst.Value;

    public byte[] PlainSnapshot => _plainSnapshot.Value;

    public byte[] PlainProgress => _plainProgress.Value;

    /// <summary>The v1 frame that brings subscription <paramref name="sub"/> here from <paramref name="prev"/>: a delta, or the snapshot.</summary>
    public byte[] From(int sub, long prev)
    {
        if (_kept.TryGetValue((sub, prev), out var frame))
            return frame;

        frame = Make(sub, prev);
        if (Interlocked.Add(ref _keptBytes, frame.Length) <= _maxKeptBytes)
            return _kept.GetOrAdd((sub, prev), frame);
        Interlocked.Add(ref _keptBytes, -frame.Length);
        return frame;
    }

    // The projection is the host's code: its error costs viewers nothing but the short form.
    private static byte[] MakeProgress(StateTimeline timeline, StateVersion version, ILogger logger)
    {
        try
        {
            return PlainStateFrames.Progress(version, timeline.Store.Options.ProgressProjection);
        }
        catch (Exception error)
        {
            Log.ProjectionFailed(logger, error, timeline.Topic);
            return PlainStateFrames.Snapshot(version);
        }
    }

    private byte[] Make(int sub, long prev) =>
        prev > 0 && timeline.Find(prev) is { } from && timeline.Delta(from, version) is { } patch
            ? V1Frames.StateDelta(sub, prev, version.Seq, patch)
            : V1Frames.StateSnapshot(sub, timeline.Epoch, version);
}

/// <summary>The frames that tell one event, each made once for all clients. Safe for use by any thread.</summary>
internal sealed class EventFrames(TimelineEvent told)
{
    private const int MaxKept = 8;

    private readonly ConcurrentDictionary<int, byte[]> _kept = new();
    private readonly Lazy<byte[]> _plain = new(() => PlainStateFrames.Event(told));

    /// <summary>Those of an event.</summary>
    public static EventFrames Of(TimelineEvent told) => (EventFrames)(told.Kept ?? told.Keep(new EventFrames(told)));

    public byte[] Plain => _plain.Value;

    /// <summary>The v1 frame for subscription <paramref name="sub"/>.</summary>
    public byte[] For(int sub)
    {
        if (sub > MaxKept)
            return V1Frames.StateEvent(sub, told);
        return _kept.TryGetValue(sub, out var frame) ? frame : _kept.GetOrAdd(sub, V1Frames.StateEvent(sub, told));
    }
}

/// <summary>The frames that tell one event of a hub, each made once for all clients in step. Safe for use by any thread.</summary>
internal sealed class LoggedFrames(LoggedEvent logged)
{
    // Clients that come from other positions than the last few are few.
    private const int MaxKept = 4;

    private volatile Kept[] _kept = [];

    /// <summary>Those of an event.</summary>
    public static LoggedFrames Of(LoggedEvent logged) => (LoggedFrames)(logged.Kept ?? logged.Keep(new LoggedFrames(logged)));

    /// <summary>The event as clients of the plain dialect see it.</summary>
    public byte[] Plain { get; } = PlainEventFrames.Event(logged.Event);

    /// <summary>The v1 frame that brings subscription <paramref name="sub"/> here from <paramref name="prev"/>.</summary>
    public byte[] For(int sub, long prev)
    {
        var kept = _kept;
        foreach (var one in kept)
        {
            if (one.Sub == sub && one.Prev == prev)
                return one.Frame;
        }

        var frame = V1Frames.Event(sub, prev, logged.Seq, Plain);
        if (kept.Length < MaxKept)
            _kept = [.. kept, new Kept(sub, prev, frame)];
        return frame;
    }

    private readonly record struct Kept(int Sub, long Prev, byte[] Frame);
}
