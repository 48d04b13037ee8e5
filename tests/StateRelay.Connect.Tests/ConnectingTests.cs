using System.Globalization;
using System.Text.Json;

using StateRelay.Tests.Connect.Support;

namespace StateRelay.Tests.Connect;

/// <summary>Before there is a socket: options, the token, and what the answer to the handshake means.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ConnectingTests : IDisposable
{
    private static readonly Uri Server = new("ws://localhost:8080/ws");

    private readonly ManualClock _clock = new();
    private readonly CannedHttpHandler _network = new();
    private readonly CollectingLogger _logger = new();
    private readonly TaskCompletionSource<RelayStatus> _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [TestCase(401)]
    [TestCase(403)]
    [TestCase(400)]
    [TestCase(404)]
    [TestCase(302)]
    [TestCase(200)]
    public async Task A_refusal_before_the_upgrade_is_final_and_told_by_its_status(int status)
    {
        _network.On("/ws", status);
        await using var connection = Connect(Server);
        await using var states = connection.FollowStateAsync().Read();

        var error = await states.FailAsync<RelayRefusedException>();

        Assert.That((error.StatusCode, error.CloseCode, error.Error), Is.EqualTo((status, (int?)null, (string?)null)));
        Assert.That(connection.Status.Phase, Is.EqualTo(RelayPhase.Ended));
        Assert.That(_network.CountOf("/ws"), Is.EqualTo(1));
        await using var later = connection.FollowStateAsync().Read();
        Assert.That((await later.FailAsync<RelayRefusedException>()).StatusCode, Is.EqualTo(status));
    }

    [TestCase(429)]
    [TestCase(503)]
    [TestCase(500)]
    [TestCase(502)]
    [TestCase(408)]
    [TestCase(425)]
    public async Task A_server_that_has_no_place_now_is_come_back_to_whatever_its_address_looks_like(int status)
    {
        _network.On("/401/403/forbidden/ws", status);
        await using var connection = Connect(new Uri("ws://localhost:8401/401/403/forbidden/ws"));
        await using var states = connection.FollowStateAsync().Read();

        var waiting = await _waiting.Task.WaitAsync(TestTimeouts.Guard);

        Assert.That((waiting.Phase, waiting.Failures), Is.EqualTo((RelayPhase.Waiting, 1)));
        Assert.That(waiting.Why, Does.Contain(status.ToString(CultureInfo.InvariantCulture)));
    }

    [TestCase("7", 7)]
    [TestCase("Sat, 21 Nov 2026 22:01:00 GMT", 60)]
    [TestCase("999999999", 3600)]
    [TestCase("soon", 0)]
    public async Task Whoever_is_told_when_to_come_back_waits_so_long_and_a_little_longer_at_random(string retryAfter, int seconds)
    {
        _network.On("/ws", 503, "", ("Retry-After", retryAfter));
        await using var connection = Connect(Server);
        await using var states = connection.FollowStateAsync().Read();

        var waiting = await _waiting.Task.WaitAsync(TestTimeouts.Guard);

        // Half of the first ceiling of 500 ms is what chance adds here.
        Assert.That(waiting.Until - _clock.GetUtcNow(), Is.EqualTo(TimeSpan.FromSeconds(seconds) + TimeSpan.FromMilliseconds(250)));
    }

    [Test]
    public async Task The_handshake_asks_for_v1_with_the_token_in_its_header_and_names_no_origin()
    {
        _network.On("/ws", 401);
        await using var connection = Connect(Server, new RelayConnectionOptions { Token = "swordfish" });
        await using var states = connection.FollowStateAsync().Read();

        await states.FailAsync<RelayRefusedException>();

        var headers = _network.Requests[0].Headers;
        Assert.That((headers["Authorization"], headers["Sec-WebSocket-Protocol"], headers.ContainsKey("Origin")), Is.EqualTo(("Bearer swordfish", "staterelay.v1.json", false)));
    }

    [Test]
    public async Task The_token_is_nowhere_to_be_read()
    {
        var options = new RelayConnectionOptions { Token = "swordfish" };
        _network.On("/ws", 401);
        await using var connection = Connect(Server, options);
        await using var states = connection.FollowStateAsync().Read();
        var error = await states.FailAsync<RelayRefusedException>();

        string[] written = [error.ToString(), connection.Status.ToString(), connection.Address.ToString(), options.Token!.ToString(), .. _logger.Lines.Select(line => line.Text)];

        Assert.That(written, Is.All.Not.Contains("swordfish"));
        Assert.That(_logger.Lines.Select(line => line.Id.Id), Is.EqualTo([1803]));
    }

    [TestCase("ws://localhost:8080/ws", "ws://localhost:8080/ws")]
    [TestCase("http://localhost:8080/ws", "ws://localhost:8080/ws")]
    [TestCase("https://relay.example/depot/ws?x=1#top", "wss://relay.example/depot/ws?x=1")]
    [TestCase("wss://relay.example:444/ws", "wss://relay.example:444/ws")]
    public async Task The_address_may_be_of_a_page_or_of_a_socket(string given, string meant)
    {
        await using var connection = new RelayConnection(new Uri(given));

        Assert.That(connection.Address, Is.EqualTo(new Uri(meant)));
    }

    [TestCase("ftp://localhost/ws")]
    [TestCase("/ws")]
    [TestCase("ws://amy:swordfish@localhost/ws")]
    public void An_address_that_cannot_be_is_refused(string address)
    {
        Assert.That(() => new RelayConnection(new Uri(address, UriKind.RelativeOrAbsolute)), Throws.ArgumentException.With.Message.Not.Contains("swordfish"));
    }

    [Test]
    public void Options_beyond_their_edges_are_refused_all_at_once_by_name()
    {
        var options = new RelayConnectionOptions
        {
            Token = "a",
            TokenProvider = _ => new("b"),
            ConnectTimeout = TimeSpan.FromMilliseconds(99),
            ConfirmTimeout = TimeSpan.FromMinutes(11),
            MinBackoff = TimeSpan.Zero,
            MaxBackoff = TimeSpan.FromMinutes(61),
            StableAfter = TimeSpan.FromMinutes(61),
            MaxAttempts = 0,
            MaxBufferedEvents = 0,
            MaxMessageBytes = 1023,
        };

        var error = Assert.Catch<ArgumentException>(() => _ = new RelayConnection(Server, options))!;

        foreach (var option in typeof(RelayConnectionOptions).GetProperties().Select(property => property.Name).Except(["StatusChanged", "Handler"]))
            Assert.That(error.Message, Does.Contain(option + " "));
    }

    [Test]
    public async Task Options_at_their_edges_are_taken_and_copied()
    {
        var options = new RelayConnectionOptions { MinBackoff = TimeSpan.FromMinutes(10), MaxBackoff = TimeSpan.FromMinutes(10), StableAfter = TimeSpan.Zero, MaxAttempts = 1, MaxBufferedEvents = 1, MaxMessageBytes = 1 << 30 };
        await using var connection = new RelayConnection(Server, options);

        options.MaxAttempts = 0;

        Assert.That(connection.Status, Is.EqualTo(new RelayStatus(RelayPhase.Idle)));
    }

    [Test]
    public async Task A_token_is_asked_for_each_connection()
    {
        var given = 0;
        await using var scripted = new Scripted(options => options.TokenProvider = _ => new(new Secret($"token {++given}")));
        await using var states = scripted.Connection.FollowStateAsync().Read();
        (await scripted.ServerAsync()).Dispose();
        await scripted.WaitOutAsync();

        await scripted.ServerAsync();

        Assert.That(scripted.Tokens[0]!.Matches("token 1") && scripted.Tokens[1]!.Matches("token 2"), Is.True);
    }

    [Test]
    public async Task A_token_provider_that_fails_is_told_and_asked_again()
    {
        var mine = new JsonException("mine");
        var fails = true;
        await using var scripted = new Scripted(options => options.TokenProvider = _ => fails ? throw mine : new(new Secret("token")));
        await using var states = scripted.Connection.FollowStateAsync().Read();
        await scripted.StatusAsync(RelayPhase.Connecting);
        var waiting = await scripted.StatusAsync(RelayPhase.Waiting);
        while (scripted.Clock.NextDueIn is null)
            await Task.Yield();
        fails = false;
        scripted.Clock.Push(waiting.Until!.Value - scripted.Clock.GetUtcNow());

        await scripted.ServerAsync();

        Assert.That(waiting.Error, Is.SameAs(mine));
        Assert.That(scripted.Logger.Lines.Single(line => line.Id.Id == 1804).Error, Is.SameAs(mine));
    }

    [Test]
    public async Task A_token_provider_that_never_answers_is_not_waited_for_longer_than_a_connection()
    {
        var never = new TaskCompletionSource<Secret>();
        await using var scripted = new Scripted(options => options.TokenProvider = _ => new(never.Task));
        await using var states = scripted.Connection.FollowStateAsync().Read();
        while (scripted.Clock.NextDueIn is null)
            await Task.Yield();

        scripted.Clock.Push(TimeSpan.FromSeconds(15));

        await scripted.StatusAtLastAsync(RelayPhase.Waiting);
    }

    public void Dispose()
    {
        _network.Dispose();
        _logger.Dispose();
    }

    private RelayConnection Connect(Uri address, RelayConnectionOptions? options = null)
    {
        options ??= new RelayConnectionOptions();
        options.Handler = _network;
        options.StatusChanged = status =>
        {
            if (status.Phase == RelayPhase.Waiting)
                _waiting.TrySetResult(status);
        };
        return new RelayConnection(address, options, _logger, _clock, null, () => 0.5);
    }
}
