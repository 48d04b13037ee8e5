using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>What a handshake asked for: how to speak, the state of a plain viewer, and what was shown. Immutable.</summary>
internal readonly record struct Asked(Dialect Dialect, StateTopic? Topic, Proof Proof);
