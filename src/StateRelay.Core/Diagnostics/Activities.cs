using System.Collections.Frozen;
using System.Diagnostics;

namespace StateRelay.Diagnostics;

/// <summary>
/// What StateRelay tells about the course of single things, under the source <c>StateRelay</c>: requests to its own listener (those to an
/// application's server are told by that) and its stop. Costs nothing while nobody listens.
/// </summary>
internal static class Activities
{
    public const string SourceName = "StateRelay";

    public const string Request = "staterelay.request";

    public const string Stop = "staterelay.stop";

    private const string MethodTag = "http.request.method", Other = "_OTHER";

    private static readonly FrozenSet<string> Methods = FrozenSet.Create("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE");

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins a request, as a part of what its client is doing; null when nobody listens. Dispose it when it is answered.</summary>
    public static Activity? StartRequest(string method, string? traceParent, string? traceState)
    {
        if (!Source.HasListeners())
            return null;
        ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var client);
        var activity = Source.StartActivity(Request, ActivityKind.Server, client);
        activity?.SetTag(MethodTag, Methods.Contains(method) ? method : Other);
        return activity;
    }

    /// <summary>Says where a request leads. Only for paths that exist: there are few.</summary>
    public static void Routed(Activity? request, string route)
    {
        if (request is null)
            return;
        request.DisplayName = $"{(request.GetTagItem(MethodTag) is Other ? "HTTP" : request.GetTagItem(MethodTag))} {route}";
        request.SetTag("http.route", route);
    }

    /// <summary>Ends a request.</summary>
    public static void Answered(Activity? request, int status)
    {
        if (request is null)
            return;
        request.SetTag("http.response.status_code", status);
        if (status >= 500)
            request.SetStatus(ActivityStatusCode.Error);
        request.Stop();
    }

    /// <summary>Begins a stop, with so many clients to tell; null when nobody listens. Dispose it when all is stopped.</summary>
    public static Activity? StartStop(int clients) =>
        Source.StartActivity(Stop)?.SetTag("staterelay.clients", clients);
}
