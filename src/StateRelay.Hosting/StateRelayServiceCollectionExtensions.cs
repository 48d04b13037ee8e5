using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

using StateRelay.Hosting;

// The namespace that every host has in use already, so that the one call is found.
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Runs StateRelay inside a generic host.</summary>
public static class StateRelayServiceCollectionExtensions
{
    /// <summary>
    /// Serves states from this host: at <c>http://localhost:8080/</c> unless told otherwise, from before the first hosted service starts until
    /// after the last one has stopped, so that viewers see how everything began and ended. A port that is taken stops the host's
    /// start. With no state added, the host's own name, environment and start time are shown.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">
    /// Sets options; runs after the configuration section <c>StateRelay</c> was bound to them, so what it sets stands. Null for none.
    /// </param>
    /// <returns>What states and listeners are added to. Calling again adds to the same relay.</returns>
    public static StateRelay.StateRelayBuilder AddStateRelay(this IServiceCollection services, Action<StateRelay.WebServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<StateRelay.WebServerOptions>, ConfigureFromSection>());
        if (configure is not null)
            services.Configure(configure);

        services.TryAddSingleton<ServedStates>();
        services.TryAddSingleton(provider => provider.GetRequiredService<ServedStates>().MakeServer());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RelayService>());
        return new StateRelay.StateRelayBuilder(services);
    }
}
