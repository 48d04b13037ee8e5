using System.Diagnostics.CodeAnalysis;

using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

using StateRelay;
using StateRelay.AspNetCore;

// The namespace that every application has in use already, so that the one call is found.
namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves StateRelay from an application's own server.</summary>
public static class StateRelayEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Serves the relay that <c>AddStateRelay()</c> added at a path of this application: the page at <c>/relay/</c>, JSON at <c>/relay/api/state</c>,
    /// the WebSocket at <c>/relay/ws</c>. No port is opened for it then, and <see cref="WebServerOptions.Host"/> and
    /// <see cref="WebServerOptions.Port"/> mean nothing. Before the application starts, once for each relay.
    /// </summary>
    /// <remarks>
    /// The relay stops with the application, before its server does: every client is told, and has
    /// <see cref="WebServerOptions.ShutdownTimeout"/>, but no longer than the host's own, to hear it.
    /// </remarks>
    /// <param name="endpoints">The application, or a group of its routes.</param>
    /// <param name="pattern">The path, for example <c>/relay</c>; <c>/</c> for all of the application that nothing else is mapped to.</param>
    /// <param name="configure">Sets options of the mapping; null for none.</param>
    /// <returns>
    /// What <c>RequireAuthorization</c>, <c>RequireHost</c>, <c>RequireRateLimiting</c> and <c>RequireCors</c> are called on; they hold for
    /// everything below the path.
    /// </returns>
    /// <exception cref="InvalidOperationException">There is no relay, or it is mapped or started already.</exception>
    public static IEndpointConventionBuilder MapStateRelay(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Action<StateRelayMappingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        var options = new StateRelayMappingOptions();
        configure?.Invoke(options);
        var server = (options.RelayName is { } name ? endpoints.ServiceProvider.GetKeyedService<WebServer>(name) : endpoints.ServiceProvider.GetService<WebServer>())
            ?? throw new InvalidOperationException($"There is no relay to map: call AddStateRelay({(options.RelayName is null ? "" : $"\"{options.RelayName}\"")}) on the application's services first.");

        var place = pattern.TrimEnd('/');
        var transport = new MappedTransport(endpoints.ServiceProvider, place, options.CompressWebSockets);
        server.ServeThrough(transport.Open);

        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.Use(HeldUpgrade.HoldAsync);
        pipeline.UseWebSockets();
        pipeline.Run(transport.HandleAsync);
        return endpoints.Map(place + "/{**" + MappedTransport.Rest + "}", pipeline.Build()).WithMetadata(transport).WithDisplayName($"StateRelay {place}/");
    }
}
