using System.Net;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using StateRelay.Dashboard;
using StateRelay.Hosting;

namespace StateRelay.Tests.Hosting;

/// <summary>What a host says of itself when it is asked, and what its relay adds to that.</summary>
public sealed class HealthTests
{
    private readonly ManualClock _clock = new();
    private readonly CollectingLogger _log = new();

    [OneTimeTearDown]
    public void DisposeTheLog() => _log.Dispose();

    [Test]
    public async Task The_relay_is_a_check_of_the_host()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ILoggerFactory>(_log);
        builder.Services.AddStateRelay(options => options.Port = null);
        builder.Services.AddStateRelay("inner", options => options.Port = null);
        builder.Services.AddHealthChecks().AddStateRelay().AddStateRelay("inner", HealthStatus.Degraded, ["some"]);
        using var host = builder.Build();
        var checks = host.Services.GetRequiredService<HealthCheckService>();

        var before = await checks.CheckHealthAsync();
        await host.StartAsync();
        var running = await checks.CheckHealthAsync();
        var answer = await RawHttpClient.AskAsync(host.Services.GetRequiredService<WebServer>().Address, "GET /readyz HTTP/1.1");
        await host.StopAsync();
        var after = await checks.CheckHealthAsync();

        Assert.That(before.Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Status), Is.EquivalentTo(new Dictionary<string, HealthStatus>
        {
            ["staterelay"] = HealthStatus.Unhealthy,
            ["staterelay-inner"] = HealthStatus.Degraded,
        }));
        Assert.That(running.Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(running.Entries["staterelay"].Data["clients"], Is.Zero);
        Assert.That(answer.Text, Is.EqualTo("""{"status":"serving"}"""));
        Assert.That(after.Status, Is.EqualTo(HealthStatus.Unhealthy));
    }

    [Test]
    public async Task Readiness_asks_all_checks_and_liveness_those_that_are_for_it()
    {
        var readiness = HealthStatus.Unhealthy;
        var liveness = HealthStatus.Healthy;
        using var host = Build(checks => checks
            .AddCheck("database", () => new HealthCheckResult(readiness))
            .AddCheck("deadlock", () => new HealthCheckResult(liveness), [ProgramHealth.LiveTag]));
        await host.StartAsync();

        Assert.That(await AskAsync(host), Is.EqualTo((HostHealth.Serving, HostHealth.Unhealthy)));

        (readiness, liveness) = (HealthStatus.Degraded, HealthStatus.Degraded);
        Assert.That(await AskAsync(host), Is.EqualTo((HostHealth.Serving, HostHealth.Unhealthy)), "within the second");
        _clock.Push(TimeSpan.FromSeconds(1));
        Assert.That(await AskAsync(host), Is.EqualTo((HostHealth.Degraded, HostHealth.Degraded)));
        await host.StopAsync();
    }

    [Test]
    public async Task Those_who_ask_together_share_one_check()
    {
        var runs = 0;
        var held = new TaskCompletionSource<HealthCheckResult>();
        using var host = Build(checks => checks.AddAsyncCheck("slow", () =>
        {
            Interlocked.Increment(ref runs);
            return held.Task;
        }));
        await host.StartAsync();
        var health = host.Services.GetRequiredService<ProgramHealth>();

        var asked = Enumerable.Range(0, 20).Select(_ => health.AskAsync(HealthQuestion.IsReady).AsTask()).ToArray();
        _clock.Push(TimeSpan.FromSeconds(5));
        var late = health.AskAsync(HealthQuestion.IsReady).AsTask();
        held.SetResult(HealthCheckResult.Healthy());

        Assert.That(await Task.WhenAll([.. asked, late]), Is.All.EqualTo(HostHealth.Serving));
        Assert.That(runs, Is.EqualTo(1));
        await host.StopAsync();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_check_that_never_answers_has_failed_after_ten_seconds()
    {
        var begun = new TaskCompletionSource();
        using var host = Build(checks => checks.AddAsyncCheck("stuck", () =>
        {
            begun.TrySetResult();
            return new TaskCompletionSource<HealthCheckResult>().Task;
        }));
        await host.StartAsync();

        var asked = host.Services.GetRequiredService<ProgramHealth>().AskAsync(HealthQuestion.IsReady).AsTask();
        await begun.Task;
        _clock.Push(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.That(asked.IsCompleted, Is.False);
        _clock.Push(TimeSpan.FromTicks(1));

        Assert.That(await asked, Is.EqualTo(HostHealth.Unhealthy));
        await host.StopAsync();
    }

    [Test]
    public async Task A_host_that_starts_or_stops_is_alive_but_not_ready()
    {
        using var host = Build(_ => { });

        var starting = await AskAsync(host);
        await host.StartAsync();
        var running = await AskAsync(host);
        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var stopping = await AskAsync(host);
        await host.StopAsync();

        Assert.That(starting, Is.EqualTo((HostHealth.Serving, HostHealth.Starting)));
        Assert.That(running, Is.EqualTo((HostHealth.Serving, HostHealth.Serving)));
        Assert.That(stopping, Is.EqualTo((HostHealth.Serving, HostHealth.Stopping)));
    }

    [Test]
    public async Task A_host_without_checks_answers_for_the_relay()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ILoggerFactory>(_log);
        builder.Services.AddStateRelay(options => options.Port = null);
        using var host = builder.Build();
        await host.StartAsync();

        foreach (var path in new[] { "/healthz", "/readyz" })
        {
            var answer = await RawHttpClient.AskAsync(host.Services.GetRequiredService<WebServer>().Address, $"GET {path} HTTP/1.1");
            Assert.That((answer.Status, answer.Text), Is.EqualTo(((int)HttpStatusCode.OK, """{"status":"serving"}""")), path);
        }

        await host.StopAsync();
    }

    private static async Task<(HostHealth Alive, HostHealth Ready)> AskAsync(IHost host)
    {
        var health = host.Services.GetRequiredService<ProgramHealth>();
        return (await health.AskAsync(HealthQuestion.IsAlive), await health.AskAsync(HealthQuestion.IsReady));
    }

    private IHost Build(Action<IHealthChecksBuilder> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ILoggerFactory>(_log);
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.Services.AddStateRelay(options => options.Port = null);
        add(builder.Services.AddHealthChecks());
        return builder.Build();
    }
}
