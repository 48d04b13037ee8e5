using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace StateRelay.Tests.AspNetCore;

/// <summary>A real application on Kestrel, at a free port of this machine, with nothing in it but what a test adds.</summary>
internal sealed class TestApplication : IAsyncDisposable
{
    private readonly CollectingLogger _log = new();
    private readonly WebApplicationBuilder _builder;
    private WebApplication? _app;

    public TestApplication(Action<WebServerOptions>? change = null, StateStore? state = null)
    {
        _builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Depot", EnvironmentName = "Testing" });
        _builder.WebHost.UseKestrelCore();
        _builder.Services.AddRoutingCore();
        _builder.Services.AddSingleton<ILoggerFactory>(_log);
        var relay = _builder.Services.AddStateRelay(options => change?.Invoke(options));
        if (state is not null)
            relay.AddState(state);
    }

    public IServiceCollection Services => _builder.Services;

    public WebApplicationBuilder Builder => _builder;

    public CollectingLogger Log => _log;

    public WebApplication App => _app ?? throw new InvalidOperationException("The application was not started.");

    public WebServer Relay => App.Services.GetRequiredService<WebServer>();

    /// <summary>Takes these options as they are.</summary>
    public TestApplication With(WebServerOptions options)
    {
        Services.AddSingleton<IOptionsFactory<WebServerOptions>>(new Given(options));
        return this;
    }

    /// <summary>Builds and starts it; <paramref name="use"/> sets up the pipeline and maps the relay.</summary>
    public async Task<TestApplication> StartAsync(Action<WebApplication> use, Action<ListenOptions>? listen = null)
    {
        _builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => listen?.Invoke(endpoint)));
        _app = _builder.Build();
        use(_app);
        await _app.StartAsync();
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _log.Dispose();
    }

    private sealed class Given(WebServerOptions options) : IOptionsFactory<WebServerOptions>
    {
        public WebServerOptions Create(string name) => options;
    }
}
