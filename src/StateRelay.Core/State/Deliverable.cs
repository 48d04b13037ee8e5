namespace StateRelay.State;

/// <summary>
/// Something that does not change and is delivered to many. Whoever delivers it keeps here what was made of it for that: it is found without
/// a look-up, and lives as long as this does. Safe for use by any thread.
/// </summary>
internal abstract class Deliverable
{
    private object? _kept;

    /// <summary>What is kept; null before anything is. One alone delivers it, and knows of which type that is.</summary>
    public object? Kept => Volatile.Read(ref _kept);

    /// <summary>Keeps something, unless something is kept already; gives what is.</summary>
    public object Keep(object made) => Interlocked.CompareExchange(ref _kept, made, null) ?? made;
}
