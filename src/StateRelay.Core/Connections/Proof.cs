namespace StateRelay.Connections;

/// <summary>What a client has shown before it is let in. Immutable.</summary>
/// <param name="IsViewer">Whether it may see what viewers see: the states.</param>
/// <param name="Token">Shaped as one that says who it is; null when there is none.</param>
internal readonly record struct Proof(bool IsViewer, Secret? Token);
