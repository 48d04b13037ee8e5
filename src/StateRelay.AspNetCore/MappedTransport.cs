using System.Net;
using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

using StateRelay.Diagnostics;
using StateRelay.Http;

namespace StateRelay.AspNetCore;

/// <summary>
/// The endpoint of an application that brings a relay its requests. Accepting, parsing and its limits are the application's server's
/// affair; what is above them is the relay's, as with its own listener. Safe for use by any thread.
/// </summary>
internal sealed class MappedTransport(IServiceProvider application, string place, bool compress) : ITransport
{
    /// <summary>The route value that takes the path below the relay's place.</summary>
    public const string Rest = "staterelay";

    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];
    private static readonly string[] Everywhere = ["*", "+", "0.0.0.0", "[::]"];

    private readonly IList<StringSegment> _hostsOfTheApplication = HostsOf(application);

    // Set once, when it is known.
    private Uri? _address;

    // Set once, when the relay starts, which is before the application's server does.
    private volatile Served? _served;

    // Remembered: an application that is disposed without having been stopped can be asked for nothing any more.
    public Uri? Address => _address ??= AddressListenedOn() is { } listening ? new Uri(listening + PathOfThePage()) : null;

    public string CookieSuffix { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{application.GetService<IHostEnvironment>()?.ApplicationName}\n{place}")).AsSpan(0, 4));

    public IReadOnlyList<string> HostNames => Loopback;

    /// <summary>Becomes the transport of a relay that starts.</summary>
    public ITransport Open(WebServerOptions options, TransportServices services)
    {
        _served = new Served(options, services, new RequestsUnderWay(services), _ => Task.CompletedTask);
        return this;
    }

    public void Serve(Func<HttpExchange, Task> handle) => _served = _served! with { Handle = handle };

    public void WarnWhenOpenToAll(ILogger logger)
    {
        if (Addresses().All(IsLoopback) || application.GetService<IOptions<AuthorizationOptions>>()?.Value.FallbackPolicy is not null)
            return;
        if (Endpoint()?.Metadata is not { } metadata
            || (metadata.GetMetadata<IAuthorizeData>() is null && metadata.GetMetadata<AuthorizationPolicy>() is null)
            || metadata.GetMetadata<IAllowAnonymous>() is not null)
            Log.MappedOpenToAll(logger, PathOfThePage());
    }

    public Task WhenDoneAsync(CancellationToken deadline) => _served!.Requests.WhenDoneAsync(deadline);

    public void AbortAll() => _served!.Requests.AbortAll();

    // What still comes is refused by the relay, until the application's server stops too.
    public Task StopAsync() => Task.CompletedTask;

    /// <summary>Serves one request of the application's to its end.</summary>
    public Task HandleAsync(HttpContext context)
    {
        if (_served is not { } served)
            throw new InvalidOperationException("The relay does not run: its host was not started.");

        var path = PathBelow(context);
        var exchange = new ContextExchange(context, path, served.Services)
        {
            HostIsSettled = IsHostSettled(context, served.Options),
            Compresses = compress && served.Options.ViewerToken is null,
            PongTimeout = served.Options.PongTimeout,
        };

        // A target without a path, such as an asterisk, leads nowhere; it is answered like any other of that kind.
        return served.Requests.ServeAsync(exchange, path.Length == 0 && exchange.WholePath.Length > 0 ? AddSlashAsync : served.Handle);
    }

    // The page names everything relative to its own path, which therefore must end with a slash. The answer is relative too: a
    // proxy in front may have taken a part of the path away that only the browser knows.
    private static Task AddSlashAsync(HttpExchange exchange)
    {
        var path = ((ContextExchange)exchange).WholePath;
        var query = exchange.Query.Length == 0 ? "" : "?" + exchange.Query;
        return exchange.AnswerAsync(HttpAnswer.Empty(
            307,
            new("Location", $"./{path[(path.LastIndexOf('/') + 1)..]}/{query}"),
            new("Cache-Control", "no-store")));
    }

    // Each segment of the pattern but the last takes one segment of the path.
    private static string PathBelow(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var below = 0;
        for (var segments = ((RouteEndpoint)context.GetEndpoint()!).RoutePattern.PathSegments.Count - 1; segments > 0 && below >= 0; segments--)
            below = path.IndexOf('/', below + 1);
        return below < 0 ? "" : new PathString(path[below..]).ToUriComponent();
    }

    // Against DNS rebinding: whoever comes without a proof of who he is must name a host that somebody has named. A page of
    // another site, with a name of its own that leads here, has neither the cookies nor the tokens of this one.
    private bool IsHostSettled(HttpContext context, WebServerOptions options) =>
        options.ViewerToken is not null
        || ContextExchange.IsAuthenticated(context)
        || (context.GetEndpoint()?.Metadata.GetMetadata<IHostMetadata>()?.Hosts is { Count: > 0 } required && !required.Any(host => host.Split(':')[0] == "*"))
        || (_hostsOfTheApplication.Count > 0 && HostString.MatchesAny(context.Request.Host.Host, _hostsOfTheApplication));

    // The list of the host filtering, where it is one.
    private static IList<StringSegment> HostsOf(IServiceProvider application) =>
        application.GetService<IOptions<HostFilteringOptions>>()?.Value.AllowedHosts is { } hosts && !hosts.Any(host => host is "*" or "+" or "[::]" or "0.0.0.0")
            ? [.. hosts.Select(host => new StringSegment(host))]
            : [];

    private BindingAddress[] Addresses() =>
        [.. (application.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).Select(BindingAddress.Parse)];

    private string? AddressListenedOn() =>
        Addresses().FirstOrDefault(address => !address.IsUnixPipe && !address.IsNamedPipe && address.Port != 0) is { } address
            ? $"{address.Scheme}://{(Everywhere.Contains(address.Host) ? "localhost" : address.Host)}:{address.Port}"
            : null;

    private string PathOfThePage() => "/" + (Endpoint()?.RoutePattern.RawText ?? place + "/").Replace("{**" + Rest + "}", "", StringComparison.Ordinal).TrimStart('/');

    private RouteEndpoint? Endpoint() =>
        application.GetService<EndpointDataSource>()?.Endpoints.OfType<RouteEndpoint>().FirstOrDefault(endpoint => endpoint.Metadata.Contains(this));

    private static bool IsLoopback(BindingAddress address) =>
        address.IsUnixPipe || address.IsNamedPipe
        || address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    private sealed record Served(WebServerOptions Options, TransportServices Services, RequestsUnderWay Requests, Func<HttpExchange, Task> Handle);
}
