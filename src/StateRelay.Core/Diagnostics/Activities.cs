using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;

namespace StateRelay.Diagnostics;

/// <summary>
/// What StateRelay tells about the course of single things, under the source <c>StateRelay</c>: requests to its own listener (those to an
/// application's server are told by that), deliveries of webhooks, broadcasts, and its stop. No tag names a client or holds anything of a
/// payload. Costs nothing while nobody listens.
/// </summary>
internal static class Activities
{
    public const string SourceName = "StateRelay";

    public const string Request = "staterelay.request";

    public const string Delivery = "staterelay.delivery";

    public const string Broadcast = "staterelay.broadcast";

    public const string Stop = "staterelay.stop";

    private const string MethodTag = "http.request.method", Other = "_OTHER", EventTypeTag = "staterelay.event.type";

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

    /// <summary>Begins a delivery to this path, as a part of its request; null when nobody listens. Dispose it when it is known what became of it.</summary>
    public static Activity? StartDelivery(string path)
    {
        var activity = Source.StartActivity(Delivery, ActivityKind.Consumer);
        if (activity is null)
            return null;
        activity.DisplayName = $"process {path}";
        activity.SetTag("messaging.system", "github");
        activity.SetTag("messaging.operation.name", "process");
        activity.SetTag("messaging.operation.type", "process");
        activity.SetTag("messaging.destination.name", path);
        return activity;
    }

    /// <summary>Says what a delivery is, and what became of it. Only for one whose signature is right.</summary>
    public static void Delivered(Activity? delivery, string? id, string? type, string result)
    {
        delivery?.SetTag("messaging.message.id", id);
        delivery?.SetTag(EventTypeTag, type);
        delivery?.SetTag("staterelay.result", result);
    }

    /// <summary>Says why a delivery was refused.</summary>
    public static void Refused(Activity? delivery, string reason)
    {
        delivery?.SetTag("error.type", reason);
        delivery?.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Begins to tell an event to those who follow; null when nobody listens. Dispose it when all of them are woken.</summary>
    public static Activity? StartBroadcast(string type)
    {
        var activity = Source.StartActivity(Broadcast, ActivityKind.Producer);
        if (activity is null)
            return null;
        activity.DisplayName = "broadcast events";
        activity.SetTag("messaging.system", "staterelay");
        activity.SetTag("messaging.operation.name", "broadcast");
        activity.SetTag("messaging.operation.type", "send");
        activity.SetTag("messaging.destination.name", "events");
        activity.SetTag(EventTypeTag, type);
        return activity;
    }

    /// <summary>Says which number an event has, and for how many it is.</summary>
    public static void Told(Activity? broadcast, long seq, int matched)
    {
        broadcast?.SetTag("messaging.message.id", seq.ToString(CultureInfo.InvariantCulture));
        broadcast?.SetTag("staterelay.matched", matched);
    }

    /// <summary>Begins a stop, with so many clients to tell; null when nobody listens. Dispose it when all is stopped.</summary>
    public static Activity? StartStop(int clients) =>
        Source.StartActivity(Stop)?.SetTag("staterelay.clients", clients);
}
