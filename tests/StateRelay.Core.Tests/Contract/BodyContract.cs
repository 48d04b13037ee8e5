using StateRelay.Http;

namespace StateRelay.Tests.Contract;

/// <summary>
/// What every transport must do with bodies, whatever endpoint asks for them. A transport runs it by deriving and saying how requests
/// reach a handler. After each case all memory is given back.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class BodyContract
{
    private const int MaxBytes = 1000;
    private const int BudgetBytes = 64 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly ManualClock _clock = new();
    private readonly BodyBudget _budget = new(BudgetBytes);
    private readonly TaskCompletionSource<BodyOutcome> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IAsyncDisposable> _relays = [];

    /// <summary>What the transport makes of chunks that end without the last one.</summary>
    private protected virtual BodyOutcome OfChunksCutShort => BodyOutcome.Broken;

    /// <summary>Hands every request on a free port to <paramref name="handle"/>.</summary>
    private protected abstract Task<RelayUnderTest> ServeAsync(Func<HttpExchange, Task> handle, TimeProvider clock);

    [TearDown]
    public async Task All_memory_is_given_back()
    {
        foreach (var relay in _relays)
            await relay.DisposeAsync();
        Assert.That(() => _budget.Taken, Is.Zero.After(10).Seconds.PollEvery(1));
    }

    [TestCase(1)]
    [TestCase(MaxBytes)]
    public async Task A_body_up_to_the_limit_is_read(int bytes)
    {
        var relay = await StartAsync();
        var text = new string('x', bytes);

        var sized = await relay.AskRawAsync($"POST / HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: {bytes}\r\n\r\n{text}");
        var chunked = await relay.AskRawAsync($"POST / HTTP/1.1\r\nHost: @HOST@\r\nTransfer-Encoding: chunked\r\n\r\n{Chunk(text)}0\r\n\r\n");

        Assert.That((sized.Status, sized.Text), Is.EqualTo((200, text)));
        Assert.That((chunked.Status, chunked.Text), Is.EqualTo((200, text)));
    }

    [TestCase("Content-Length: 0\r\n\r\n")]
    [TestCase("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    public async Task An_empty_body_is_a_body(string rest)
    {
        var relay = await StartAsync();

        var answer = await relay.AskRawAsync("POST / HTTP/1.1\r\nHost: @HOST@\r\n" + rest);

        Assert.That((answer.Status, answer.Text), Is.EqualTo((200, "")));
    }

    [Test]
    public async Task A_body_that_comes_in_many_pieces_is_one()
    {
        var relay = await StartAsync(maxBytes: 60_000);
        using var client = await relay.ConnectAsync();
        var text = string.Concat(Enumerable.Range(0, 10_000).Select(number => number % 10));

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {relay.Address.Authority}\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (var start = 0; start < text.Length; start += 997)
            await client.SendAsync(Chunk(text[start..Math.Min(start + 997, text.Length)]));
        await client.SendAsync("0\r\n\r\n");

        Assert.That((await client.ReadAnswerAsync()).Text, Is.EqualTo(text));
    }

    [Test]
    public async Task A_connection_whose_body_was_read_whole_goes_on()
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();

        foreach (var text in new[] { "first", "second" })
        {
            await client.SendAsync($"POST / HTTP/1.1\r\nHost: {relay.Address.Authority}\r\nContent-Length: {text.Length}\r\n\r\n{text}");
            Assert.That((await client.ReadAnswerAsync()).Text, Is.EqualTo(text));
        }
    }

    [TestCase("1001")]
    [TestCase("99999999999")]
    public async Task A_length_over_the_limit_is_refused_before_anything_comes(string length)
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {relay.Address.Authority}\r\nContent-Length: {length}\r\n\r\n");

        AssertRefusal(await client.ReadAnswerAsync(), 413, "body_too_large");
        Assert.That(_budget.Taken, Is.Zero);
        client.EndSending();
        Assert.That(await client.IsEndedAsync(), Is.True);
    }

    [Test]
    public async Task Chunks_over_the_limit_are_refused_while_they_come()
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {relay.Address.Authority}\r\nTransfer-Encoding: chunked\r\n\r\n{Chunk(new string('x', MaxBytes + 1))}");

        AssertRefusal(await client.ReadAnswerAsync(), 413, "body_too_large");
        client.EndSending();
        Assert.That(await client.IsEndedAsync(), Is.True);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Whoever_sends_all_of_a_body_that_is_too_large_gets_the_answer(bool sized)
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();
        var text = new string('x', 8 * 1024 * 1024);
        var (framing, body) = sized ? ($"Content-Length: {text.Length}", text) : ("Transfer-Encoding: chunked", $"{Chunk(text)}0\r\n\r\n");

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {relay.Address.Authority}\r\n{framing}\r\n\r\n");
        await client.SendAsync(body);

        AssertRefusal(await client.ReadAnswerAsync(), 413, "body_too_large");
    }

    [TestCase("Content-Length: 10\r\n\r\n")]
    [TestCase("Content-Length: 10\r\n\r\nabc")]
    [TestCase("Transfer-Encoding: chunked\r\n\r\n")]
    [TestCase("Transfer-Encoding: chunked\r\n\r\n5\r\nabc")]
    public async Task A_body_that_stalls_is_cut_off_at_its_deadline(string rest)
    {
        var relay = await StartAsync(meanwhile: () => _clock.Push(Timeout));
        using var client = await relay.ConnectAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {relay.Address.Authority}\r\n{rest}");

        AssertRefusal(await client.ReadAnswerAsync(), 408, "body_too_slow");
        client.EndSending();
        Assert.That(await client.IsEndedAsync(), Is.True);
    }

    [TestCase("Content-Length: 10\r\n\r\nabc", false)]
    [TestCase("Transfer-Encoding: chunked\r\n\r\n5\r\nabc", true)]
    [TestCase("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", true)]
    public async Task A_body_that_is_cut_short_is_not_whole(string rest, bool inChunks)
    {
        var relay = await StartAsync();
        using var client = await relay.ConnectAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {relay.Address.Authority}\r\n{rest}");
        client.EndSending();

        Assert.That(await _first.Task, Is.EqualTo(inChunks ? OfChunksCutShort : BodyOutcome.Broken));
    }

    [TestCase("zz\r\nabc\r\n")]
    [TestCase("3\r\nabc\r\nzz\r\n")]
    [TestCase("-3\r\nabc\r\n0\r\n\r\n")]
    public async Task Chunks_that_are_none_are_refused(string body)
    {
        var relay = await StartAsync();

        using var client = await relay.ConnectAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {relay.Address.Authority}\r\nTransfer-Encoding: chunked\r\n\r\n{body}");

        Assert.That((await client.ReadAnswerAsync(toHead: true)).Status, Is.EqualTo(400));
        Assert.That(await _first.Task, Is.EqualTo(BodyOutcome.Broken));
    }

    [Test]
    public async Task Bodies_that_are_held_leave_no_room_for_more_than_there_is()
    {
        var held = new SemaphoreSlim(0);
        var reading = new SemaphoreSlim(0);
        var relay = await StartAsync(maxBytes: BudgetBytes / 4, held: held, begun: reading);
        var request = $"POST / HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: {BudgetBytes / 4}\r\n\r\n{new string('x', BudgetBytes / 4)}";

        var first = Enumerable.Range(0, 4).Select(_ => relay.AskRawAsync(request)).ToArray();
        foreach (var _ in first)
            await reading.WaitAsync();
        var full = _budget.Taken;
        var refused = await relay.AskRawAsync(request);
        held.Release(first.Length + 1);
        await Task.WhenAll(first);
        var later = await relay.AskRawAsync(request);

        Assert.That(full, Is.EqualTo(BudgetBytes));
        AssertRefusal(refused, 503, "bodies_too_many");
        Assert.That(refused.Header("Retry-After"), Is.EqualTo("1"));
        Assert.That(first.Select(answer => answer.Result.Status), Is.All.EqualTo(200));
        Assert.That(later.Status, Is.EqualTo(200));
    }

    private static string Chunk(string text) => $"{text.Length:x}\r\n{text}\r\n";

    private static void AssertRefusal(RawAnswer answer, int status, string error)
    {
        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Text, Does.StartWith($$"""{"type":"error","error":"{{error}}","message":"""));
        Assert.That(answer.Header("Connection"), Is.EqualTo("close"));
    }

    // Answers with the body it was sent, or with its refusal.
    private async Task<RelayUnderTest> StartAsync(int maxBytes = MaxBytes, Action? meanwhile = null, SemaphoreSlim? held = null, SemaphoreSlim? begun = null)
    {
        var relay = await ServeAsync(
            async exchange =>
            {
                var reading = exchange.ReadBodyAsync(new BodyLimits(maxBytes, Timeout, _budget)).AsTask();
                meanwhile?.Invoke();
                using var body = await reading;
                _first.TrySetResult(body.Outcome);
                if (body.Outcome == BodyOutcome.Whole)
                {
                    begun?.Release();
                    await (held?.WaitAsync() ?? Task.CompletedTask);
                }

                await exchange.AnswerAsync(body.Refusal ?? new HttpAnswer(200, "text/plain", body.Bytes));
            },
            _clock);
        _relays.Add(relay);
        return relay;
    }
}
