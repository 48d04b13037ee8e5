using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace StateRelay.Security;

/// <summary>What was found about the viewer token of a request.</summary>
internal enum ViewerCheck
{
    /// <summary>It was right, or none is asked for.</summary>
    Admitted,

    /// <summary>None was sent.</summary>
    Missing,

    /// <summary>What was sent is not the token.</summary>
    Wrong,
}

/// <summary>
/// Knows the viewer token and the ways it may be shown: the <c>Authorization</c> header, a <c>bearer.</c> subprotocol, a link, and
/// the cookie that the link leaves behind. The cookie holds a random value of this server, never the token, and dies with the
/// server. All comparisons take the same time whatever part is right. Immutable.
/// </summary>
/// <param name="token">The token; null asks for none.</param>
/// <param name="cookieSuffix">The end of the cookie's name, which tells it from those of other servers under the same host.</param>
internal sealed class ViewerGate(Secret? token, string cookieSuffix)
{
    private const string Bearer = "Bearer ";
    private const string BearerSubprotocol = "bearer.";

    private readonly string _cookieName = "staterelay-viewer-" + cookieSuffix;
    private readonly Lazy<Secret> _session = new(() => new Secret(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))));

    /// <summary>Whether viewers must show a token.</summary>
    public bool AsksForToken => token is not null;

    /// <summary>Looks at everything the request shows; one right proof is enough.</summary>
    /// <param name="authorization">The <c>Authorization</c> header.</param>
    /// <param name="subprotocols">The <c>Sec-WebSocket-Protocol</c> header.</param>
    /// <param name="cookies">The <c>Cookie</c> header.</param>
    public ViewerCheck Check(string? authorization, string? subprotocols, string? cookies)
    {
        if (token is null)
            return ViewerCheck.Admitted;

        var shown = false;
        if (authorization is not null)
        {
            shown = true;
            if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && token.Matches(authorization.AsSpan(Bearer.Length).Trim()))
                return ViewerCheck.Admitted;
        }

        foreach (var range in subprotocols.AsSpan().Split(','))
        {
            var offered = subprotocols.AsSpan(range).Trim();
            if (!offered.StartsWith(BearerSubprotocol, StringComparison.Ordinal))
                continue;
            shown = true;
            if (TryDecode(offered[BearerSubprotocol.Length..]) is { } text && token.Matches(text))
                return ViewerCheck.Admitted;
        }

        foreach (var range in cookies.AsSpan().Split(';'))
        {
            var cookie = cookies.AsSpan(range).Trim();
            var equals = cookie.IndexOf('=');
            if (equals < 0 || !cookie[..equals].SequenceEqual(_cookieName))
                continue;
            shown = true;
            if (_session.Value.Matches(cookie[(equals + 1)..]))
                return ViewerCheck.Admitted;
        }

        return shown ? ViewerCheck.Wrong : ViewerCheck.Missing;
    }

    /// <summary>Whether the token of a link is the right one.</summary>
    public bool Opens(string linkToken) => token is not null && token.Matches(linkToken);

    /// <summary>
    /// The <c>Set-Cookie</c> value for a viewer who came by the link. It names no path, and so holds for the one that the browser sees
    /// the page under, whatever a proxy makes of it.
    /// </summary>
    public string Cookie(bool isSecure) =>
        $"{_cookieName}={_session.Value.Reveal()}; HttpOnly; SameSite=Strict{(isSecure ? "; Secure" : "")}";

    /// <summary>The address with the token in it, to be given to viewers; null when no token is asked for. A secret: not for logs.</summary>
    public Uri? Link(Uri address) => token is null ? null : new Uri(address, "?token=" + Uri.EscapeDataString(token.Reveal()));

    private static string? TryDecode(ReadOnlySpan<char> base64Url)
    {
        if (base64Url.Length > 4096 || !Base64Url.IsValid(base64Url))
            return null;
        return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(base64Url));
    }
}
