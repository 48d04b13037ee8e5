using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.AspNetCore;
using StateRelay.Diagnostics;
using StateRelay.Http;
using StateRelay.Tests.Contract;

namespace StateRelay.Tests.AspNetCore;

/// <summary>The contract, on an application's Kestrel.</summary>
internal static class MappedRelay
{
    public static async Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock)
    {
        var application = new TestApplication(state: state).With(options);
        if (clock is not null)
            application.Services.AddSingleton(clock);
        await application.StartAsync(app => app.MapStateRelay("/"));
        return new RelayUnderTest(application.Relay.Address, application.Relay.ViewerLink, application.DisposeAsync);
    }
}

public sealed class MappedAbilityTests : AbilityContract
{
    protected override Ability[] Inabilities => [];

    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        MappedRelay.StartAsync(state, options, clock);
}

public sealed class MappedRouteTests : RouteContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        MappedRelay.StartAsync(state, options, clock);
}

public sealed class MappedValidatorTests : ValidatorContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        MappedRelay.StartAsync(state, options, clock);
}

public sealed class MappedHostContractTests : HostContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        MappedRelay.StartAsync(state, options, clock);
}

public sealed class MappedViewerTests : ViewerContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        MappedRelay.StartAsync(state, options, clock);
}

public sealed class MappedHandshakeTests : HandshakeContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        MappedRelay.StartAsync(state, options, clock);
}

public sealed class MappedLimitTests : LimitContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        MappedRelay.StartAsync(state, options, clock);
}

public sealed class MappedHostileTests : HostileContract
{
    protected override Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock) =>
        MappedRelay.StartAsync(state, options, clock);
}

public sealed class MappedWebhookTests : WebhookContract
{
    protected override async Task<(RelayUnderTest Relay, Hub Hub)> StartAsync(Action<GitHubWebhookOptions> configure, TimeProvider clock)
    {
        var application = new TestApplication();
        application.Services.AddSingleton(clock);
        application.Services.AddStateRelay().AddGitHubWebhooks(configure).AddClientAuthenticator(new StaticTokenAuthenticator([]));
        await application.StartAsync(app => app.MapStateRelay("/"));
        return (new RelayUnderTest(application.Relay.Address, application.Relay.ViewerLink, application.DisposeAsync), application.App.Services.GetRequiredService<Hub>());
    }
}

public sealed class MappedBodyTests : BodyContract
{
    private protected override async Task<RelayUnderTest> ServeAsync(Func<HttpExchange, Task> handle, TimeProvider clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var application = builder.Build();

        var instruments = new Instruments();
        var transport = new MappedTransport(application.Services, "/", compress: false);
        transport.Open(new WebServerOptions(), new TransportServices(clock, TimeSpan.FromSeconds(10), 100, instruments, NullLogger.Instance));
        transport.Serve(handle);
        application.Map("/{**" + MappedTransport.Rest + "}", transport.HandleAsync);
        await application.StartAsync();
        return new RelayUnderTest(new Uri(application.Urls.Single()), null, StopAsync);

        async ValueTask StopAsync()
        {
            transport.AbortAll();
            await application.StopAsync();
            await application.DisposeAsync();
            instruments.Dispose();
        }
    }
}
