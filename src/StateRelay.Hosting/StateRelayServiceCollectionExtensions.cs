using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
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
    public static StateRelay.StateRelayBuilder AddStateRelay(this IServiceCollection services, Action<StateRelay.WebServerOptions>? configure = null) =>
        Add(services, Options.Options.DefaultName, configure);

    /// <summary>
    /// Serves states from this host once more, for other viewers or on another port: a relay with a name, whose <see cref="StateRelay.WebServer"/> is
    /// a keyed service of that name and whose options come from the configuration section <c>StateRelay:NAME</c>. For the rest see
    /// <see cref="AddStateRelay(IServiceCollection, Action{StateRelay.WebServerOptions})"/>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The relay's name. Not empty; <c>Events</c> and <c>GitHubWebhooks</c> are sections of the relay that has none.</param>
    /// <param name="configure">Sets options, after the configuration section. Null for none.</param>
    /// <returns>What states and listeners are added to. Calling again with the same name adds to the same relay.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static StateRelay.StateRelayBuilder AddStateRelay(this IServiceCollection services, string name, Action<StateRelay.WebServerOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Add(services, name, configure);
    }

    private static StateRelay.StateRelayBuilder Add(IServiceCollection services, string name, Action<StateRelay.WebServerOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        AddOptions<StateRelay.WebServerOptions>(services);
        AddOptions<StateRelay.HubOptions>(services);
        AddOptions<StateRelay.GitHubWebhookOptions>(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<StateRelay.StateRelayHostOptions>, ConfigureFromSection>());
        services.TryAddSingleton(provider => new ProgramHealth(
            provider.GetService<IHostApplicationLifetime>(),
            provider.GetService<HealthCheckService>(),
            provider.GetService<TimeProvider>() ?? TimeProvider.System));
        if (configure is not null)
            services.Configure(name, configure);

        if (!services.Any(service => service.ServiceType == typeof(HostedRelay) && name.Equals(service.ServiceKey)))
            AddRelay(services, name);
        return new StateRelay.StateRelayBuilder(services, name);
    }

    private static void AddOptions<TOptions>(IServiceCollection services)
        where TOptions : class
    {
        services.AddOptions();
        services.TryAddEnumerable(ServiceDescriptor.Singleton(typeof(IConfigureOptions<TOptions>), typeof(ConfigureFromSection)));
        services.TryAddEnumerable(ServiceDescriptor.Singleton(typeof(IValidateOptions<TOptions>), typeof(ValidateByRules)));
    }

    private static void AddRelay(IServiceCollection services, string name)
    {
        services.AddKeyedSingleton(name, (provider, _) => new RelayOptions(provider, name));
        services.AddKeyedSingleton(name, (provider, _) => new HostedRelay(provider, name));
        if (name.Length == 0)
            services.AddSingleton(provider => provider.GetRequiredKeyedService<HostedRelay>(name).Server);
        else
            services.AddKeyedSingleton(name, (provider, _) => provider.GetRequiredKeyedService<HostedRelay>(name).Server);
        services.AddSingleton<IHostedService>(provider => new RelayService(
            provider.GetRequiredKeyedService<HostedRelay>(name),
            provider.GetRequiredKeyedService<RelayOptions>(name).Host,
            (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("StateRelay.WebServer")));
    }
}
