using System.Net;
using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>What brings a relay its requests.</summary>
public enum Transport
{
    /// <summary>The relay's own listener.</summary>
    Listener,

    /// <summary>An application's Kestrel.</summary>
    Kestrel,
}

/// <summary>A real relay at a free port of this machine, of one state, of events and of GitHub's webhooks, on either transport.</summary>
internal sealed class ServedRelay : IAsyncDisposable
{
    /// <summary>A token of somebody of the organization <c>acme</c>.</summary>
    public const string AmysToken = "amy-token";

    private readonly Func<ValueTask> _stop;

    private ServedRelay(WebServer server, StateStore<Beat> state, Hub hub, Func<ValueTask> stop) => (Server, State, Hub, _stop) = (server, state, hub, stop);

    public WebServer Server { get; }

    public StateStore<Beat> State { get; }

    public Hub Hub { get; }

    public Uri Address => new UriBuilder(Server.Address) { Host = "localhost", Query = "" }.Uri;

    /// <summary>Starts one.</summary>
    /// <param name="transport">What it is served by.</param>
    /// <param name="change">Sets options of the server.</param>
    /// <param name="changeHub">Sets options of the hub.</param>
    /// <param name="more">Further states, by name.</param>
    public static Task<ServedRelay> StartAsync(
        Transport transport,
        Action<WebServerOptions>? change = null,
        Action<HubOptions>? changeHub = null,
        params (string Name, StateStore Store)[] more)
    {
        var state = new StateStore<Beat>(new Beat(0, new string('s', 300)), ReliabilityJson.Default.Beat);
        return transport == Transport.Listener ? ListenAsync(state, Configure, changeHub, more) : MapAsync(state, Configure, changeHub, more);

        void Configure(WebServerOptions options)
        {
            options.Port = null;
            options.CoalescingInterval = TimeSpan.FromMilliseconds(10);
            (options.MaxConnections, options.MaxConnectionsPerAddress, options.MaxConnectsPerMinute) = (10_000, 10_000, 1_000_000);
            change?.Invoke(options);
        }
    }

    public ValueTask DisposeAsync() => _stop();

    private static StaticTokenAuthenticator People() =>
        new([new(new Secret(AmysToken), new ClientIdentity("amy") { Organizations = ["acme"] })]);

    private static async Task<ServedRelay> ListenAsync(
        StateStore<Beat> state, Action<WebServerOptions> configure, Action<HubOptions>? configureHub, (string Name, StateStore Store)[] more)
    {
        var (options, hubOptions) = (new WebServerOptions(), new HubOptions());
        configure(options);
        configureHub?.Invoke(hubOptions);
        var hub = new Hub(hubOptions);
        var server = new WebServer(state, options);
        foreach (var (name, store) in more)
            server.AddState(name, store);
        server.AddEvents(hub, People()).AddGitHubWebhooks(hub, Webhooks(new GitHubWebhookOptions()));
        await server.StartAsync();
        return new ServedRelay(server, state, hub, StopAsync);

        async ValueTask StopAsync()
        {
            await server.DisposeAsync();
            hub.Dispose();
        }
    }

    private static async Task<ServedRelay> MapAsync(
        StateStore<Beat> state, Action<WebServerOptions> configure, Action<HubOptions>? configureHub, (string Name, StateStore Store)[] more)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Hostile", EnvironmentName = "Testing" });
        var port = 0;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        var relay = builder.Services.AddStateRelay(configure).AddState(state);
        foreach (var (name, store) in more)
            relay.AddState(store, name);
        relay.AddEvents(configureHub).AddClientAuthenticator(People()).AddGitHubWebhooks(options => Webhooks(options));

        var application = builder.Build();
        port = application.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<WebServerOptions>>().Value.Port ?? 0;
        application.MapStateRelay("/");
        await application.StartAsync();
        return new ServedRelay(application.Services.GetRequiredService<WebServer>(), state, application.Services.GetRequiredService<Hub>(), StopAsync);

        async ValueTask StopAsync()
        {
            await application.StopAsync();
            await application.DisposeAsync();
        }
    }

    private static GitHubWebhookOptions Webhooks(GitHubWebhookOptions options)
    {
        options.Secrets.Add(new Secret("it is signed with this"));
        options.MaxRefusalsPerMinute = 100_000;
        return options;
    }
}

/// <summary>A state as large as its text; beside 300 letters a new count is a small change.</summary>
internal sealed record Beat(int Count, string Text);

[JsonSerializable(typeof(Beat))]
internal sealed partial class ReliabilityJson : JsonSerializerContext;
