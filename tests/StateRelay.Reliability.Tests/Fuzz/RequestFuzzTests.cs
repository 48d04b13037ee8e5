using System.Net;
using System.Net.WebSockets;

using Microsoft.Extensions.Logging;

using StateRelay.Connections;
using StateRelay.Diagnostics;
using StateRelay.GitHub;
using StateRelay.Security;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Reliability.Fuzz;

/// <summary>Whole requests, to a relay of everything that there is.</summary>
public sealed class RequestFuzzTests
{
    private static readonly byte[] Body = """{"action":"opened","organization":{"login":"acme"}}"""u8.ToArray();

    private static readonly string[] Requests =
    [
        "GET / HTTP/1.1\nHost: localhost\nAccept-Encoding: gzip",
        "GET /?token=viewers+only HTTP/1.1\nHost: localhost\nX-Forwarded-Proto: https",
        "GET /api/state?since=k3f9:1&topic=state HTTP/1.1\nHost: localhost:8080\nIf-None-Match: \"a:1\"\nOrigin: https://tools.example",
        "OPTIONS /api/state HTTP/1.1\nHost: localhost\nOrigin: https://tools.example",
        "HEAD /healthz HTTP/1.1\nHost: localhost",
        "GET /static/staterelay.js HTTP/1.1\nHost: [::1]\nCookie: a=b; staterelay-viewer-8080=x",
        "GET /ws?mode=state HTTP/1.1\nHost: localhost\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "GET /ws HTTP/1.1\nHost: localhost\nUpgrade: websocket\nConnection: keep-alive, Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Protocol: staterelay.v1.json, bearer.YW15",
        "GET /ws?mode=events HTTP/1.1\nHost: localhost\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nAuthorization: Bearer amy\nX-Forwarded-For: 203.0.113.5",
        "POST /webhook HTTP/1.1\nHost: localhost\nContent-Type: application/json\nX-GitHub-Event: pull_request\nX-GitHub-Delivery: 72d3162e\nX-Hub-Signature-256: sha256=0000000000000000000000000000000000000000000000000000000000000000",
        $"POST /webhook HTTP/1.1\nHost: localhost\nContent-Type: application/json\nX-GitHub-Event: pull_request\nX-GitHub-Delivery: 72d3162e\nX-Hub-Signature-256: {WebhookSignature.Of(Body, new Secret("secret"))}",
    ];

    private static readonly string[] Words =
    [
        "GET", "HEAD", "POST", "OPTIONS", "/api/state", "/ws", "/webhook", "/static/", "?since=", "&topic=", "%", "%2e%2e", "%ff", "+", "=", "&", "Host: ", "Origin: ", "Content-Length: 5\n",
        "Transfer-Encoding: chunked\n", "Authorization: Bearer ", "Cookie: ", "X-GitHub-Event: ", "X-GitHub-Delivery: ", "Content-Type: application/json; charset=utf-16", "\n", "HTTP/1.0", "?mode=", "?token=",
    ];

    [Test]
    public void Any_request_gets_one_answer_that_is_no_failure()
    {
        using var relay = new Served();

        FuzzLoop.Run(Corpus.Of(Requests.Select(request => request.Replace("k3f9", relay.Epoch, StringComparison.Ordinal))), [.. Words, relay.Epoch], relay.Ask);

        Assert.That(relay.Connected, Is.Zero);
    }

    /// <summary>A relay on a pushed clock, asked without a transport.</summary>
    private sealed class Served : IDisposable
    {
        private readonly ManualClock _clock = new();
        private readonly FailureLogger _logger = new();
        private readonly Hub _hub;
        private readonly Instruments _instruments = new();
        private readonly Relay _relay;
        private readonly ProxyRules _proxies = new(["127.0.0.0/8"]);
        private int _asked;

        public Served()
        {
            _hub = new Hub(clock: _clock);
            var options = new WebServerOptions { AllowedOrigins = { "https://tools.example" }, MaxConnectsPerMinute = 1_000_000 };
            var webhooks = new GitHubWebhookOptions { Secrets = { new Secret("secret") }, MaxRefusalsPerMinute = 10_000 };
            var store = new StateStore<Fleet>(Fleet.Empty.With("T1", 1), TestFleetJson.Default.Fleet, clock: _clock);
            var plan = new ServerPlan(options, [new("state", store)], new EventTopic("events", _hub, new TokenTable()), new WebhookPlan(_hub, webhooks), _logger, _clock, null, null);
            _relay = new Relay(plan, new HostRules(["localhost", "[::1]"]), new ViewerGate(new Secret("viewers only"), "8080"), _instruments);
        }

        public string Epoch => _relay.Topics[0].Timeline.Epoch;

        public int Connected => _relay.Roster.ClientCount;

        public void Ask(byte[] input)
        {
            if (++_asked % 1000 == 0)
                _clock.Push(TimeSpan.FromSeconds(30));

            var exchange = Exchange(Corpus.Text(input));
            var handling = exchange.ServeAsync(_relay.HandleAsync);
            Corpus.Must(handling.Wait(TestTimeouts.Guard), "Every request comes to its end.");

            var isSocket = exchange.Subprotocol is not null || exchange.Answer is null;
            if (!isSocket)
            {
                Corpus.Must(exchange.Answer!.Status is >= 200 and < 500, $"The answer was {exchange.Answer.Status}.");
                if (exchange.Answer is { Status: >= 400, Body.Length: > 0 })
                    Corpus.MustBeJson(exchange.Answer.Body);
            }

            Corpus.Must(_logger.Failure is null, $"{_logger.Failure}");
        }

        public void Dispose()
        {
            _relay.Dispose();
            _hub.Dispose();
            _instruments.Dispose();
        }

        private CannedExchange Exchange(string text)
        {
            var lines = text.Split('\n');
            var first = lines[0].Split(' ');
            var method = first[0].Length == 0 ? "GET" : first[0];
            var target = first.Length > 1 && first[1].StartsWith('/') ? first[1] : "/";
            var exchange = new CannedExchange(method, target)
            {
                Http = first is [.., "HTTP/1.0"] ? HttpVersion.Version10 : HttpVersion.Version11,
                Body = method is "GET" or "HEAD" ? null : new MemoryStream(Body),
                BodyLength = Body.Length,
                Clock = _clock,
                Socket = new GoneSocket(),
                TrustedProxies = _proxies,
            };
            foreach (var line in lines.Skip(1))
            {
                if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
                    exchange.With(line[..colon].Trim(), line[(colon + 1)..].Trim());
            }

            return exchange;
        }
    }

    /// <summary>Keeps the first line of a failure.</summary>
    private sealed class FailureLogger : ILogger, ILoggerFactory
    {
        public string? Failure { get; private set; }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
                Failure ??= $"{formatter(state, exception)} {exception}";
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }

    /// <summary>A WebSocket whose client is gone.</summary>
    private sealed class GoneSocket : WebSocket
    {
        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Aborted;

        public override string? SubProtocol => null;

        public override void Abort()
        {
        }

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => throw Gone();

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => throw Gone();

        public override void Dispose()
        {
        }

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw Gone();

        public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => throw Gone();

        private static WebSocketException Gone() => new(WebSocketError.ConnectionClosedPrematurely);
    }
}
