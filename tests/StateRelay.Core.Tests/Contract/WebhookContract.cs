using System.Globalization;
using System.Text;

using StateRelay.GitHub;

namespace StateRelay.Tests.Contract;

/// <summary>
/// What every transport must do with GitHub's deliveries, told as bytes on a connection. A transport runs it by deriving and saying how a
/// relay of webhooks is started on it. After each case the relay must still answer.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class WebhookContract
{
    private const string Id = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
    private const string Fork = """{"action":"forked","repository":{"name":"rocket","private":false,"owner":{"login":"acme"}},"sender":{"login":"amy"}}""";
    private const int MaxBytes = 2000;

    private static readonly Secret Ours = new("a secret of ours");
    private static readonly TimeSpan BodyTimeout = TimeSpan.FromSeconds(7);

    private readonly ManualClock _clock = new();
    private RelayUnderTest? _relay;
    private Hub? _hub;

    /// <summary>Starts a relay of webhooks on a free port.</summary>
    protected abstract Task<(RelayUnderTest Relay, Hub Hub)> StartAsync(Action<GitHubWebhookOptions> configure, TimeProvider clock);

    [TearDown]
    public async Task The_relay_still_answers()
    {
        var answer = await _relay!.AskAsync("GET /healthz HTTP/1.1");
        await _relay.DisposeAsync();
        Assert.That(answer.Text, Is.EqualTo("""{"status":"serving"}"""));
    }

    [Test]
    public async Task What_is_in_order_is_answered_with_what_became_of_it_and_the_connection_goes_on()
    {
        var relay = await StartAsync(options => options.AllowedEventTypes.Add("fork"));
        using var client = await relay.ConnectAsync();
        (string Result, string Request)[] deliveries =
        [
            ("relayed", Delivery()),
            ("duplicate", Delivery()),
            ("ignored", Delivery(type: "push", id: "2")),
            ("ignored", Delivery(type: "ping", id: "3")),
            ("relayed", Delivery(id: "4", framing: Framing.Chunked)),
            ("relayed", Delivery(id: null)),
        ];

        foreach (var (result, request) in deliveries)
        {
            await SendAsync(client, request);
            var answer = await client.ReadAnswerAsync();

            Assert.That(answer.Status, Is.EqualTo(202));
            Assert.That(answer.Text, Does.StartWith($$"""{"type":"webhook","result":"{{result}}","delivery_id":"""));
            Assert.That(answer.Header("Content-Type"), Is.EqualTo("application/json; charset=utf-8"));
            Assert.That(answer.Header("Connection"), Is.Null.Or.EqualTo("keep-alive"));
        }

        Assert.That(_hub!.Head.Seq, Is.EqualTo(3));
        Assert.That((await relay.AskRawAsync(Delivery())).Text, Is.EqualTo($$"""{"type":"webhook","result":"duplicate","delivery_id":"{{Id}}"}"""));
    }

    [TestCase("Content-Type", null, 415, "not_json")]
    [TestCase("Content-Type", "application/x-www-form-urlencoded", 415, "not_json")]
    [TestCase("X-Hub-Signature-256", null, 401, "not_signed")]
    [TestCase("X-Hub-Signature-256", "nonsense", 401, "not_signed")]
    [TestCase("X-Hub-Signature-256", "sha256=0000000000000000000000000000000000000000000000000000000000000000", 401, "not_signed")]
    [TestCase("X-GitHub-Event", null, 400, "not_understood")]
    [TestCase("X-GitHub-Event", "Not A Type", 400, "not_understood")]
    public async Task What_is_not_in_order_is_refused_by_name_and_told_nobody(string header, string? value, int status, string error)
    {
        var relay = await StartAsync();

        foreach (var framing in Enum.GetValues<Framing>())
        {
            using var client = await relay.ConnectAsync();
            await SendAsync(client, Delivery(framing: framing, change: (header, value)));

            AssertRefusal(await client.ReadAnswerAsync(), status, error);
            Assert.That(await client.IsEndedAsync(), Is.True);
        }

        Assert.That(_hub!.Head.Seq, Is.Zero);
    }

    [TestCase("not JSON")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("")]
    public async Task A_body_that_is_signed_and_no_object_is_refused(string body)
    {
        var relay = await StartAsync();

        AssertRefusal(await relay.AskRawAsync(Delivery(body)), 400, "not_understood");
        AssertRefusal(await relay.AskRawAsync(Delivery(body, framing: Framing.Chunked)), 400, "not_understood");
        Assert.That(_hub!.Head.Seq, Is.Zero);
    }

    [Test]
    public async Task One_that_is_too_large_is_refused_by_its_length_or_while_it_comes()
    {
        var relay = await StartAsync();
        var fits = Fork.PadRight(MaxBytes);
        var doesNot = Fork.PadRight(MaxBytes + 1);

        Assert.That((await relay.AskRawAsync(Delivery(fits, id: "1"))).Status, Is.EqualTo(202));
        Assert.That((await relay.AskRawAsync(Delivery(fits, id: "2", framing: Framing.Chunked))).Status, Is.EqualTo(202));
        AssertRefusal(await relay.AskRawAsync(Delivery(doesNot, id: "3")), 413, "body_too_large");
        AssertRefusal(await relay.AskRawAsync(Delivery(doesNot, id: "4", framing: Framing.Chunked)), 413, "body_too_large");
        AssertRefusal(await relay.AskRawAsync(HeadOf(Delivery(doesNot, id: "5"))), 413, "body_too_large");
        Assert.That(_hub!.Head.Seq, Is.EqualTo(2));
    }

    [Test]
    public async Task Whoever_asks_first_whether_to_send_is_told()
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();
        var request = Delivery(change: ("Expect", "100-continue"));

        await SendAsync(client, HeadOf(request));
        var goOn = await client.ReadAnswerAsync();
        await client.SendAsync(Fork);
        var answer = await client.ReadAnswerAsync();

        Assert.That((goOn.Status, answer.Status, _hub!.Head.Seq), Is.EqualTo((100, 202, 1)));
    }

    [Test]
    public async Task Whoever_asks_first_whether_to_send_too_much_is_told_not_to()
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();

        await SendAsync(client, HeadOf(Delivery(Fork.PadRight(MaxBytes + 1), change: ("Expect", "100-continue"))));
        var answer = await client.ReadAnswerAsync();

        // One transport says yes before we are asked; the refusal follows all the same.
        AssertRefusal(answer.Status == 100 ? await client.ReadAnswerAsync() : answer, 413, "body_too_large");
        Assert.That(_hub!.Head.Seq, Is.Zero);
    }

    [TestCase("GET")]
    [TestCase("HEAD")]
    [TestCase("PUT")]
    [TestCase("DELETE")]
    [TestCase("OPTIONS")]
    public async Task Other_methods_are_told_that_it_is_POST(string method)
    {
        var relay = await StartAsync();

        var answer = await relay.AskAsync($"{method} /webhook HTTP/1.1", "Content-Length: 0");

        Assert.That((answer.Status, answer.Header("Allow")), Is.EqualTo((405, "POST")));
        Assert.That(answer.Text, method == "HEAD" ? Is.Empty : Does.Contain("method_not_allowed"));
    }

    [TestCase(Framing.Sized)]
    [TestCase(Framing.Chunked)]
    public async Task One_that_comes_in_pieces_is_one(Framing framing)
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();
        var request = Delivery(framing: framing).Replace("@HOST@", relay.Address.Authority, StringComparison.Ordinal);

        for (var start = 0; start < request.Length; start += 13)
            await client.SendAsync(request[start..Math.Min(start + 13, request.Length)]);

        Assert.That(((await client.ReadAnswerAsync()).Status, _hub!.Head.Seq), Is.EqualTo((202, 1)));
    }

    [TestCase(Framing.Sized)]
    [TestCase(Framing.Chunked)]
    public async Task One_that_does_not_come_in_time_is_refused(Framing framing)
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();

        await SendAsync(client, Delivery(framing: framing)[..^20]);
        await PushOnceItIsReadAsync();

        AssertRefusal(await client.ReadAnswerAsync(), 408, "body_too_slow");
        Assert.That(_hub!.Head.Seq, Is.Zero);
    }

    [TestCase(Framing.Sized)]
    [TestCase(Framing.Chunked)]
    public async Task One_that_is_cut_off_is_told_nobody(Framing framing)
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();

        await SendAsync(client, Delivery(framing: framing)[..^20]);
        client.EndSending();

        // Whether it is answered or just ended is the transport's affair; it has been dealt with then.
        await client.IsEndedAsync();
        Assert.That(_hub!.Head.Seq, Is.Zero);
    }

    [Test]
    public async Task Those_for_which_there_is_no_room_may_come_again()
    {
        var relay = await StartAsync(options => options.MaxConcurrentBodyBytes = 3 * MaxBytes);
        using var one = await relay.ConnectAsync();
        using var other = await relay.ConnectAsync();
        foreach (var client in new[] { one, other })
            await SendAsync(client, HeadOf(Delivery(framing: Framing.Chunked)) + "1\r\n{\r\n");

        // Once both are being read there is no room for a third.
        RawAnswer answer;
        do
            answer = await relay.AskRawAsync(Delivery(framing: Framing.Chunked));
        while (answer.Status == 202);

        AssertRefusal(answer, 503, "bodies_too_many");
        Assert.That(answer.Header("Retry-After"), Is.EqualTo("1"));
    }

    [Test]
    public async Task An_address_that_was_refused_often_is_not_listened_to_for_a_while()
    {
        var relay = await StartAsync(options => options.MaxRefusalsPerMinute = 1);
        await relay.AskRawAsync(Delivery(change: ("X-Hub-Signature-256", null)));

        var refused = await relay.AskRawAsync(Delivery());
        _clock.Push(TimeSpan.FromMinutes(1));
        var later = await relay.AskRawAsync(Delivery());

        AssertRefusal(refused, 429, "too_many_refusals");
        Assert.That((refused.Header("Retry-After"), later.Status), Is.EqualTo(("60", 202)));
    }

    /// <summary>How a body says where it ends.</summary>
    public enum Framing
    {
        /// <summary>By its length.</summary>
        Sized,

        /// <summary>By a last chunk.</summary>
        Chunked,
    }

    private static void AssertRefusal(RawAnswer answer, int status, string error)
    {
        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Header("Content-Type"), Is.EqualTo("application/json; charset=utf-8"));
        Assert.That(answer.Text, Does.StartWith($$"""{"type":"error","error":"{{error}}","message":"""));
        Assert.That(answer.Header("Connection"), Is.EqualTo("close"));
    }

    /// <summary>A delivery as GitHub sends it, but for one header.</summary>
    private static string Delivery(string body = Fork, string type = "fork", string? id = Id, Framing framing = Framing.Sized, (string Name, string? Value) change = default)
    {
        var headers = new Dictionary<string, string?>
        {
            ["Host"] = "@HOST@",
            ["Content-Type"] = "application/json",
            ["X-GitHub-Event"] = type,
            ["X-GitHub-Delivery"] = id,
            ["X-Hub-Signature-256"] = WebhookSignature.Of(Encoding.Latin1.GetBytes(body), Ours),
            ["Content-Length"] = framing == Framing.Sized ? body.Length.ToString(CultureInfo.InvariantCulture) : null,
            ["Transfer-Encoding"] = framing == Framing.Chunked ? "chunked" : null,
        };
        if (change.Name is not null)
            headers[change.Name] = change.Value;

        var head = string.Concat(headers.Where(header => header.Value is not null).Select(header => $"{header.Key}: {header.Value}\r\n"));
        var chunk = body.Length == 0 ? "" : $"{body.Length:x}\r\n{body}\r\n";
        return $"POST /webhook HTTP/1.1\r\n{head}\r\n{(framing == Framing.Sized ? body : chunk + "0\r\n\r\n")}";
    }

    private static string HeadOf(string request) => request[..(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)];

    private Task SendAsync(RawHttpClient client, string request) => client.SendAsync(request.Replace("@HOST@", _relay!.Address.Authority, StringComparison.Ordinal));

    /// <summary>Pushes the clock past the time of a body once that has begun to run.</summary>
    private async Task PushOnceItIsReadAsync()
    {
        while (_clock.NextDueIn is not { } due || due > BodyTimeout)
            await Task.Yield();
        _clock.Push(BodyTimeout);
    }

    private async Task<RelayUnderTest> StartAsync(Action<GitHubWebhookOptions>? change = null)
    {
        (_relay, _hub) = await StartAsync(
            options =>
            {
                options.Secrets.Add(Ours);
                (options.MaxBodyBytes, options.MaxConcurrentBodyBytes, options.BodyTimeout) = (MaxBytes, 1_000_000, BodyTimeout);
                change?.Invoke(options);
            },
            _clock);
        return _relay;
    }
}
