namespace StateRelay.Http;

/// <summary>Answers one request, or makes it a WebSocket, whose life goes on when this is over: <see cref="HttpExchange.Life"/>.</summary>
internal delegate Task Endpoint(HttpExchange exchange);

/// <summary>Who decides whether a request may reach an endpoint, once its form and its host are in order.</summary>
internal enum RouteGuard
{
    /// <summary>The viewer's token and <c>WebServerOptions.AuthorizeViewer</c>.</summary>
    Viewer,

    /// <summary>The endpoint itself, by other proofs than a viewer's.</summary>
    Own,
}

/// <summary>One path, compared as it is sent, and what answers each of its methods. Immutable.</summary>
/// <param name="Path">The whole path, beginning with <c>/</c>; one with a slash at the end is another path.</param>
/// <param name="Methods">The methods that are answered, in the order <c>Allow</c> names them.</param>
/// <param name="Endpoint">Answers them.</param>
internal sealed record Route(string Path, IReadOnlyList<string> Methods, Endpoint Endpoint)
{
    /// <summary>Who lets requests in.</summary>
    public RouteGuard Guard { get; init; }

    /// <summary>Whether it answers everybody, also while the server stops: only for what tells nothing of the state.</summary>
    public bool IsOpen { get; init; }
}
