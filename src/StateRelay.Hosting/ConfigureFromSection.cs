using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace StateRelay.Hosting;

/// <summary>
/// Binds the configuration section <c>StateRelay</c>, where the host has a configuration; for a relay with a name, the section of that
/// name in it.
/// </summary>
internal sealed class ConfigureFromSection(IServiceProvider provider) : IConfigureNamedOptions<WebServerOptions>, IConfigureNamedOptions<StateRelayHostOptions>
{
    private const string SectionName = "StateRelay";

    public void Configure(WebServerOptions options) => Configure(Options.DefaultName, options);

    public void Configure(StateRelayHostOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, WebServerOptions options)
    {
        if (Section(name) is not { } section)
            return;

        section.Bind(options);

        // Two values that the binder cannot read: a secret, and "any free port".
        if (section[nameof(options.ViewerToken)] is { Length: > 0 } token)
            options.ViewerToken = token;
        if (section[nameof(options.Port)] == "")
            options.Port = null;
    }

    public void Configure(string? name, StateRelayHostOptions options)
    {
        if (Section(name) is { } section)
            section.Bind(options);
    }

    private IConfigurationSection? Section(string? name) =>
        provider.GetService<IConfiguration>()?.GetSection(string.IsNullOrEmpty(name) ? SectionName : $"{SectionName}:{name}") is { } section && section.Exists()
            ? section
            : null;
}
