using System.Collections.Immutable;
using System.Text.Json;

namespace StateRelay;

/// <summary>What is particular to one state: how its lists are compared, and whom to tell when it cannot be written.</summary>
public sealed class StateOptions
{
    /// <summary>
    /// Members that identify an item of a list, in order of preference: the first that every item of the list has, each with
    /// a different text or number, is the list's key, so that moved and dropped items cost only what changed.
    /// Default <c>id</c>, <c>key</c>, <c>name</c>; empty compares all lists by position.
    /// </summary>
    public ImmutableArray<string> ListKeys { get; init; } = ["id", "key", "name"];

    /// <summary>
    /// Writes the members of a plain client's <c>progress_delta</c>, given the whole state; default null: plain clients get a
    /// <c>state_snapshot</c> instead. Called once a version, on the thread that makes it, with the writer inside the frame's
    /// object after <c>type</c> and <c>timestamp</c>: write members and nothing else.
    /// </summary>
    public Action<Utf8JsonWriter, JsonElement>? ProgressProjection { get; init; }

    /// <summary>
    /// Told when a value cannot be written as JSON, once for each version that fails; default null: it is only logged.
    /// Viewers keep the previous version. An exception from it is logged.
    /// </summary>
    public Action<StateWriteFailure>? WriteFailed { get; init; }
}

/// <summary>A state that JSON cannot carry, for example because a number in it is not finite.</summary>
/// <param name="Version">The version that could not be written.</param>
/// <param name="Path">The member at fault as a JSON path, <c>$</c> for the root; as near as could be told.</param>
/// <param name="Error">What went wrong.</param>
public sealed record StateWriteFailure(long Version, string Path, Exception Error);
