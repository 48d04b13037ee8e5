using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>StateRelay mapped into an ASP.NET Core application, below <see cref="Place"/>.</summary>
internal sealed class MappedRelayPeer : KestrelPeer
{
    public const string Place = "/relay";

    private readonly Relayed _relayed = new();
    private Hub? _hub;

    public override int Clients => Services.GetRequiredService<WebServer>().ClientCount;

    public override ValueTask PublishAsync(ReadOnlyMemory<string> burst)
    {
        foreach (var text in burst.Span)
            _hub!.Broadcast(new Event("tick") { DeliveryId = text }, EventAudience.Everyone);
        return default;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _relayed.Dispose();
    }

    protected override void Add(IServiceCollection services) =>
        services.AddStateRelay(Relayed.Set).AddState(_relayed.State).AddEvents().AddClientAuthenticator(_relayed.People);

    protected override void Use(WebApplication app) => app.MapStateRelay(Place);

    protected override void Started() => _hub = Services.GetRequiredService<Hub>();
}
