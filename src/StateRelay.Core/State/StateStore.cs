using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Diagnostics;

namespace StateRelay;

/// <summary>
/// What is true now, whatever its type: the part of a <see cref="StateStore{T}"/> that a server and its listeners need.
/// Safe for use by any thread.
/// </summary>
public abstract class StateStore
{
    /// <summary>Changes that may wait for slow listeners before the oldest are left out (see <see cref="StateChange.Skipped"/>).</summary>
    internal const int MaxUntold = 1024;

    private readonly TimeProvider _clock;

    // Guarded by Gate.
    private readonly Queue<StateChange> _untold = new();
    private int _skipped;
    private bool _telling;

    // Written under Gate, read by any thread: whether changes wait.
    private volatile bool _hasUntold;

    // Swapped whole; readers take the array as it is.
    private volatile IStateListener[] _listeners = [];
    private volatile IStateObserver[] _observers = [];

    private protected StateStore(StateOptions? options, TimeProvider? clock, ILogger? logger)
    {
        Options = options ?? new StateOptions();
        _clock = clock ?? TimeProvider.System;
        Logger = logger ?? NullLogger.Instance;
    }

    /// <summary>The version of the current value: 1 for the first, one more for each change.</summary>
    public abstract long Version { get; }

    internal StateOptions Options { get; }

    /// <summary>Who keeps the value up to date for viewers; null for a host that changes it by itself.</summary>
    internal IStateSource? Source { get; init; }

    /// <summary>Guards the value, its version and the changes not told yet: one gate, so that changes are told in version order.</summary>
    private protected Lock Gate { get; } = new();

    private protected ILogger Logger { get; }

    /// <summary>
    /// Calls <paramref name="listener"/> for each change from now on, until the returned subscription is disposed. A listener
    /// given twice is called twice. See <see cref="IStateListener.OnStateChange"/> for what it may do.
    /// </summary>
    public IDisposable OnStateChange(IStateListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        var entry = new Listening(this, listener);
        lock (Gate)
            _listeners = [.. _listeners, entry];
        return entry;
    }

    /// <inheritdoc cref="OnStateChange(IStateListener)"/>
    public IDisposable OnStateChange(Action<StateChange> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        return OnStateChange(new DelegateListener(listener));
    }

    /// <summary>
    /// The changes from now on, newest first to be seen: a reader that is slower than the writer skips to the newest change and
    /// never sees an older version after a newer one. Ends when <paramref name="cancellationToken"/> is cancelled, by
    /// <see cref="OperationCanceledException"/>.
    /// </summary>
    public async IAsyncEnumerable<StateChange> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var newest = Channel.CreateBounded<StateChange>(new BoundedChannelOptions(1)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
            SingleReader = true,
            SingleWriter = true,
        });
        using var listening = OnStateChange(change => newest.Writer.TryWrite(change));

        await foreach (var change in newest.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            yield return change;
    }

    /// <summary>Tells viewers and listeners something about the state without changing its value; the version still adds one.</summary>
    public void Announce(StateEvent stateEvent)
    {
        ArgumentNullException.ThrowIfNull(stateEvent);
        Touch(stateEvent);
    }

    /// <summary>Writes the current value, undisturbed by writers, and says which version it is.</summary>
    internal abstract long Write(Utf8JsonWriter writer);

    /// <summary>Writes the current value with nothing left out and no short cuts taken, to find out why <see cref="Write"/> failed.</summary>
    internal abstract void WriteMemberByMember(Utf8JsonWriter writer);

    /// <summary>Adds one whose call is cheap and never throws: it is called before listeners are, on the thread that changed the state.</summary>
    internal void Attach(IStateObserver observer)
    {
        lock (Gate)
            _observers = [.. _observers, observer];
    }

    internal void Detach(IStateObserver observer)
    {
        lock (Gate)
            _observers = [.. _observers.Where(other => other != observer)];
    }

    private protected abstract void Touch(StateEvent stateEvent);

    /// <summary>
    /// Queues the change for listeners; follow with <see cref="Tell"/> outside the gate. Null where there is no listener and nothing is said
    /// about the change: then nobody asks for more than that there was one.
    /// </summary>
    private protected StateChange? Enqueue_NeedsGate(long version, StateEvent? stateEvent)
    {
        var hasListeners = _listeners.Length > 0;
        if (!hasListeners && stateEvent is null)
            return null;

        var change = new StateChange(version, _clock.GetUtcNow(), stateEvent);
        if (!hasListeners)
            return change;

        if (_untold.Count == MaxUntold)
        {
            _untold.Dequeue();
            _skipped++;
        }

        _untold.Enqueue(change);
        _hasUntold = true;
        return change;
    }

    /// <summary>Rings the observers, then tells the listeners what waits, unless another call is already telling them.</summary>
    private protected void Tell(StateChange? change)
    {
        foreach (var observer in _observers)
            observer.OnChanged(change);

        while (NextUntold() is { } untold)
        {
            foreach (var listener in _listeners)
                TellOne(listener, untold);
            DoneTelling();
        }
    }

    private void TellOne(IStateListener listener, StateChange change)
    {
        try
        {
            listener.OnStateChange(change);
        }
        catch (Exception error)
        {
            Log.ListenerFailed(Logger, error, change.Version);
        }
    }

    private StateChange? NextUntold()
    {
        if (!_hasUntold)
            return null;
        lock (Gate)
        {
            if (_telling || !_untold.TryDequeue(out var change))
                return null;
            _telling = true;
            _hasUntold = _untold.Count > 0;
            if (_skipped == 0)
                return change;
            change = change with { Skipped = _skipped };
            _skipped = 0;
            return change;
        }
    }

    private void DoneTelling()
    {
        lock (Gate)
            _telling = false;
    }

    private void Remove(Listening entry)
    {
        lock (Gate)
            _listeners = [.. _listeners.Where(other => other != entry)];
    }

    private sealed class Listening(StateStore store, IStateListener listener) : IStateListener, IDisposable
    {
        private volatile bool _ended;

        public void OnStateChange(StateChange change)
        {
            if (!_ended)
                listener.OnStateChange(change);
        }

        public void Dispose()
        {
            _ended = true;
            store.Remove(this);
        }
    }

    private sealed class DelegateListener(Action<StateChange> listener) : IStateListener
    {
        public void OnStateChange(StateChange change) => listener(change);
    }
}

/// <summary>Part of the library that is rung by every change. Must be cheap, must not throw, must not call back.</summary>
internal interface IStateObserver
{
    /// <summary>The state has changed.</summary>
    /// <param name="change">How; may be null for a change about which nothing is said.</param>
    void OnChanged(StateChange? change);
}

/// <summary>
/// Keeps a value up to date that would be out of date with everything that happens, only while it is looked at. Cheap; must not throw,
/// and may change the value from within these calls.
/// </summary>
internal interface IStateSource
{
    /// <summary>Somebody watches from now on. As often as there are watchers.</summary>
    void Watch();

    /// <summary>One of them no longer does.</summary>
    void Unwatch();

    /// <summary>Somebody asks for the value now.</summary>
    void Refresh();
}
