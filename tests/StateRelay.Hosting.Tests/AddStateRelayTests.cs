using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace StateRelay.Tests.Hosting;

public sealed partial class AddStateRelayTests
{
    private static readonly HttpClient Http = new();
    private HostApplicationBuilder _builder = null!;
    private CollectingLogger _log = null!;

    [SetUp]
    public void MakeABuilder()
    {
        _log = new CollectingLogger();
        _builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "Depot", EnvironmentName = "Testing" });
        _builder.Services.AddSingleton<ILoggerFactory>(_log);
    }

    [TearDown]
    public void DisposeTheLog() => _log.Dispose();

    [Test]
    public async Task One_call_without_arguments_shows_the_host_itself()
    {
        _builder.Configuration.AddInMemoryCollection([new("StateRelay:Port", "")]);
        var clock = new ManualClock();
        _builder.Services.AddSingleton<TimeProvider>(clock);
        _builder.Services.AddStateRelay();

        await RunAsync(async host =>
        {
            var state = await StateAsync(host);
            Assert.That(state.GetProperty("application").GetString(), Is.EqualTo("Depot"));
            Assert.That(state.GetProperty("environment").GetString(), Is.EqualTo("Testing"));
            Assert.That(state.GetProperty("startTime").GetDateTimeOffset(), Is.EqualTo(clock.GetUtcNow()));
        });
    }

    [Test]
    public void The_defaults_are_those_of_the_server()
    {
        _builder.Services.AddStateRelay();
        using var host = _builder.Build();

        var options = host.Services.GetRequiredService<IOptions<WebServerOptions>>().Value;

        Assert.That(options.Host, Is.EqualTo("localhost"));
        Assert.That(options.Port, Is.EqualTo(8080));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task An_operation_is_served_and_injected()
    {
        AddRelay().AddOperation("Nightly import", new OperationTrackerOptions { Unit = "rows" });

        await RunAsync(async host =>
        {
            host.Services.GetRequiredService<OperationTracker>().AddItem("orders", total: 10).Advance(5);

            var state = await StateAsync(host);
            while (!state.GetProperty("items").EnumerateArray().Any())
                state = await StateAsync(host);
            Assert.That(state.GetProperty("view").GetString(), Is.EqualTo("operation"));
            Assert.That(state.GetProperty("title").GetString(), Is.EqualTo("Nightly import"));
            Assert.That(state.GetProperty("items")[0].GetProperty("done").GetInt64(), Is.EqualTo(5));
        });
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Several_states_are_served_by_name_and_injected_by_name()
    {
        var own = new StateStore<Fleet>(new Fleet(3), FleetJson.Default.Fleet);
        AddRelay()
            .AddState(new Fleet(1), FleetJson.Default.Fleet)
            .AddState(new Fleet(2), FleetJson.Default.Fleet, "second")
            .AddState(own, "third")
            .AddOperation("job", name: "job");

        await RunAsync(async host =>
        {
            host.Services.GetRequiredService<StateStore<Fleet>>().Update(_ => new Fleet(10));
            host.Services.GetRequiredKeyedService<StateStore<Fleet>>("second").Update(_ => new Fleet(20));

            await TrucksBecomeAsync(10, host);
            await TrucksBecomeAsync(20, host, "second");
            Assert.That((await StateAsync(host, "third")).GetProperty("trucks").GetInt32(), Is.EqualTo(3));
            Assert.That((await StateAsync(host, "job")).GetProperty("title").GetString(), Is.EqualTo("job"));
        });
    }

    [Test]
    public async Task Where_no_state_has_the_default_name_the_first_is_served_under_it_too()
    {
        AddRelay().AddState(new Fleet(1), FleetJson.Default.Fleet, "fleet").AddOperation("job", name: "job");

        await RunAsync(async host =>
        {
            Assert.That((await StateAsync(host)).GetProperty("trucks").GetInt32(), Is.EqualTo(1));
            Assert.That((await StateAsync(host, "fleet")).GetProperty("trucks").GetInt32(), Is.EqualTo(1));
        });
    }

    [Test]
    public void A_name_that_is_taken_is_refused_when_it_is_given()
    {
        var relay = AddRelay().AddOperation("one");

        Assert.That(() => relay.AddOperation("two"), Throws.ArgumentException.With.Message.Contains("\"state\""));
        Assert.That(() => _builder.Services.AddStateRelay().AddState(new Fleet(1), FleetJson.Default.Fleet), Throws.ArgumentException);
    }

    [Test]
    public async Task A_listener_hears_of_its_state_from_the_first_service_to_the_last()
    {
        AddRelay().AddState(new Fleet(1), FleetJson.Default.Fleet).AddListener<CountingListener>();
        _builder.Services.AddHostedService<EagerService>();

        await RunAsync(_ => Task.CompletedTask, host => Assert.That(host.Services.GetRequiredService<CountingListener>().Versions, Is.EqualTo(new[] { 2L, 3L })));
    }

    [Test]
    public void A_listener_of_a_state_that_is_not_there_stops_the_start()
    {
        AddRelay().AddState(new Fleet(1), FleetJson.Default.Fleet).AddListener<CountingListener>("nowhere");
        using var host = _builder.Build();

        Assert.That(() => host.StartAsync(), Throws.InvalidOperationException.With.Message.Contains("\"nowhere\"").And.Message.Contains("state"));
    }

    [Test]
    public void The_configuration_section_is_bound_and_code_has_the_last_word()
    {
        _builder.Configuration.AddInMemoryCollection(
        [
            new("StateRelay:Host", "*"),
            new("StateRelay:Port", "9000"),
            new("StateRelay:CoalescingInterval", "00:00:00.250"),
            new("StateRelay:AllowedHosts:0", "relay.example"),
            new("StateRelay:AllowedOrigins:0", "https://tools.example"),
            new("StateRelay:ViewerToken", "open sesame"),
            new("StateRelay:MaxConnections", "7"),
        ]);
        _builder.Services.AddStateRelay(options => options.MaxConnections = 9);
        using var host = _builder.Build();

        var options = host.Services.GetRequiredService<IOptions<WebServerOptions>>().Value;

        Assert.That(options.Host, Is.EqualTo("*"));
        Assert.That(options.Port, Is.EqualTo(9000));
        Assert.That(options.CoalescingInterval, Is.EqualTo(TimeSpan.FromMilliseconds(250)));
        Assert.That(options.AllowedHosts, Is.EqualTo(new[] { "relay.example" }));
        Assert.That(options.AllowedOrigins, Is.EqualTo(new[] { "https://tools.example" }));
        Assert.That(options.ViewerToken!.Matches("open sesame"));
        Assert.That(options.MaxConnections, Is.EqualTo(9));
    }

    [Test]
    public void The_configuration_in_the_document_is_bound_and_breaks_no_rule()
    {
        var json = JsonBlock().Match(RepositoryFolder.Read("docs/getting-started.md")).Groups[1].Value;
        _builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json)));
        _builder.Services.AddStateRelay();
        using var host = _builder.Build();

        var options = host.Services.GetRequiredService<IOptions<WebServerOptions>>().Value;

        Assert.That((options.Port, options.CoalescingInterval), Is.EqualTo((9000, TimeSpan.FromMilliseconds(250))));
        Assert.That(options.ViewerToken!.Matches("a long random one"));
    }

    [Test]
    public void Without_a_configuration_the_defaults_stand()
    {
        var services = new ServiceCollection();
        services.AddStateRelay();
        using var provider = services.BuildServiceProvider();

        Assert.That(provider.GetRequiredService<IOptions<WebServerOptions>>().Value.Port, Is.EqualTo(8080));
    }

    [Test]
    public async Task A_port_that_is_taken_stops_the_start_before_any_service_begins()
    {
        await using var other = new WebServer(new StateStore<Fleet>(new Fleet(1), FleetJson.Default.Fleet), new WebServerOptions { Port = null });
        await other.StartAsync();
        _builder.Services.AddHostedService<EagerService>();
        _builder.Services.AddStateRelay(options => options.Port = other.Address.Port).AddState(new Fleet(1), FleetJson.Default.Fleet);
        using var host = _builder.Build();

        Assert.That(
            () => host.StartAsync(),
            Throws.InstanceOf<WebServerBindException>().With.Message.Contains(other.Address.Port.ToString()).And.Message.Contains("Port"));
        Assert.That(host.Services.GetRequiredService<StateStore<Fleet>>().Version, Is.EqualTo(1));
    }

    [Test]
    public void Options_that_break_rules_stop_the_start_and_each_is_named()
    {
        _builder.Services.AddStateRelay(options => (options.MaxConnections, options.RetainedVersions) = (0, 0));
        using var host = _builder.Build();

        Assert.That(() => host.StartAsync(), Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("MaxConnections").And.Message.Contains("RetainedVersions"));
    }

    [Test]
    public void Rules_that_options_of_several_kinds_break_are_named_together()
    {
        _builder.Services.AddStateRelay(options => options.MaxConnections = 0)
            .AddEvents(options => options.RetainedEvents = 0)
            .AddGitHubWebhooks(options => options.Path = "/ws");
        using var host = _builder.Build();

        Assert.That(
            () => host.StartAsync(),
            Throws.InstanceOf<OptionsValidationException>()
                .With.Message.Contains("MaxConnections").And.Message.Contains("RetainedEvents").And.Message.Contains("Secrets").And.Message.Contains("Path"));
        Assert.That(() => host.Services.GetRequiredService<Hub>(), Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("MaxConnections"));
    }

    [Test]
    public async Task Events_and_webhooks_are_set_in_the_configuration_too()
    {
        _builder.Configuration.AddInMemoryCollection(
        [
            new("StateRelay:Port", ""),
            new("StateRelay:Events:RetainedEvents", "2"),
            new("StateRelay:Events:OfferedEventTypes:0", "push"),
            new("StateRelay:GitHubWebhooks:Path", "/from-github"),
            new("StateRelay:GitHubWebhooks:Secrets:0", "a secret of webhooks"),
        ]);
        _builder.Services.AddStateRelay().AddEvents(options => options.OfferedEventTypes.Add("deployed")).AddGitHubWebhooks();

        await RunAsync(async host =>
        {
            const string Body = """{"organization":{"login":"acme"},"repository":{"name":"rocket","owner":{"login":"acme"}}}""";
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Services.GetRequiredService<WebServer>().Address, "from-github"))
            {
                Content = new StringContent(Body, null, "application/json"),
                Headers =
                {
                    { "X-GitHub-Event", "push" },
                    { "X-GitHub-Delivery", "1" },
                    { "X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("a secret of webhooks"u8, Encoding.UTF8.GetBytes(Body))) },
                },
            };
            using var answer = await Http.SendAsync(request);

            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            Assert.That(host.Services.GetRequiredService<Hub>().AllowedTypes, Is.EquivalentTo(new[] { "push", "deployed" }));
            Assert.That(host.Services.GetRequiredService<Hub>().Options.RetainedEvents, Is.EqualTo(2));
        });
    }

    [Test]
    public async Task A_port_that_is_taken_may_be_logged_and_the_host_runs_without_a_page()
    {
        await using var other = new WebServer(new StateStore<Fleet>(new Fleet(1), FleetJson.Default.Fleet), new WebServerOptions { Port = null });
        await other.StartAsync();
        _builder.Configuration.AddInMemoryCollection([new("StateRelay:RequirePort", "false")]);
        _builder.Services.AddHostedService<EagerService>();
        _builder.Services.AddStateRelay(options => options.Port = other.Address.Port).AddState(new Fleet(1), FleetJson.Default.Fleet);

        await RunAsync(host =>
        {
            Assert.That(host.Services.GetRequiredService<StateStore<Fleet>>().Version, Is.EqualTo(2));
            Assert.That(
                _log.Lines.Where(line => line.Level == LogLevel.Error).Select(line => line.Text),
                Has.One.Contains("without a page").And.One.Contains(other.Address.Port.ToString()));
            return Task.CompletedTask;
        });
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Relays_with_names_stand_beside_each_other()
    {
        _builder.Configuration.AddInMemoryCollection([new("StateRelay:Port", ""), new("StateRelay:inner:Port", ""), new("StateRelay:inner:MaxConnections", "7")]);
        _builder.Services.AddStateRelay().AddState(new Fleet(1), FleetJson.Default.Fleet);
        _builder.Services.AddStateRelay("inner").AddState(new Fleet(2), FleetJson.Default.Fleet).AddListener<CountingListener>();
        _builder.Services.AddStateRelay("inner").AddOperation("job", name: "job");

        await RunAsync(async host =>
        {
            var outer = host.Services.GetRequiredService<WebServer>();
            var inner = host.Services.GetRequiredKeyedService<WebServer>("inner");
            host.Services.GetRequiredKeyedService<StateStore<Fleet>>("inner/state").Update(_ => new Fleet(20));

            await TrucksBecomeAsync(1, host, server: outer);
            await TrucksBecomeAsync(20, host, server: inner);
            Assert.That((await StateAsync(host, "job", inner)).GetProperty("title").GetString(), Is.EqualTo("job"));
            Assert.That(host.Services.GetRequiredService<StateStore<Fleet>>(), Is.SameAs(host.Services.GetRequiredKeyedService<StateStore<Fleet>>("state")));
            Assert.That(host.Services.GetKeyedService<OperationTracker>("inner/job"), Is.Not.Null);
            Assert.That(host.Services.GetRequiredService<CountingListener>().Versions, Is.EqualTo(new[] { 2L }));
            Assert.That(host.Services.GetRequiredService<IOptionsMonitor<WebServerOptions>>().Get("inner").MaxConnections, Is.EqualTo(7));
            Assert.That(outer.Address, Is.Not.EqualTo(inner.Address));
        });
    }

    [Test]
    public void Options_are_checked_before_anything_runs_whichever_relay_they_are_of()
    {
        _builder.Services.AddHostedService<EagerService>();
        AddRelay().AddState(new Fleet(1), FleetJson.Default.Fleet);
        _builder.Services.AddStateRelay("inner", options => (options.Port, options.MaxConnections) = (80, 0));
        using var host = _builder.Build();

        Assert.That(
            () => host.StartAsync(),
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("inner: Port").And.Message.Contains("inner: MaxConnections"));
        Assert.That(host.Services.GetRequiredService<StateStore<Fleet>>().Version, Is.EqualTo(1));
    }

    [Test]
    public async Task Events_of_the_host_and_of_GitHub_reach_the_readers_of_the_hub_that_is_injected()
    {
        _builder.Services.AddStateRelay(o => o.Port = null)
            .AddEvents(o => o.RetainedEvents = 10)
            .AddGitHubWebhooks(o => o.Secrets.Add("a secret of webhooks"));

        await RunAsync(async host =>
        {
            var hub = host.Services.GetRequiredService<Hub>();
            using var answer = await Http.PostAsync(new Uri(host.Services.GetRequiredService<WebServer>().Address, "webhook"), new StringContent("{}", null, "application/json"));
            hub.Broadcast(new Event("deployed"), EventAudience.Everyone);

            var read = await hub.ReadAsync(since: hub.Head with { Seq = 0 }).FirstAsync();

            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(read.Event!.Type, Is.EqualTo("deployed"));
        });
    }

    [Test]
    public async Task Events_whose_clients_nobody_knows_are_refused_at_the_start()
    {
        _builder.Services.AddStateRelay(o => o.Port = null).AddEvents();
        using var host = _builder.Build();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());

        Assert.That(error!.Message, Does.Contain("AddClientAuthenticator"));
    }

    [Test]
    public async Task The_authenticator_that_the_host_added_lets_clients_in()
    {
        _builder.Services.AddStateRelay(o => o.Port = null)
            .AddEvents()
            .AddClientAuthenticator(new StaticTokenAuthenticator([new(new Secret("of amy"), new ClientIdentity("amy"))]));

        await RunAsync(async host =>
        {
            using var socket = new System.Net.WebSockets.ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", "Bearer of amy");
            await socket.ConnectAsync(new UriBuilder(host.Services.GetRequiredService<WebServer>().Address) { Scheme = "ws", Path = "/ws" }.Uri, default);
            await socket.SendTextAsync("""{"organization":"amy"}""");

            Assert.That(await socket.ReceiveTextAsync(), Does.Contain("subscription_confirmed"));
        });
    }

    [Test]
    public async Task The_instruments_are_those_of_the_hosts_own_meters()
    {
        _builder.Services.AddMetrics();
        AddRelay().AddState(new Fleet(1), FleetJson.Default.Fleet);

        await RunAsync(async host =>
        {
            var meters = host.Services.GetRequiredService<IMeterFactory>();
            var answers = 0L;
            using var listener = new MeterListener();
            listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == meters && instrument.Name == "staterelay.http.answers")
                    self.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref answers, value));
            listener.Start();

            await StateAsync(host);

            Assert.That(Interlocked.Read(ref answers), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task The_relay_does_not_hold_the_host_up_longer_than_that_may_take_to_stop()
    {
        _builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        _builder.Services.AddStateRelay(options => (options.Port, options.ShutdownTimeout) = (null, TimeSpan.FromMinutes(10))).AddState(new Fleet(1), FleetJson.Default.Fleet);
        using var host = _builder.Build();
        await host.StartAsync();
        var server = host.Services.GetRequiredService<WebServer>();
        using var viewer = await RawHttpClient.ConnectAsync(server.Address);
        await viewer.SendAsync($"GET /ws HTTP/1.1\r\nHost: {server.Address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        await viewer.ReadAnswerAsync();

        // It never answers the goodbye.
        await host.StopAsync().WaitAsync(TestTimeouts.Guard);

        Assert.That(server.ClientCount, Is.Zero);
    }

    [Test]
    public void A_program_that_uses_it_needs_the_runtime_alone()
    {
        var needs = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "StateRelay.Hosting.Tests.runtimeconfig.json")))
            .RootElement.GetProperty("runtimeOptions");

        Assert.That(needs.GetProperty("framework").GetProperty("name").GetString(), Is.EqualTo("Microsoft.NETCore.App"));
        Assert.That(needs.TryGetProperty("frameworks", out _), Is.False);
    }

    [Test]
    public async Task The_page_is_there_until_the_last_service_has_stopped_and_its_port_is_free_afterwards()
    {
        AddRelay().AddState(new Fleet(1), FleetJson.Default.Fleet);
        _builder.Services.AddHostedService<EagerService>();
        using var host = _builder.Build();
        await host.StartAsync();
        var address = host.Services.GetRequiredService<WebServer>().Address;
        EagerService.AskOnStop = address;

        await host.StopAsync();

        Assert.That(EagerService.Answered, Is.EqualTo(HttpStatusCode.OK));
        await using var next = new WebServer(new StateStore<Fleet>(new Fleet(1), FleetJson.Default.Fleet), address.Port);
        await next.StartAsync();
    }

    [Test]
    public async Task The_address_is_logged_to_be_clicked()
    {
        AddRelay().AddState(new Fleet(1), FleetJson.Default.Fleet);

        await RunAsync(host =>
        {
            var address = host.Services.GetRequiredService<WebServer>().Address.ToString();
            Assert.That(_log.Lines.Where(line => line.Level == LogLevel.Information).Select(line => line.Text), Has.Some.Contains(address));
            return Task.CompletedTask;
        });
    }

    [GeneratedRegex(@"^```json\r?\n([\s\S]*?)^```", RegexOptions.Multiline)]
    private static partial Regex JsonBlock();

    private StateRelayBuilder AddRelay() => _builder.Services.AddStateRelay(options => options.Port = null);

    private async Task RunAsync(Func<IHost, Task> whileRunning, Action<IHost>? afterwards = null)
    {
        using var host = _builder.Build();
        await host.StartAsync();
        await whileRunning(host);
        await host.StopAsync();
        afterwards?.Invoke(host);
    }

    /// <summary>Asks until it is so: a new version may wait for the coalescing interval.</summary>
    private static async Task TrucksBecomeAsync(int expected, IHost host, string? topic = null, WebServer? server = null)
    {
        while ((await StateAsync(host, topic, server)).GetProperty("trucks").GetInt32() != expected)
            Assert.That(TestContext.CurrentContext.CancellationToken.IsCancellationRequested, Is.False);
    }

    private static async Task<JsonElement> StateAsync(IHost host, string? topic = null, WebServer? server = null)
    {
        var address = new Uri((server ?? host.Services.GetRequiredService<WebServer>()).Address, "/api/state" + (topic is null ? "" : "?topic=" + topic));
        var answer = await Http.GetFromJsonAsync(address, FleetJson.Default.JsonElement);
        return answer.GetProperty("state");
    }

    internal sealed record Fleet(int Trucks);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Fleet))]
    [JsonSerializable(typeof(JsonElement))]
    private sealed partial class FleetJson : JsonSerializerContext;

    internal sealed class CountingListener : IStateListener
    {
        public List<long> Versions { get; } = [];

        public void OnStateChange(StateChange change) => Versions.Add(change.Version);
    }

    /// <summary>Changes the state as it starts and as it stops.</summary>
    internal sealed class EagerService(StateStore<Fleet> fleet) : IHostedService
    {
        public static Uri? AskOnStop { get; set; }

        public static HttpStatusCode? Answered { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            fleet.Update(value => new Fleet(value.Trucks + 1));
            return Task.CompletedTask;
        }

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            fleet.Update(value => new Fleet(value.Trucks + 1));
            if (AskOnStop is not { } address)
                return;
            AskOnStop = null;
            using var answer = await Http.GetAsync(address, cancellationToken);
            Answered = answer.StatusCode;
        }
    }
}
