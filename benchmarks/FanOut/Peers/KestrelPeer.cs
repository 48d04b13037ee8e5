using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>What the peers on Kestrel have in common: an application on a free port of this machine that logs nothing.</summary>
internal abstract class KestrelPeer : IPeer
{
    private WebApplication? _app;

    public abstract int Clients { get; }

    protected IServiceProvider Services => _app!.Services;

    public async Task<int> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        Add(builder.Services);
        _app = builder.Build();
        Use(_app);
        await _app.StartAsync();
        Started();
        return new Uri(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    public abstract ValueTask PublishAsync(ReadOnlyMemory<string> burst);

    public virtual async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }

    protected virtual void Add(IServiceCollection services)
    {
    }

    protected abstract void Use(WebApplication app);

    protected virtual void Started()
    {
    }
}
