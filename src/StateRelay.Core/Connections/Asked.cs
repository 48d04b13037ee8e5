using StateRelay.Protocol;
using StateRelay.Security;

namespace StateRelay.Connections;

/// <summary>What a handshake asked for: how to speak, the state of a plain viewer, and what was shown. Immutable.</summary>
/// <param name="Dialect">How to speak.</param>
/// <param name="Topic">The state of a plain viewer; null for all others.</param>
/// <param name="Proof">What was shown.</param>
/// <param name="Software">The program that the client says it is; null where it does not say.</param>
internal readonly record struct Asked(Dialect Dialect, StateTopic? Topic, Proof Proof, ClientSoftware? Software);
