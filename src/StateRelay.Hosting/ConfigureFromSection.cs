using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace StateRelay.Hosting;

/// <summary>Binds the configuration section <c>StateRelay</c>, where the host has a configuration.</summary>
internal sealed class ConfigureFromSection(IServiceProvider provider) : IConfigureOptions<WebServerOptions>
{
    private const string SectionName = "StateRelay";

    public void Configure(WebServerOptions options)
    {
        if (provider.GetService<IConfiguration>()?.GetSection(SectionName) is not { } section || !section.Exists())
            return;

        section.Bind(options);

        // Two values that the binder cannot read: a secret, and "any free port".
        if (section[nameof(options.ViewerToken)] is { Length: > 0 } token)
            options.ViewerToken = token;
        if (section[nameof(options.Port)] == "")
            options.Port = null;
    }
}
