using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace StateRelay.Hosting;

/// <summary>
/// Binds the configuration section <c>StateRelay</c>, where the host has a configuration; for a relay with a name, the section of that
/// name in it. Events and webhooks have their own sections in there, <c>Events</c> and <c>GitHubWebhooks</c>.
/// </summary>
internal sealed class ConfigureFromSection(IServiceProvider provider) :
    IConfigureNamedOptions<WebServerOptions>,
    IConfigureNamedOptions<StateRelayHostOptions>,
    IConfigureNamedOptions<HubOptions>,
    IConfigureNamedOptions<GitHubWebhookOptions>
{
    private const string SectionName = "StateRelay";

    public void Configure(WebServerOptions options) => Configure(Options.DefaultName, options);

    public void Configure(StateRelayHostOptions options) => Configure(Options.DefaultName, options);

    public void Configure(HubOptions options) => Configure(Options.DefaultName, options);

    public void Configure(GitHubWebhookOptions options) => Configure(Options.DefaultName, options);

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

    public void Configure(string? name, HubOptions options)
    {
        if (Section(name, "Events") is { } section)
            section.Bind(options);
    }

    public void Configure(string? name, GitHubWebhookOptions options)
    {
        if (Section(name, "GitHubWebhooks") is not { } section)
            return;

        section.Bind(options);

        // The binder reads no secrets.
        foreach (var secret in section.GetSection(nameof(options.Secrets)).GetChildren())
        {
            if (secret.Value is { Length: > 0 } text)
                options.Secrets.Add(text);
        }

        if (section[nameof(options.ApiToken)] is { Length: > 0 } token)
            options.ApiToken = token;
    }

    private IConfigurationSection? Section(string? name, params ReadOnlySpan<string> path)
    {
        var section = provider.GetService<IConfiguration>()?.GetSection(string.IsNullOrEmpty(name) ? SectionName : $"{SectionName}:{name}");
        foreach (var part in path)
            section = section?.GetSection(part);
        return section is not null && section.Exists() ? section : null;
    }
}
