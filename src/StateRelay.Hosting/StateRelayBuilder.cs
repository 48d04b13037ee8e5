using System.Diagnostics.Metrics;
using System.Text.Json.Serialization.Metadata;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

using StateRelay.Hosting;

namespace StateRelay;

/// <summary>Adds states and listeners to the relay of a host. Used by one thread, while the host is built.</summary>
public sealed class StateRelayBuilder
{
    /// <summary>The name of the state that viewers see who ask for none.</summary>
    public const string DefaultName = "state";

    internal StateRelayBuilder(IServiceCollection services, string name)
    {
        Services = services;
        Name = name;
    }

    /// <summary>The relay's name; empty for the one that has none.</summary>
    public string Name { get; }

    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Serves a state of any type. Its <see cref="StateStore{T}"/> can be injected: plainly the first one of its type, as a keyed service
    /// every one: by <paramref name="name"/>, in a relay that has a name itself by both, <c>relay/state</c>.
    /// </summary>
    /// <param name="initial">The first value. Not null.</param>
    /// <param name="typeInfo">How the value is written as JSON: a member of a source-generated <c>JsonSerializerContext</c>.</param>
    /// <param name="name">What viewers ask for. Not taken yet.</param>
    /// <param name="options">What is particular to this state; null for the defaults.</param>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    public StateRelayBuilder AddState<T>(T initial, JsonTypeInfo<T> typeInfo, string name = DefaultName, StateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(initial);
        ArgumentNullException.ThrowIfNull(typeInfo);
        var key = Key(name);
        AddServed(name, provider => provider.GetRequiredKeyedService<StateStore<T>>(key));
        Services.AddKeyedSingleton(key, (provider, _) => new StateStore<T>(
            initial,
            typeInfo,
            options,
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>()?.CreateLogger<StateStore>()));
        Services.TryAddSingleton(provider => provider.GetRequiredKeyedService<StateStore<T>>(key));
        return this;
    }

    /// <summary>Serves a state that exists already.</summary>
    /// <param name="store">The state; it may be served by others too.</param>
    /// <param name="name">What viewers ask for. Not taken yet.</param>
    /// <exception cref="ArgumentException">The name is empty or taken.</exception>
    public StateRelayBuilder AddState(StateStore store, string name = DefaultName)
    {
        ArgumentNullException.ThrowIfNull(store);
        AddServed(name, _ => store);
        return this;
    }

    /// <summary>
    /// Serves a long job made of items. Its <see cref="OperationTracker"/> can be injected: plainly the first one, as a keyed service
    /// every one: by <paramref name="name"/>, in a relay that has a name itself by both, <c>relay/operation</c>.
    /// </summary>
    /// <param name="title">What the operation is called. Not empty.</param>
    /// <param name="options">How it counts, paces and remembers; null for the defaults.</param>
    /// <param name="name">What viewers ask for. Not taken yet.</param>
    /// <exception cref="ArgumentException">The title is empty, or the name is empty or taken.</exception>
    public StateRelayBuilder AddOperation(string title, OperationTrackerOptions? options = null, string name = DefaultName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(title);
        var key = Key(name);
        AddServed(name, provider => provider.GetRequiredKeyedService<OperationTracker>(key).State);
        Services.AddKeyedSingleton(key, (provider, _) => new OperationTracker(
            title,
            options,
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>()?.CreateLogger<OperationTracker>()));
        Services.TryAddSingleton(provider => provider.GetRequiredKeyedService<OperationTracker>(key));
        return this;
    }

    /// <summary>Tells a service of every change of one state, from before the first hosted service starts until the relay has stopped.</summary>
    /// <typeparam name="T">The listener; registered as a singleton unless it is registered already.</typeparam>
    /// <param name="name">The state to listen to.</param>
    public StateRelayBuilder AddListener<
        [System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        string name = DefaultName)
        where T : class, IStateListener
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Services.TryAddSingleton<T>();
        Services.AddSingleton(new AddedListener(Name, name, provider => provider.GetRequiredService<T>()));
        return this;
    }

    /// <summary>
    /// Relays events to clients. The <see cref="Hub"/> that they are broadcast through can be injected, in a relay that has a name as a keyed
    /// service of that name. Clients are known by what <see cref="AddClientAuthenticator{T}"/> added; where nothing was, and GitHub's
    /// webhooks are taken in, by their GitHub tokens.
    /// </summary>
    /// <param name="configure">
    /// Sets how the hub keeps and hands out events; runs after the configuration section <c>StateRelay:Events</c> was bound. Null for none.
    /// Calling again sets more.
    /// </param>
    public StateRelayBuilder AddEvents(Action<HubOptions>? configure = null)
    {
        var name = Name;
        if (configure is not null)
            Services.Configure(name, configure);
        if (Services.Any(service => service.ImplementationInstance is AddedEvents other && other.Relay == name))
            return this;

        Services.AddSingleton(new AddedEvents(name));
        Services.AddKeyedSingleton(name, (provider, _) => new Hub(
            provider.GetRequiredKeyedService<RelayOptions>(name).Events,
            provider.GetService<ILoggerFactory>(),
            provider.GetService<TimeProvider>(),
            provider.GetService<IMeterFactory>()));
        if (name.Length == 0)
            Services.AddSingleton(provider => provider.GetRequiredKeyedService<Hub>(name));
        return this;
    }

    /// <summary>Takes in deliveries of GitHub's webhooks and relays what they tell, as <see cref="AddEvents"/> does with the host's own events.</summary>
    /// <param name="configure">
    /// Sets options; runs after the configuration section <c>StateRelay:GitHubWebhooks</c> was bound, whose <c>Secrets</c> are kept out of
    /// code. Null for none. One of both has to give at least one secret, which is checked when the host starts.
    /// </param>
    public StateRelayBuilder AddGitHubWebhooks(Action<GitHubWebhookOptions>? configure = null)
    {
        AddEvents();
        if (configure is not null)
            Services.Configure(Name, configure);
        Services.TryAddKeyedSingleton<IClientAuthenticator>(
            Name,
            (provider, _) => new GitHubAuthenticator(null, provider.GetService<ILoggerFactory>(), provider.GetService<TimeProvider>()));
        if (!Services.Any(service => service.ImplementationInstance is AddedWebhooks other && other.Relay == Name))
            Services.AddSingleton(new AddedWebhooks(Name));
        return this;
    }

    /// <summary>Finds out who the clients are that follow events.</summary>
    /// <typeparam name="T">Made once, with the host's services.</typeparam>
    public StateRelayBuilder AddClientAuthenticator<
        [System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(System.Diagnostics.CodeAnalysis.DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IClientAuthenticator
    {
        Services.AddKeyedSingleton<IClientAuthenticator, T>(Name);
        return this;
    }

    /// <summary>Finds out who the clients are that follow events, by something that exists already.</summary>
    /// <param name="authenticator">For example a <see cref="StaticTokenAuthenticator"/>.</param>
    public StateRelayBuilder AddClientAuthenticator(IClientAuthenticator authenticator)
    {
        ArgumentNullException.ThrowIfNull(authenticator);
        Services.AddKeyedSingleton(Name, authenticator);
        return this;
    }

    private string Key(string state) => Name.Length == 0 ? state : $"{Name}/{state}";

    private void AddServed(string name, Func<IServiceProvider, StateStore> store)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (Services.Any(service => service.ImplementationInstance is ServedState other && other.Relay == Name && other.Name == name))
            throw new ArgumentException($"There is a state named \"{name}\" already; give this one another name.", nameof(name));
        Services.AddSingleton(new ServedState(Name, name, store));
    }
}
