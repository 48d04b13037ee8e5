using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

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
