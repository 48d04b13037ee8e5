using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace StateRelay.Hosting;

/// <summary>All options of one relay of a host, checked together: whoever breaks rules in several places hears of all at once. Immutable once made.</summary>
internal sealed class RelayOptions
{
    private readonly IServiceProvider _provider;
    private readonly string _name;
    private readonly List<string> _problems = [];

    /// <exception cref="OptionsValidationException">Rules are broken; every one is named.</exception>
    public RelayOptions(IServiceProvider provider, string name)
    {
        _provider = provider;
        _name = name;
        Server = Read<WebServerOptions>();
        Host = Read<StateRelayHostOptions>();
        if (provider.GetServices<AddedEvents>().Any(added => added.Relay == name))
            Events = Read<HubOptions>();
        if (provider.GetServices<AddedWebhooks>().Any(added => added.Relay == name))
            Webhooks = Read<GitHubWebhookOptions>();
        if (_problems.Count > 0)
            throw new OptionsValidationException(name, typeof(WebServerOptions), _problems);
    }

    public WebServerOptions Server { get; }

    public StateRelayHostOptions Host { get; }

    /// <summary>Null for a relay without events.</summary>
    public HubOptions? Events { get; }

    /// <summary>Null for a relay that takes in no deliveries of GitHub's.</summary>
    public GitHubWebhookOptions? Webhooks { get; }

    private TOptions Read<TOptions>()
        where TOptions : class, new()
    {
        try
        {
            return _provider.GetRequiredService<IOptionsMonitor<TOptions>>().Get(_name);
        }
        catch (OptionsValidationException error)
        {
            _problems.AddRange(error.Failures);
            return new TOptions();
        }
    }
}
