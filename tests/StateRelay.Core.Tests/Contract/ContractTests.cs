using StateRelay.Tests.Support;

namespace StateRelay.Tests.Contract;

/// <summary>
/// What every transport must do, told as bytes on a connection. A transport runs it by deriving from each part and saying how a
/// relay is started on it. After each case every relay must still answer.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class ContractTests
{
    private readonly List<RelayUnderTest> _relays = [];

    /// <summary>The statuses by which the transport refuses a host that is not ours: our own 421, or one of its own before us.</summary>
    protected virtual int[] ForeignHostStatuses => [421];

    /// <summary>Starts a relay on a free port.</summary>
    protected abstract Task<RelayUnderTest> StartAsync(StateStore state, WebServerOptions options, TimeProvider? clock);

    protected async Task<RelayUnderTest> StartAsync(Action<WebServerOptions>? change = null, StateStore? state = null, TimeProvider? clock = null)
    {
        var relay = await StartAsync(state ?? Some.Store(), Some.Options(change), clock);
        _relays.Add(relay);
        return relay;
    }

    [TearDown]
    public async Task Every_relay_still_answers()
    {
        foreach (var relay in _relays)
        {
            var answer = await AskAtLastAsync(relay);
            await relay.DisposeAsync();
            Assert.That(answer.Text, Is.EqualTo("""{"status":"serving"}"""));
        }
    }

    protected virtual Task<RawAnswer> AskAtLastAsync(RelayUnderTest relay) => relay.AskAsync("GET /healthz HTTP/1.1");

    /// <summary>What every answer of ours carries.</summary>
    protected static void AssertCommonHeaders(RawAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        Assert.That(answer.Header("Server"), Is.EqualTo("StateRelay"));
        Assert.That(answer.Header("X-Content-Type-Options"), Is.EqualTo("nosniff"));
        Assert.That(answer.Header("Referrer-Policy"), Is.EqualTo("no-referrer"));
        Assert.That(answer.Header("X-Frame-Options"), Is.EqualTo("DENY"));
        Assert.That(answer.Header("Cross-Origin-Resource-Policy"), Is.EqualTo("same-origin"));
        Assert.That(answer.Header("Cross-Origin-Opener-Policy"), Is.EqualTo("same-origin"));
        Assert.That(answer.Header("Content-Security-Policy"), Does.StartWith("default-src 'none'").And.Contain("frame-ancestors 'none'"));
        Assert.That(answer.Header("Transfer-Encoding"), Is.Null);
        Assert.That(answer.Header("Date"), Is.Not.Null);
    }

    /// <summary>A refusal in the form that all have.</summary>
    protected static void AssertRefusal(RawAnswer answer, int status, string error)
    {
        ArgumentNullException.ThrowIfNull(answer);
        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Header("Content-Type"), Is.EqualTo("application/json; charset=utf-8"));
        Assert.That(answer.Text, Does.StartWith($$"""{"type":"error","error":"{{error}}","message":"""));
        Assert.That(answer.Header("Connection"), Is.EqualTo("close"));
        Assert.That(answer.Header("Cache-Control"), Is.EqualTo("no-store"));
        AssertCommonHeaders(answer);
    }
}

/// <summary>A relay that answers, and how to end it.</summary>
public sealed record RelayUnderTest(Uri Address, Uri? ViewerLink, Func<ValueTask> Stop) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Stop();

    /// <summary>Sends one request, whose <c>Host</c> is added, on a connection of its own.</summary>
    public Task<RawAnswer> AskAsync(string requestLine, params string[] headers) => RawHttpClient.AskAsync(Address, requestLine, headers);

    /// <summary>Sends a request exactly as it stands; <c>@HOST@</c> in it becomes our own.</summary>
    public Task<RawAnswer> AskRawAsync(string request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RawHttpClient.AskRawAsync(Address, request.Replace("@HOST@", Address.Authority, StringComparison.Ordinal));
    }

    public Task<RawHttpClient> ConnectAsync() => RawHttpClient.ConnectAsync(Address);
}
