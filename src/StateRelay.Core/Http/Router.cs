using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;

namespace StateRelay.Http;

/// <summary>
/// Brings each request to its endpoint: the form of the request, then its host, then the viewer (unless the endpoint is its own
/// guard), then path and method, each compared exactly. What an endpoint throws is logged and answered with 500, without a word of
/// what it was. Safe for use by any thread.
/// </summary>
internal sealed class Router(Doorkeeper door, IReadOnlyList<Route> routes, ILogger logger)
{
    // Never changed.
    private readonly Dictionary<string, Route> _routes = ByPath(routes);
    private volatile bool _closed;

    /// <summary>From now on only open routes answer; the rest is refused with 503.</summary>
    public void Close() => _closed = true;

    /// <summary>Answers one request. Never throws.</summary>
    public async Task HandleAsync(HttpExchange exchange)
    {
        try
        {
            var route = _routes.GetValueOrDefault(exchange.Path);
            if (route is not null)
                exchange.Routed(route.Path);
            var refusal = RefuseForm(exchange)
                ?? door.RefuseHost(exchange)
                ?? (route is { IsOpen: true } ? null : await RefuseClosedOrViewerAsync(exchange, route).ConfigureAwait(false))
                ?? RefuseRoute(exchange, route);

            if (refusal is null)
                await route!.Endpoint(exchange).ConfigureAwait(false);
            else
                await exchange.AnswerAsync(refusal).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Log.EndpointFailed(logger, error, _routes.GetValueOrDefault(exchange.Path)?.Path ?? "(no route)");
            await ApologiseAsync(exchange).ConfigureAwait(false);
        }
    }

    private static Dictionary<string, Route> ByPath(IReadOnlyList<Route> routes)
    {
        var byPath = new Dictionary<string, Route>(routes.Count, StringComparer.Ordinal);
        foreach (var route in routes)
            byPath.Add(route.Path, route);
        return byPath;
    }

    // Two lengths are how a request is smuggled past a proxy that believes the other one.
    private static HttpAnswer? RefuseForm(HttpExchange exchange) =>
        exchange.Header("Transfer-Encoding") is not null && exchange.Header("Content-Length") is not null
            ? HttpAnswer.Refusal(400, "two_lengths", "Content-Length and Transfer-Encoding may not come together.")
            : null;

    private async ValueTask<HttpAnswer?> RefuseClosedOrViewerAsync(HttpExchange exchange, Route? route) =>
        _closed ? HttpAnswer.Refusal(503, "stopping", "The server is stopping.", new KeyValuePair<string, string>("Retry-After", "5"))
        : route is { Guard: RouteGuard.Own } ? null
        : await door.RefuseViewerAsync(exchange).ConfigureAwait(false);

    private static HttpAnswer? RefuseRoute(HttpExchange exchange, Route? route)
    {
        if (route is null)
            return HttpAnswer.Refusal(404, "not_found", "There is nothing at this path.");
        if (route.Methods.Contains(exchange.Method, StringComparer.Ordinal))
            return null;
        var allow = string.Join(", ", route.Methods);
        return HttpAnswer.Refusal(405, "method_not_allowed", $"This path answers {allow}.", new KeyValuePair<string, string>("Allow", allow));
    }

    private async Task ApologiseAsync(HttpExchange exchange)
    {
        try
        {
            if (!exchange.IsEnded)
                await exchange.AnswerAsync(HttpAnswer.Refusal(500, "internal_error", "The server failed to answer.")).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Log.EndpointFailed(logger, error, "(answer)");
        }
    }
}
