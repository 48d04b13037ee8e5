using System.Text.Json.Nodes;

namespace StateRelay.Tests.Reliability.Model;

/// <summary>Where a client had come to in a topic, to come back with. Immutable.</summary>
/// <param name="Epoch">Names the history.</param>
/// <param name="Seq">The position.</param>
/// <param name="N">The last thing heard that was said of a state.</param>
/// <param name="State">The state at the position.</param>
internal sealed record Bookmark(string Epoch, long Seq, long N, JsonNode? State);

/// <summary>A client's subscription to the state, and what it shows: applies each frame by the position rule, and holds it to the truth.</summary>
/// <param name="sub">Its number on the connection.</param>
/// <param name="epoch">The history that was confirmed.</param>
/// <param name="recovered">Where it goes on from; null for a newcomer.</param>
/// <param name="heard">The last thing that was said before it began; null when that is not known.</param>
/// <param name="history">The truth.</param>
internal sealed class StateView(int sub, string epoch, Bookmark? recovered, long? heard, History history)
{
    private readonly List<(string Type, long Seq)> _said = history.SaidIn(epoch);
    private TimeSpan? _movedAt;

    public int Sub => sub;

    public string Epoch => epoch;

    public long Seq { get; private set; } = recovered?.Seq ?? 0;

    public long? N { get; private set; } = recovered?.N ?? heard;

    public JsonNode? State { get; private set; } = recovered?.State?.DeepClone();

    public bool Paused { get; set; }

    public TimeSpan Rate { get; set; }

    public Bookmark Bookmark => new(epoch, Seq, N ?? 0, State);

    public void Snapshot(JsonObject frame, TimeSpan? now)
    {
        Must((string?)frame["epoch"] == epoch, "A snapshot is of the epoch that was confirmed.");
        var seq = (long)frame["seq"]!;
        Must(seq > Seq, $"Positions never go back: {seq} after {Seq}.");
        MoveTo(seq, frame["state"]!.DeepClone(), now);
    }

    public void Delta(JsonObject frame, TimeSpan? now)
    {
        var (prev, seq) = ((long)frame["prev"]!, (long)frame["seq"]!);
        Must(State is not null, "No delta precedes its snapshot.");
        Must(prev == Seq, $"A delta is from the position: {prev}, not {Seq}.");
        Must(seq > prev, $"Positions never go back: {seq} after {prev}.");
        MoveTo(seq, JsonPatchClient.Apply(State!.DeepClone(), frame["patch"]!.DeepClone()), now);
    }

    /// <summary>Something was said of the state.</summary>
    public void Said(JsonObject frame, int retained)
    {
        var n = (long)frame["n"]!;
        Must(n > (N ?? 0) && n <= _said.Count, $"What is said comes in order: {n} after {N} of {_said.Count}.");
        Must(N is null || n == N + 1 || n - 1 <= _said.Count - retained, $"{N + 1} to {n - 1} are still held, and were left out.");
        var (type, seq) = _said[(int)n - 1];
        Must((string?)frame["event"]!["type"] == type && (long)frame["seq"]! == seq, $"{frame.ToJsonString()} is not what was said as {n}: {type} in {seq}.");
        N = n;
    }

    private void MoveTo(long seq, JsonNode? state, TimeSpan? now)
    {
        Must(JsonPatchClient.Same(history.At(seq), state), $"The state at {seq} was {history.At(seq).ToJsonString()}, not {state?.ToJsonString()}.");
        Must(!Paused || now is null, "Nothing comes while it is paused.");
        if (now is { } time && _movedAt is { } before)
            Must(time - before >= Rate, $"{time - before} between two deltas is less than {Rate}.");
        _movedAt = now;
        (Seq, State) = (seq, state);
    }

    private void Must(bool holds, string what)
    {
        if (!holds)
            throw new ViolationException($"sub {sub}: {what}");
    }
}
