using System.Net;

namespace StateRelay;

/// <summary>What a host is told of a request when it decides whether it may go on. Immutable.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, below the relay's base path; <c>/ws</c> for a WebSocket.</param>
/// <param name="RemoteAddress">Where the client is: where the connection comes from, or who the last of <c>WebServerOptions.TrustedProxies</c> says it is.</param>
/// <param name="Header">Gives the value of a request header, null when it was not sent.</param>
public sealed record ViewerRequest(string Method, string Path, IPAddress RemoteAddress, Func<string, string?> Header);
