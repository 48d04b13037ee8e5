using System.Diagnostics.Metrics;
using System.Net;
using System.Text;

using StateRelay.Diagnostics;
using StateRelay.GitHub;
using StateRelay.Http;
using StateRelay.Security;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.GitHub;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WebhookEndpointTests : IDisposable
{
    private const string Id = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
    private const string Relayed = $$"""{"type":"webhook","result":"relayed","delivery_id":"{{Id}}"}""";

    private static readonly Secret Ours = new("a secret of ours");

    private readonly ManualClock _clock = new();
    private readonly CollectingLogger _logger = new();
    private readonly Instruments _instruments = new();
    private readonly MeterListener _meters = new();
    private readonly List<string> _results = [];
    private readonly List<(Event Happened, EventAudience Audience)> _told = [];
    private readonly GitHubWebhookOptions _options = new() { Secrets = { Ours } };
    private readonly Lazy<WebhookEndpoint> _endpoint;
    private IPAddress _address = IPAddress.Loopback;
    private ProxyRules _proxies = ProxyRules.None;

    public WebhookEndpointTests()
    {
        _endpoint = new(() => new WebhookEndpoint(
            _options, new CommitCache(_clock), (happened, audience) => _told.Add((happened, audience)), _clock, _instruments, _logger, new CannedHttpHandler()));
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument, _instruments.Deliveries))
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((_, count, tags, _) => _results.AddRange(Enumerable.Repeat($"{tags[0].Key}={tags[0].Value}", (int)count)));
        _meters.Start();
    }

    public void Dispose()
    {
        _endpoint.Value.Dispose();
        _meters.Dispose();
        _instruments.Dispose();
        _logger.Dispose();
    }

    [Test]
    public async Task A_delivery_in_order_is_relayed_and_answered_with_what_became_of_it()
    {
        var exchange = await AskAsync(Delivery());

        Assert.That((exchange.Answer!.Status, exchange.AnsweredText), Is.EqualTo((202, Relayed)));
        Assert.That(exchange.Answer.ContentType, Is.EqualTo("application/json; charset=utf-8"));
        Assert.That(exchange.Answer.CloseConnection, Is.False);
        Assert.That(_told.Single().Happened, Is.EqualTo(new Event("pull_request")
        {
            Url = "https://github.com/acme/rocket/pull/5",
            Timestamp = _clock.GetUtcNow(),
            DeliveryId = Id,
            CommitSha = _told.Single().Happened.CommitSha,
        }));
        Assert.That(_results, Is.EqualTo(new[] { "result=relayed" }));
        Assert.That(_logger.Lines.Single().Text, Is.EqualTo($"Delivery {Id} of the type pull_request was relayed."));
    }

    [Test]
    public async Task A_delivery_that_comes_again_is_a_duplicate()
    {
        await AskAsync(Delivery());
        var again = await AskAsync(Delivery());

        Assert.That((again.Answer!.Status, again.AnsweredText), Is.EqualTo((202, $$"""{"type":"webhook","result":"duplicate","delivery_id":"{{Id}}"}""")));
        Assert.That(_told, Has.Count.EqualTo(1));
        Assert.That(_results, Is.EqualTo(new[] { "result=relayed", "result=duplicate" }));
    }

    [Test]
    public async Task A_delivery_that_comes_again_is_relayed_again_where_that_is_wished()
    {
        _options.RelayRedeliveries = true;

        await AskAsync(Delivery());
        await AskAsync(Delivery());

        Assert.That(_told, Has.Count.EqualTo(2));
    }

    [TestCase("push.branch")]
    [TestCase("ping.repository")]
    public async Task What_is_not_relayed_is_answered_as_ignored(string name)
    {
        _options.AllowedEventTypes.Add("pull_request");

        var exchange = await AskAsync(Delivery(name));

        Assert.That((exchange.Answer!.Status, exchange.AnsweredText), Is.EqualTo((202, $$"""{"type":"webhook","result":"ignored","delivery_id":"{{Id}}"}""")));
        Assert.That(_told, Is.Empty);
        Assert.That(_results, Is.EqualTo(new[] { "result=ignored" }));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("two words")]
    [TestCase("line\nbreak")]
    [TestCase("\"quoted\"")]
    public async Task An_id_that_is_none_is_left_out(string? id)
    {
        var exchange = await AskAsync(Delivery().With("X-GitHub-Delivery", id));

        Assert.That(exchange.AnsweredText, Is.EqualTo("""{"type":"webhook","result":"relayed","delivery_id":null}"""));
        Assert.That(_told.Single().Happened.DeliveryId, Is.Null);
    }

    [TestCase("application/json", 202)]
    [TestCase("application/json; charset=utf-8", 202)]
    [TestCase("APPLICATION/JSON", 202)]
    [TestCase("application/x-www-form-urlencoded", 415)]
    [TestCase("application/jsonp", 415)]
    [TestCase("nonsense", 415)]
    [TestCase(null, 415)]
    public async Task Only_JSON_is_taken(string? contentType, int status)
    {
        var exchange = await AskAsync(Delivery().With("Content-Type", contentType));

        Assert.That(exchange.Answer!.Status, Is.EqualTo(status));
        if (status == 415)
            Assert.That(exchange.AnsweredText, Does.Contain("set that as the content type of the webhook in GitHub"));
    }

    [TestCase(null)]
    [TestCase("nonsense")]
    [TestCase("sha1=0000000000000000000000000000000000000000")]
    [TestCase("sha256=0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Without_a_right_signature_nothing_is_told_of_what_else_is_wrong(string? signature)
    {
        _options.AllowedEventTypes.Add("pull_request");

        var exchange = await AskAsync(Delivery("not JSON"u8.ToArray(), "Not A Type").With("X-Hub-Signature-256", signature));

        Assert.That((exchange.Answer!.Status, _results.Single()), Is.EqualTo((401, "result=not_signed")));
        Assert.That(exchange.Answer.CloseConnection, Is.True);
        Assert.That(_told, Is.Empty);
    }

    [Test]
    public async Task Each_of_several_secrets_is_enough()
    {
        _options.Secrets.Insert(0, "the next secret");
        var body = Payload.Bytes("push.branch");

        foreach (var secret in _options.Secrets.ToArray())
            Assert.That((await AskAsync(Delivery(body, "push").With("X-Hub-Signature-256", WebhookSignature.Of(body, secret)))).Answer!.Status, Is.EqualTo(202));
    }

    [TestCase("not JSON", "push")]
    [TestCase("", "push")]
    [TestCase("{}", null)]
    [TestCase("{}", "Push!")]
    public async Task What_is_signed_and_cannot_be_understood_is_told_so(string body, string? type)
    {
        var exchange = await AskAsync(Delivery(Encoding.UTF8.GetBytes(body), type));

        Assert.That((exchange.Answer!.Status, _results.Single()), Is.EqualTo((400, "result=not_understood")));
    }

    [TestCase(1024, 202)]
    [TestCase(1025, 413)]
    public async Task A_delivery_has_a_largest_size(int bytes, int status)
    {
        (_options.MaxBodyBytes, _options.MaxConcurrentBodyBytes) = (1024, 10_000);
        var body = Encoding.UTF8.GetBytes("{}".PadRight(bytes));

        Assert.That((await AskAsync(Delivery(body, "push"))).Answer!.Status, Is.EqualTo(status));
        Assert.That((await AskAsync(Delivery(body, "push", sized: false))).Answer!.Status, Is.EqualTo(status));
    }

    [Test]
    public async Task A_delivery_that_does_not_come_in_time_is_cut_off()
    {
        var exchange = new CannedExchange("POST", "/webhook") { Body = new StalledStream(), BodyLength = 10, Clock = _clock }.With("Content-Type", "application/json");

        var asking = AskAsync(exchange);
        _clock.Push(_options.BodyTimeout);
        await asking;

        Assert.That((exchange.Answer!.Status, _results.Single()), Is.EqualTo((408, "result=too_slow")));
    }

    [Test]
    public async Task Deliveries_for_which_there_is_no_room_may_come_again()
    {
        (_options.MaxBodyBytes, _options.MaxConcurrentBodyBytes) = (1024, 3072);
        var held = new CannedExchange("POST", "/webhook") { Body = new StalledStream(), Clock = _clock }.With("Content-Type", "application/json");
        var holding = AskAsync(held);

        var refused = await AskAsync(Delivery(Encoding.UTF8.GetBytes("{}".PadRight(1024)), "push", sized: false));

        Assert.That((refused.Answer!.Status, refused.Answered("Retry-After"), _results.Single()), Is.EqualTo((503, "1", "result=no_room")));
        _clock.Push(_options.BodyTimeout);
        await holding;
    }

    [Test]
    public async Task An_address_that_was_refused_often_is_not_listened_to_for_a_while()
    {
        _options.MaxRefusalsPerMinute = 3;
        for (var i = 0; i < 3; i++)
            Assert.That((await AskAsync(Delivery().With("X-Hub-Signature-256", null))).Answer!.Status, Is.EqualTo(401));

        var refused = await AskAsync(Delivery());
        _address = IPAddress.Parse("192.0.2.1");
        var other = await AskAsync(Delivery());
        _address = IPAddress.Loopback;
        _clock.Push(TimeSpan.FromSeconds(20));
        var later = await AskAsync(Delivery().With("X-GitHub-Delivery", "another"));

        Assert.That((refused.Answer!.Status, refused.Answered("Retry-After")), Is.EqualTo((429, "20")));
        Assert.That(refused.Answer.CloseConnection, Is.True);
        Assert.That((other.AnsweredText, later.Answer!.Status), Is.EqualTo((Relayed, 202)));
        Assert.That(_results.Skip(3).First(), Is.EqualTo("result=too_many_refusals"));

        var tally = _endpoint.Value.Tally;
        Assert.That((tally.All, tally[DeliveryOutcome.NotSigned], tally[DeliveryOutcome.NotRead], tally[DeliveryOutcome.Relayed]), Is.EqualTo((6, 3, 1, 2)));
    }

    [Test]
    public async Task Behind_a_trusted_proxy_each_address_answers_for_itself()
    {
        _options.MaxRefusalsPerMinute = 1;
        _proxies = new ProxyRules(["127.0.0.1"]);
        await AskAsync(Delivery().With("X-Hub-Signature-256", null).With("X-Forwarded-For", "192.0.2.1"));

        var same = await AskAsync(Delivery().With("X-Forwarded-For", "203.0.113.9, 192.0.2.1"));
        var other = await AskAsync(Delivery().With("X-Forwarded-For", "192.0.2.2"));

        Assert.That((same.Answer!.Status, other.Answer!.Status), Is.EqualTo((429, 202)));
    }

    [Test]
    public async Task However_many_deliveries_are_in_order_none_is_refused()
    {
        _options.MaxRefusalsPerMinute = 1;

        for (var i = 0; i < 1000; i++)
            Assert.That((await AskAsync(Delivery().With("X-GitHub-Delivery", $"{i}"))).Answer!.Status, Is.EqualTo(202));

        Assert.That(_told, Has.Count.EqualTo(1000));
    }

    [Test]
    public async Task Nothing_of_a_delivery_is_logged_but_its_id_and_its_type()
    {
        var body = "{\"secret\":\"s3cret\"}"u8.ToArray();

        await AskAsync(Delivery(body, "push"));
        await AskAsync(Delivery(body, "s3cret type"));
        await AskAsync(Delivery(body, "s3cret").With("X-Hub-Signature-256", "s3cret").With("X-GitHub-Delivery", "s3cret"));

        Assert.That(_logger.Lines.Select(line => line.Text), Is.EqualTo(new[]
        {
            $"Delivery {Id} of the type push was relayed.",
            "A delivery from 127.0.0.1 was refused: not_understood",
            "A delivery from 127.0.0.1 was refused: not_signed",
        }.Select(line => line.TrimEnd('.') + ".")));
    }

    [Test]
    public void It_is_its_own_guard_at_its_own_path()
    {
        _options.Path = "/hooks/github";

        var route = _endpoint.Value.Route;

        Assert.That((route.Path, route.Guard, route.IsOpen), Is.EqualTo(("/hooks/github", RouteGuard.Own, false)));
        Assert.That(route.Methods, Is.EqualTo(new[] { "POST" }));
    }

    private CannedExchange Delivery(string name = "pull_request.opened") => Delivery(Payload.Bytes(name), Payload.TypeOf(name));

    private CannedExchange Delivery(byte[] body, string? type, bool sized = true) =>
        new CannedExchange("POST", "/webhook") { Body = new MemoryStream(body), BodyLength = sized ? body.Length : null, Clock = _clock, Address = _address, TrustedProxies = _proxies }
            .With("Content-Type", "application/json")
            .With("X-GitHub-Event", type)
            .With("X-GitHub-Delivery", Id)
            .With("X-Hub-Signature-256", WebhookSignature.Of(body, Ours));

    private async Task<CannedExchange> AskAsync(CannedExchange exchange)
    {
        await _endpoint.Value.Route.Endpoint(exchange);
        return exchange;
    }

    /// <summary>Never gives anything, and does not listen to tokens, as the listener's does not.</summary>
    private sealed class StalledStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(new TaskCompletionSource<int>().Task);
    }
}
