using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Diagnostics;
using StateRelay.Http;

namespace StateRelay.Tests.Contract;

/// <summary>The contract, on <see cref="WebServer"/>'s own listener.</summary>
internal static class ListenerRelay
{
    /// <summary>The listener answers 404 to a host that none of its prefixes names, before we see the request.</summary>
    public static readonly int[] ForeignHostStatuses = [421, 404];

    public static async Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock)
    {
        var server = new WebServer(state, options, clock: clock);
        await server.StartAsync();
        return new RelayUnderTest(server.Address, server.ViewerLink, server.DisposeAsync);
    }
}

public sealed class ListenerAbilityTests : AbilityContract
{
    // All of them: this is the list that docs/security.md explains.
    protected override Ability[] Inabilities => Enum.GetValues<Ability>();

    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        ListenerRelay.StartAsync(state, options, clock);
}

public sealed class ListenerRouteTests : RouteContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        ListenerRelay.StartAsync(state, options, clock);
}

public sealed class ListenerValidatorTests : ValidatorContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        ListenerRelay.StartAsync(state, options, clock);
}

public sealed class ListenerHostContractTests : HostContract
{
    protected override int[] ForeignHostStatuses => ListenerRelay.ForeignHostStatuses;

    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        ListenerRelay.StartAsync(state, options, clock);
}

public sealed class ListenerViewerTests : ViewerContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        ListenerRelay.StartAsync(state, options, clock);
}

public sealed class ListenerHandshakeTests : HandshakeContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        ListenerRelay.StartAsync(state, options, clock);
}

public sealed class ListenerLimitTests : LimitContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        ListenerRelay.StartAsync(state, options, clock);
}

public sealed class ListenerHostileTests : HostileContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        ListenerRelay.StartAsync(state, options, clock);
}

public sealed class ListenerWebhookTests : WebhookContract
{
    protected override async Task<(RelayUnderTest Relay, Hub Hub)> StartAsync(Action<GitHubWebhookOptions> configure, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new GitHubWebhookOptions();
        configure(options);
        var hub = new Hub(clock: clock);
        var server = new WebServer(hub, new StaticTokenAuthenticator([]), new WebServerOptions { Port = null }, clock: clock).AddGitHubWebhooks(hub, options);
        await server.StartAsync();
        return (new RelayUnderTest(server.Address, server.ViewerLink, StopAsync), hub);

        async ValueTask StopAsync()
        {
            await server.DisposeAsync();
            hub.Dispose();
        }
    }
}

public sealed class ListenerBodyTests : BodyContract
{
    // A connection that ends between two chunks looks to the listener like the end of the body.
    private protected override BodyOutcome OfChunksCutShort => BodyOutcome.Whole;

    private protected override Task<RelayUnderTest> ServeAsync(Func<HttpExchange, Task> handle, TimeProvider clock)
    {
        var instruments = new Instruments();
        var listener = ListenerHost.Bind(new WebServerOptions { Port = null }, new TransportServices(clock, TimeSpan.FromSeconds(10), 100, instruments, NullLogger.Instance));
        listener.Serve(handle);
        return Task.FromResult(new RelayUnderTest(listener.Address!, null, StopAsync));

        async ValueTask StopAsync()
        {
            listener.AbortAll();
            await listener.StopAsync();
            instruments.Dispose();
        }
    }
}
