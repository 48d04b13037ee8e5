namespace StateRelay;

/// <summary>One change of a state, as listeners are told of it. Immutable.</summary>
/// <param name="Version">The state's version after the change; the first value is version 1 and each change adds one.</param>
/// <param name="Time">When the change was made.</param>
/// <param name="Event">What the host said about the change; null when it said nothing.</param>
/// <param name="Skipped">How many older changes were left out before this one, because listeners were too slow; usually 0.</param>
public sealed record StateChange(long Version, DateTimeOffset Time, StateEvent? Event, int Skipped = 0);

/// <summary>Host code that wants to hear of every change of a state.</summary>
public interface IStateListener
{
    /// <summary>
    /// Called once for each change, in version order, never twice at the same time for one store and never under its lock:
    /// it may take its time, may throw (which is logged and reaches nobody else) and may call back into the store.
    /// </summary>
    void OnStateChange(StateChange change);
}
