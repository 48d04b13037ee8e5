namespace StateRelay.Security;

/// <summary>
/// Decides whether the page that a request comes from may read what this server says. Browsers send WebSocket handshakes to
/// any server, whatever page asks, and say only here which page it was. Immutable.
/// </summary>
internal sealed class OriginRules(IEnumerable<string> allowedOrigins)
{
    private readonly HashSet<string> _allowed = new(allowedOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether the request may go on: it has no <c>Origin</c> and so does not come from a browser's page, or its origin is the
    /// server's own (the scheme and the host the request itself names), or it is on the list, word for word. An origin of
    /// <c>null</c>, an empty one and anything that is no origin are refused.
    /// </summary>
    public bool Allows(string? origin, string? hostHeader, bool isSecure) =>
        origin is null || IsListed(origin) || IsOwn(origin, hostHeader, isSecure);

    /// <summary>Whether the origin is on the list of others that may read.</summary>
    public bool IsListed(string origin) => _allowed.Contains(origin);

    /// <summary>Whether the text is an origin as browsers send them: <c>http(s)://host</c>, a port at most, nothing behind it.</summary>
    public static bool IsOrigin(string text) => TryParse(text, out _, out _);

    private static bool IsOwn(string origin, string? hostHeader, bool isSecure) =>
        TryParse(origin, out var secure, out var host)
        && secure == isSecure
        && HostHeader.TryParse(hostHeader, out var own)
        && string.Equals(host!.Name, own.Name, StringComparison.OrdinalIgnoreCase)
        && PortOf(host, secure) == PortOf(own, secure);

    private static bool TryParse(string text, out bool secure, out HostHeader? host)
    {
        const string Http = "http://", Https = "https://";
        secure = text.StartsWith(Https, StringComparison.OrdinalIgnoreCase);
        host = null;
        return (secure || text.StartsWith(Http, StringComparison.OrdinalIgnoreCase))
            && HostHeader.TryParse(text.AsSpan(secure ? Https.Length : Http.Length), out host);
    }

    private static int PortOf(HostHeader host, bool secure) => host.Port ?? (secure ? 443 : 80);
}
