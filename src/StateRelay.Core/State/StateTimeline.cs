using System.Buffers;
using System.Collections.Immutable;

using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;

namespace StateRelay.State;

/// <summary>
/// The recent history of one state: its newest versions as JSON, the deltas between them, its newest events. Makes a version
/// when the coalescing window says so, and only while somebody watches or asks. Bounded by count and bytes. Any thread may use it.
/// </summary>
internal sealed class StateTimeline : IStateObserver, IDisposable
{
    private readonly StateStore _store;
    private readonly WebServerOptions _options;
    private readonly TimeProvider _clock;
    private readonly Instruments _instruments;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Action _advanced;
    private readonly Lock _gate = new();

    // The first version: made when somebody first asks, and whoever asks meanwhile waits for it.
    private readonly Lazy<bool> _begun;

    // Guarded by _gate.
    private readonly CoalescingWindow _window;
    private readonly List<StateVersion> _versions = [];
    private readonly Queue<TimelineEvent> _events = new();
    private long _versionBytes;
    private int _watchers;
    private bool _changed;
    private bool _urgent;       // an event waits to be told
    private bool _turned;       // and it is a milestone
    private bool _making;
    private bool _disposed;

    // Written under _gate, read by any thread.
    private volatile StateVersion? _head;
    private volatile bool _armed;
    private volatile bool _failing;
    private long _eventCount;
    private long _lastMilestone;
    private long _deltaBytes;

    // Used by whoever set _making.
    private readonly StateWriter _writer;
    private string? _reported;

    /// <param name="topic">The name viewers subscribe by.</param>
    /// <param name="store">The state.</param>
    /// <param name="options">Interval and bounds.</param>
    /// <param name="clock">Times versions and the interval.</param>
    /// <param name="instruments">Count versions and deltas.</param>
    /// <param name="logger">Hears of values that cannot be written.</param>
    /// <param name="advanced">Called outside the gate when there is a new version or event. Cheap; does not throw.</param>
    public StateTimeline(
        string topic,
        StateStore store,
        WebServerOptions options,
        TimeProvider clock,
        Instruments instruments,
        ILogger logger,
        Action? advanced = null)
    {
        Topic = topic;
        _store = store;
        _options = options;
        _clock = clock;
        _instruments = instruments;
        _logger = logger;
        _advanced = advanced ?? (() => { });
        _writer = new StateWriter(store);
        _window = new CoalescingWindow(options.CoalescingInterval, clock);
        _timer = clock.CreateTimer(static timeline => ((StateTimeline)timeline!).Make(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _begun = new Lazy<bool>(() =>
        {
            Make();
            return true;
        });
        store.Attach(this);
    }

    public string Topic { get; }

    /// <summary>Names this history: positions of another one mean nothing here.</summary>
    public string Epoch { get; } = RandomName.Of(12);

    /// <summary>The newest version made, the first one when this is first asked for; null while none could be written yet.</summary>
    public StateVersion? Head
    {
        get
        {
            Begin();
            return _head;
        }
    }

    /// <summary>How many events there have been.</summary>
    public long EventCount => Volatile.Read(ref _eventCount);

    /// <summary>Whether the newest value could not be written; viewers keep the previous version.</summary>
    public bool IsFailing => _failing;

    /// <summary>The store's version at the last turning point; 0 when there was none.</summary>
    public long LastMilestone => Volatile.Read(ref _lastMilestone);

    internal StateStore Store => _store;

    /// <summary>The newest version, made now if there are changes and the window allows; null while none could be written yet.</summary>
    public StateVersion? Latest()
    {
        _store.Source?.Refresh();
        Begin();
        bool make;
        lock (_gate)
            make = _changed && _window.DueIn(_urgent) == TimeSpan.Zero;
        if (make)
            Make();
        return _head;
    }

    /// <summary>The held version with that number, null when it is gone or never was.</summary>
    public StateVersion? Find(long seq)
    {
        lock (_gate)
        {
            int low = 0, high = _versions.Count - 1;
            while (low <= high)
            {
                var middle = (low + high) / 2;
                var version = _versions[middle];
                if (version.Seq == seq)
                    return version;
                if (version.Seq < seq)
                    low = middle + 1;
                else
                    high = middle - 1;
            }

            return null;
        }
    }

    /// <summary>
    /// The RFC 6902 patch that makes <paramref name="to"/> of <paramref name="from"/>; null when it would be larger than the
    /// snapshot. Computed once for all who ask.
    /// </summary>
    public ReadOnlyMemory<byte>? Delta(StateVersion from, StateVersion to) => to.DeltaFrom(from, MakeDelta);

    /// <summary>The held events after number <paramref name="n"/>, in order.</summary>
    public ImmutableArray<TimelineEvent> EventsAfter(long n)
    {
        lock (_gate)
            return [.. _events.Where(held => held.N > n)];
    }

    /// <summary>From now on versions are made as the state changes, until <see cref="Unwatch"/> was called as often as this.</summary>
    public void Watch()
    {
        Begin();
        lock (_gate)
        {
            _watchers++;
            if (_changed)
                Arm_NeedsGate();
        }

        _store.Source?.Watch();
    }

    public void Unwatch()
    {
        lock (_gate)
            _watchers--;
        _store.Source?.Unwatch();
    }

    /// <summary>Makes a version of what changed, if somebody watches, without waiting for the interval: viewers are about to be sent away.</summary>
    public void Finish()
    {
        bool make;
        lock (_gate)
            make = _changed && _watchers > 0;
        if (make)
            Make();
    }

    public void OnChanged(StateChange? change)
    {
        // A version is on its way, and whatever changes before it is written will be in it.
        var news = change?.Event is { Class: not StateEventClass.Progress } ? change : null;
        if (_armed && news is null)
            return;

        lock (_gate)
        {
            _changed = true;
            if (news is not null)
                Add_NeedsGate(news);
            if (_watchers > 0)
                Arm_NeedsGate();
        }
    }

    public void Dispose()
    {
        _store.Detach(this);
        lock (_gate)
            _disposed = true;
        _timer.Dispose();
    }

    private void Begin() => _ = _begun.Value;

    private void Add_NeedsGate(StateChange change)
    {
        var stateEvent = change.Event!;
        _events.Enqueue(new TimelineEvent(_eventCount + 1, change.Version, change.Time, stateEvent));
        if (_events.Count > _options.RetainedStateEvents)
            _events.Dequeue();
        Volatile.Write(ref _eventCount, _eventCount + 1);

        if (!_urgent)
            _armed = false;
        _urgent = true;
        if (stateEvent.Class != StateEventClass.Milestone)
            return;
        _turned = true;
        Volatile.Write(ref _lastMilestone, Math.Max(_lastMilestone, change.Version));
    }

    private void Arm_NeedsGate()
    {
        if (_armed || _making || _disposed)
            return;
        _armed = true;
        _timer.Change(_window.DueIn(_urgent), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Makes one version of what is true now. Only one is made at a time; who comes meanwhile leaves it to the one at work.</summary>
    private void Make()
    {
        bool evenIfEqual, tells;
        lock (_gate)
        {
            if (_making || _disposed)
                return;
            _making = true;
            _armed = false;
            _changed = false;
            evenIfEqual = _turned || _head is null;
            tells = _urgent;
            _turned = false;
            _urgent = false;
        }

        StateVersion? made = null;
        try
        {
            made = Write(evenIfEqual);
        }
        finally
        {
            lock (_gate)
            {
                _making = false;
                _window.MarkMade();
                if (made is not null)
                    Hold_NeedsGate(made);
                if (_changed && _watchers > 0)
                    Arm_NeedsGate();
            }
        }

        if (made is not null || tells)
            _advanced();
    }

    private StateVersion? Write(bool evenIfEqual)
    {
        if (_writer.TryWrite(out var version) is { } failure)
        {
            _failing = true;
            Report(failure);
            return null;
        }

        _failing = false;
        _reported = null;
        if (!evenIfEqual && _head!.Utf8.Span.SequenceEqual(_writer.Written))
            return null;
        _instruments.VersionsMade.Add(1, new KeyValuePair<string, object?>("topic", Topic));
        return new StateVersion(version, _clock.GetUtcNow(), _writer.Copy());
    }

    private void Hold_NeedsGate(StateVersion version)
    {
        if (_head is not null)
            _versionBytes += _head.Utf8.Length;
        _versions.Add(version);
        _head = version;
        Volatile.Write(ref _deltaBytes, 0);

        var drop = 0;
        while (_versions.Count - drop > _options.RetainedVersions || (_versionBytes > _options.RetainedBytes && drop < _versions.Count - 1))
            _versionBytes -= _versions[drop++].Utf8.Length;
        _versions.RemoveRange(0, drop);
    }

    private ReadOnlyMemory<byte>? MakeDelta(StateVersion from, StateVersion to)
    {
        if (Volatile.Read(ref _deltaBytes) > _options.RetainedBytes)
            return null;

        try
        {
            var patch = new ArrayBufferWriter<byte>();
            if (!JsonDiff.TryWrite(from.Utf8.Span, to.Utf8.Span, _store.Options.ListKeys, to.Utf8.Length, patch))
                return null;
            Interlocked.Add(ref _deltaBytes, patch.WrittenCount);
            _instruments.DeltasMade.Add(1, new KeyValuePair<string, object?>("topic", Topic));
            return patch.WrittenMemory;     // handed over in one piece, which the writer made room for
        }
        catch (Exception error)
        {
            // A converter of the host's may have written what is no JSON; viewers get it as it is rather than nothing.
            Log.DeltaFailed(_logger, error, Topic, to.Seq);
            return null;
        }
    }

    // The hook hears of every version that fails; the log only of the first of a row with the same cause.
    private void Report(StateWriteFailure failure)
    {
        _instruments.VersionsFailed.Add(1, new KeyValuePair<string, object?>("topic", Topic));
        var cause = failure.Path + failure.Error.GetType();
        if (cause != _reported)
            Log.VersionFailed(_logger, failure.Error, Topic, failure.Version, failure.Path);
        _reported = cause;

        try
        {
            _store.Options.WriteFailed?.Invoke(failure);
        }
        catch (Exception error)
        {
            Log.WriteFailedHookFailed(_logger, error, Topic);
        }
    }
}
