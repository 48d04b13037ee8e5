using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace StateRelay.Hosting;

/// <summary>A state that was added to a relay, and where it comes from.</summary>
internal sealed record ServedState(string Relay, string Name, Func<IServiceProvider, StateStore> Store);

/// <summary>A listener that was added, to which state of which relay, and where it comes from.</summary>
internal sealed record AddedListener(string Relay, string StateName, Func<IServiceProvider, IStateListener> Listener);

/// <summary>That a relay has events.</summary>
internal sealed record AddedEvents(string Relay);

/// <summary>That a relay takes in GitHub's deliveries.</summary>
internal sealed record AddedWebhooks(string Relay);

/// <summary>What is shown of a host that added no state of its own.</summary>
internal sealed record HostedApplication(string Application, string Environment, DateTimeOffset StartTime);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HostedApplication))]
internal sealed partial class HostingJson : JsonSerializerContext;

/// <summary>One relay of a host: everything that was added to it, and the server made of that. Immutable once made.</summary>
internal sealed class HostedRelay
{
    private readonly IServiceProvider _provider;
    private readonly string _name;
    private readonly RelayOptions _options;
    private readonly List<KeyValuePair<string, StateStore>> _states;

    public HostedRelay(IServiceProvider provider, string name)
    {
        _provider = provider;
        _name = name;
        _options = provider.GetRequiredKeyedService<RelayOptions>(name);
        _states = [.. provider.GetServices<ServedState>().Where(state => state.Relay == name).Select(state => KeyValuePair.Create(state.Name, state.Store(provider)))];
        if (_states.Count == 0)
            _states.Add(KeyValuePair.Create<string, StateStore>(StateRelayBuilder.DefaultName, StateOfTheHost(provider)));
        Server = MakeServer();
    }

    /// <summary>What serves it. Not started.</summary>
    public WebServer Server { get; }

    /// <summary>Begins to tell every listener that was added; dispose what is returned to end it.</summary>
    /// <exception cref="InvalidOperationException">A listener was added to a state that was not.</exception>
    public List<IDisposable> Listen() =>
        [.. _provider.GetServices<AddedListener>().Where(added => added.Relay == _name).Select(added =>
        {
            var store = Find(added.StateName) ?? throw new InvalidOperationException(
                $"A listener was added to the state \"{added.StateName}\", but there is none of that name, only: {string.Join(", ", _states.Select(state => state.Key))}.");
            return store.OnStateChange(added.Listener(_provider));
        })];

    // Viewers who name no state ask for the default one: where none has its name, the first is served under it too.
    private WebServer MakeServer()
    {
        var server = new WebServer(
            Find(StateRelayBuilder.DefaultName) ?? _states[0].Value,
            _options.Server,
            _provider.GetService<ILoggerFactory>(),
            _provider.GetService<TimeProvider>())
        {
            Meters = _provider.GetService<IMeterFactory>(),
            Health = _provider.GetRequiredService<ProgramHealth>().AskAsync,
        };
        foreach (var (name, store) in _states)
        {
            if (name != StateRelayBuilder.DefaultName)
                server.AddState(name, store);
        }

        if (_options.Events is not null)
            AddEvents(server);
        return server;
    }

    private void AddEvents(WebServer server)
    {
        var hub = _provider.GetRequiredKeyedService<Hub>(_name);
        var authenticator = _provider.GetKeyedService<IClientAuthenticator>(_name);
        if (_options.Webhooks is { } webhooks)
            server.AddGitHubWebhooks(hub, webhooks);

        server.AddEvents(hub, authenticator ?? throw new InvalidOperationException(
            "Events were added, but nothing that finds out who a client is: call AddClientAuthenticator."));
    }

    private static StateStore<HostedApplication> StateOfTheHost(IServiceProvider provider)
    {
        var clock = provider.GetService<TimeProvider>() ?? TimeProvider.System;
        var environment = provider.GetService<IHostEnvironment>();
        var application = new HostedApplication(
            environment?.ApplicationName ?? AppDomain.CurrentDomain.FriendlyName,
            environment?.EnvironmentName ?? Environments.Production,
            clock.GetUtcNow());
        return new StateStore<HostedApplication>(application, HostingJson.Default.HostedApplication, clock: clock);
    }

    private StateStore? Find(string name) => _states.Find(state => state.Key == name).Value;
}
