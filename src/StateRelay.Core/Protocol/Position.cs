namespace StateRelay.Protocol;

/// <summary>How far a client has come in one history of a topic.</summary>
/// <param name="Epoch">Names the history.</param>
/// <param name="Seq">The last version it has; 0 for none.</param>
/// <param name="N">The number of the last event it has; null when it does not say.</param>
internal readonly record struct Position(string Epoch, long Seq, long? N);
