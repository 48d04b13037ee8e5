using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;
using StateRelay.Security;

namespace StateRelay.Http;

/// <summary>
/// Lets requests in or says why not: first by the host they name, then by the viewer who sends them. The rules are those of
/// Security; here they become answers. Safe for use by any thread.
/// </summary>
internal sealed class Doorkeeper(HostRules hosts, ViewerGate gate, Func<ViewerRequest, ValueTask<bool>>? authorize, ILogger logger)
{
    /// <summary>The answer to a request that names a host we do not answer to, or none; null when the host is ours.</summary>
    public HttpAnswer? RefuseHost(HttpExchange exchange) => hosts.Check(exchange.Header("Host")) switch
    {
        HostCheck.Allowed => null,
        HostCheck.Unknown when exchange.IsHostSettled => null,
        HostCheck.Missing => HttpAnswer.Refusal(400, "host_missing", "The request names no host."),
        HostCheck.Malformed => HttpAnswer.Refusal(400, "host_malformed", "The Host header is not one host with at most one port."),
        _ => HttpAnswer.Refusal(421, "host_unknown", "This server does not answer to that host; see WebServerOptions.AllowedHosts."),
    };

    /// <summary>
    /// The answer to a viewer who may not come in, or who came by the link and is sent on without the token in the address; null
    /// when the request may go on.
    /// </summary>
    public async ValueTask<HttpAnswer?> RefuseViewerAsync(HttpExchange exchange)
    {
        var byLink = gate.AsksForToken && exchange is { Method: "GET", Path: "/" } ? exchange.QueryValue("token") : null;
        var check = byLink is null
            ? gate.Check(exchange.Header("Authorization"), exchange.Header("Sec-WebSocket-Protocol"), exchange.Header("Cookie"))
            : gate.Opens(byLink) ? ViewerCheck.Admitted : ViewerCheck.Wrong;

        if (check == ViewerCheck.Missing)
            return Unauthorized("viewer_token_missing", "This server asks for a viewer token; open the link that its owner has.");
        if (check == ViewerCheck.Wrong)
            return Unauthorized("viewer_token_wrong", "The viewer token is not valid.");
        if (await RefusedByHostAsync(exchange).ConfigureAwait(false) is { } refusal)
            return refusal;
        return byLink is null ? null : SendOn(exchange);
    }

    /// <summary>Whether a token is the viewer token: then it says nothing of who shows it.</summary>
    public bool IsViewerToken(string? token) => token is not null && gate.Opens(token);

    // Asks the program we run in.
    private async ValueTask<HttpAnswer?> RefusedByHostAsync(HttpExchange exchange)
    {
        if (authorize is null)
            return null;
        try
        {
            var request = new ViewerRequest(exchange.Method, exchange.Path, exchange.RemoteAddress, exchange.Header);
            return await authorize(request).ConfigureAwait(false)
                ? null
                : HttpAnswer.Refusal(403, "access_denied", "You may not see this.");
        }
        catch (Exception error)
        {
            Log.AuthorizeViewerFailed(logger, error);
            return HttpAnswer.Refusal(500, "internal_error", "Whether you may see this could not be decided.");
        }
    }

    // Relative, because a proxy in front may have taken a part of the path away that only the browser knows.
    private HttpAnswer SendOn(HttpExchange exchange)
    {
        var rest = string.Join('&', exchange.Query.Split('&').Where(part => part.Split('=')[0] != "token"));
        return HttpAnswer.Empty(
            303,
            new("Location", rest.Length == 0 ? "./" : "./?" + rest),
            new("Set-Cookie", gate.Cookie(exchange.IsSecure)),
            new("Cache-Control", "no-store"));
    }

    private static HttpAnswer Unauthorized(string error, string message) =>
        HttpAnswer.Refusal(401, error, message, new KeyValuePair<string, string>("WWW-Authenticate", "Bearer"));
}
