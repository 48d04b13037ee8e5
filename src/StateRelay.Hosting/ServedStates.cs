using System.Text.Json.Serialization;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace StateRelay.Hosting;

/// <summary>A state that was added, and where it comes from.</summary>
internal sealed record ServedState(string Name, Func<IServiceProvider, StateStore> Store);

/// <summary>A listener that was added, to which state, and where it comes from.</summary>
internal sealed record AddedListener(string StateName, Func<IServiceProvider, IStateListener> Listener);

/// <summary>What is shown of a host that added no state of its own.</summary>
internal sealed record HostedApplication(string Application, string Environment, DateTimeOffset StartTime);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HostedApplication))]
internal sealed partial class HostingJson : JsonSerializerContext;

/// <summary>Everything that the host added to its relay. Immutable once made.</summary>
internal sealed class ServedStates
{
    private readonly IServiceProvider _provider;
    private readonly List<KeyValuePair<string, StateStore>> _states;

    public ServedStates(IServiceProvider provider)
    {
        _provider = provider;
        _states = [.. provider.GetServices<ServedState>().Select(state => KeyValuePair.Create(state.Name, state.Store(provider)))];
        if (_states.Count == 0)
            _states.Add(KeyValuePair.Create<string, StateStore>(StateRelayBuilder.DefaultName, StateOfTheHost(provider)));
    }

    /// <summary>
    /// Makes the server of them. Viewers who name no state ask for the default one: where none has its name, the first is
    /// served under it too.
    /// </summary>
    public WebServer MakeServer()
    {
        var server = new WebServer(
            Find(StateRelayBuilder.DefaultName) ?? _states[0].Value,
            _provider.GetRequiredService<IOptions<WebServerOptions>>().Value,
            _provider.GetService<ILoggerFactory>(),
            _provider.GetService<TimeProvider>());
        foreach (var (name, store) in _states)
        {
            if (name != StateRelayBuilder.DefaultName)
                server.AddState(name, store);
        }

        return server;
    }

    /// <summary>Begins to tell every listener that was added; dispose what is returned to end it.</summary>
    /// <exception cref="InvalidOperationException">A listener was added to a state that was not.</exception>
    public List<IDisposable> Listen() =>
        [.. _provider.GetServices<AddedListener>().Select(added =>
        {
            var store = Find(added.StateName) ?? throw new InvalidOperationException(
                $"A listener was added to the state \"{added.StateName}\", but there is none of that name, only: {string.Join(", ", _states.Select(state => state.Key))}.");
            return store.OnStateChange(added.Listener(_provider));
        })];

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
