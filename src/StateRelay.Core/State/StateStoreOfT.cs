using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Microsoft.Extensions.Logging;

namespace StateRelay;

/// <summary>
/// Holds what is true now: one value of any type, in numbered versions. Replace it with <see cref="Update"/> or change it in
/// place with <see cref="Mutate"/>; listeners, viewers and the page follow. Safe for use by any thread.
/// </summary>
/// <typeparam name="T">The state's type: an immutable record, or a mutable object that only <see cref="Mutate"/> changes.</typeparam>
public sealed class StateStore<T> : StateStore
{
    private readonly Func<JsonTypeInfo<T>> _typeInfo;

    // Guarded by Gate.
    private T _current;
    private long _version = 1;

    /// <summary>Makes a store whose first version is <paramref name="initial"/>.</summary>
    /// <param name="initial">The first value. Not null.</param>
    /// <param name="typeInfo">How the value is written as JSON: a member of a source-generated <c>JsonSerializerContext</c>.</param>
    /// <param name="options">What is particular to this state; null for the defaults.</param>
    /// <param name="clock">Gives changes their time; null for the system's clock.</param>
    /// <param name="logger">Hears of listeners that throw; null for nobody.</param>
    /// <exception cref="ArgumentNullException">There is no initial value or no type info.</exception>
    public StateStore(
        T initial,
        JsonTypeInfo<T> typeInfo,
        StateOptions? options = null,
        TimeProvider? clock = null,
        ILogger? logger = null)
        : this(initial, Always(typeInfo), options, clock, logger)
    {
    }

    /// <summary>As the public one, and asks for the type info when the value is first written: making it can cost more than all else at a start.</summary>
    internal StateStore(T initial, Func<JsonTypeInfo<T>> typeInfo, StateOptions? options, TimeProvider? clock, ILogger? logger)
        : base(options, clock, logger)
    {
        ArgumentNullException.ThrowIfNull(initial);
        _current = initial;
        _typeInfo = typeInfo;
    }

    /// <summary>
    /// The current value. For a value that <see cref="Mutate"/> changes, use <see cref="Read"/> instead: it keeps writers out.
    /// </summary>
    public T Current
    {
        get
        {
            lock (Gate)
                return _current;
        }
    }

    /// <inheritdoc/>
    public override long Version => Volatile.Read(ref _version);

    /// <summary>Replaces the value by what <paramref name="change"/> makes of it, as one change, and returns the new value.</summary>
    /// <param name="change">
    /// Runs while no other change, read or writing of the value runs: keep it short, and do not call back into this store.
    /// An exception leaves the value as it was and reaches the caller.
    /// </param>
    /// <param name="stateEvent">What to say about the change; null for nothing.</param>
    /// <exception cref="InvalidOperationException">Called from inside another change, or the change gave null.</exception>
    public T Update(Func<T, T> change, StateEvent? stateEvent = null)
    {
        ArgumentNullException.ThrowIfNull(change);
        RefuseReentry();

        T value;
        StateChange? told;
        lock (Gate)
        {
            value = change(_current) ?? throw new InvalidOperationException("A change may not make the state null.");
            _current = value;
            told = Enqueue_NeedsGate(++_version, stateEvent);
        }

        Tell(told);
        return value;
    }

    /// <summary>
    /// As <see cref="Update"/>, for a change that finds out by itself whether there is anything to change and what to say about
    /// it: null leaves the value and its version as they are, and tells nobody.
    /// </summary>
    internal void TryUpdate(Func<T, (T Value, StateEvent? Event)?> change)
    {
        RefuseReentry();

        StateChange? told;
        lock (Gate)
        {
            if (change(_current) is not { } changed)
                return;
            _current = changed.Value;
            told = Enqueue_NeedsGate(++_version, changed.Event);
        }

        Tell(told);
    }

    /// <summary>Changes the value in place, as one change.</summary>
    /// <param name="change">
    /// Runs while no other change, read or writing of the value runs: keep it short, and do not call back into this store.
    /// An exception reaches the caller; what it had changed by then is told like any change.
    /// </param>
    /// <param name="stateEvent">What to say about the change; null for nothing.</param>
    /// <exception cref="InvalidOperationException">Called from inside another change.</exception>
    public void Mutate(Action<T> change, StateEvent? stateEvent = null)
    {
        ArgumentNullException.ThrowIfNull(change);
        RefuseReentry();

        StateChange? told = null;
        try
        {
            lock (Gate)
            {
                try
                {
                    change(_current);
                }
                finally
                {
                    told = Enqueue_NeedsGate(++_version, stateEvent);
                }
            }
        }
        finally
        {
            Tell(told);
        }
    }

    /// <summary>Gives what <paramref name="read"/> finds in the current value, undisturbed by writers.</summary>
    /// <exception cref="InvalidOperationException">Called from inside a change.</exception>
    public TResult Read<TResult>(Func<T, TResult> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        RefuseReentry();
        lock (Gate)
            return read(_current);
    }

    internal override long Write(Utf8JsonWriter writer)
    {
        lock (Gate)
        {
            JsonSerializer.Serialize(writer, _current, _typeInfo());
            return _version;
        }
    }

    internal override void WriteMemberByMember(Utf8JsonWriter writer)
    {
        // An encoder of its own keeps the serialiser from its generated short cut, which checks values before it writes names.
        var options = new JsonSerializerOptions(_typeInfo().Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        var typeInfo = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        lock (Gate)
            JsonSerializer.Serialize(writer, _current, typeInfo);
    }

    private protected override void Touch(StateEvent stateEvent)
    {
        RefuseReentry();
        StateChange? told;
        lock (Gate)
            told = Enqueue_NeedsGate(++_version, stateEvent);
        Tell(told);
    }

    private static Func<JsonTypeInfo<T>> Always(JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return () => typeInfo;
    }

    // The gate would let its own thread in again, half way through a change.
    private void RefuseReentry()
    {
        if (Gate.IsHeldByCurrentThread)
            throw new InvalidOperationException("A change may not call back into its own store; do it after the change, or in a listener.");
    }
}
