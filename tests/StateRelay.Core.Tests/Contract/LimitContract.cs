using System.Net.WebSockets;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.Contract;

/// <summary>Every limit at its edge: the last passes, the next is refused, one leaves, the next passes.</summary>
public abstract class LimitContract : ContractTests
{
    [Test]
    public async Task Requests_at_once()
    {
        var held = new SemaphoreSlim(0);
        var begun = new SemaphoreSlim(0);
        var relay = await StartAsync(o =>
        {
            o.MaxConcurrentRequests = 2;
            o.AuthorizeViewer = async _ =>
            {
                begun.Release();
                await held.WaitAsync();
                return true;
            };
        });
        var first = relay.AskAsync("GET /api/state HTTP/1.1");
        var second = relay.AskAsync("GET /api/state HTTP/1.1");
        await begun.WaitAsync();
        await begun.WaitAsync();

        var refused = await relay.AskAsync("GET /api/state HTTP/1.1");
        held.Release();
        var done = await await Task.WhenAny(first, second);
        var third = await UntilLetInAsync(relay, begun);

        AssertRefusal(refused, 503, "too_many_requests");
        Assert.That(refused.Header("Retry-After"), Is.EqualTo("1"));
        Assert.That(done.Status, Is.EqualTo(200));

        held.Release(2);
        Assert.That((await Task.WhenAll(first, second, third)).Select(answer => answer.Status), Is.All.EqualTo(200));
    }

    [Test]
    public async Task WebSockets_that_are_open_are_no_requests()
    {
        var relay = await StartAsync(o => o.MaxConcurrentRequests = 1);

        using var first = await OpenAsync(relay);
        using var second = await OpenAsync(relay);

        Assert.That((await relay.AskAsync("GET /api/state HTTP/1.1")).Status, Is.EqualTo(200));
    }

    [TestCase(2, 100, 503)]
    [TestCase(100, 2, 429)]
    public async Task Connections_in_all_and_by_address(int inAll, int byAddress, int status)
    {
        var relay = await StartAsync(o => (o.MaxConnections, o.MaxConnectionsPerAddress) = (inAll, byAddress));
        var first = await OpenAsync(relay);
        using var second = await OpenAsync(relay);

        var refused = await TryOpenAsync(relay);
        await first.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        first.Dispose();

        ClientWebSocket? third = null;
        while (third is null)
            third = (await TryOpenAsync(relay)).Socket;     // the place is free once the server has seen the end, too

        Assert.That(refused.Status, Is.EqualTo(status));
        Assert.That(third.State, Is.EqualTo(WebSocketState.Open));
        third.Dispose();
    }

    [Test]
    public async Task A_client_that_does_not_read_its_answer_is_cut_off()
    {
        var clock = new ManualClock();
        var relay = await StartAsync(state: Some.Store(new string('x', 32 * 1024 * 1024)), clock: clock);
        using var client = await relay.ConnectAsync();
        await client.SendAsync($"GET /api/state HTTP/1.1\r\nHost: {relay.Address.Authority}\r\n\r\n");
        await client.ReadBytesAsync(1);     // the answer has begun, and with it its time

        clock.Push(TimeSpan.FromSeconds(10));

        Assert.That(() => client.ReadBytesAsync(32 * 1024 * 1024), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task Many_that_come_and_go_leave_room()
    {
        var relay = await StartAsync(o => (o.MaxConcurrentRequests, o.MaxConnections) = (4, 4));

        for (var i = 0; i < 50; i++)
        {
            using var client = await relay.ConnectAsync();
            await client.SendAsync(i % 2 == 0 ? "GET /api/state HTTP/1.1\r\nHost: " : $"GET /api/state HTTP/1.1\r\nHost: {relay.Address.Authority}\r\n\r\n");
        }

        RawAnswer answer;
        do
            answer = await relay.AskAsync("GET /api/state HTTP/1.1");
        while (answer.Status == 503);
        Assert.That(answer.Status, Is.EqualTo(200));
    }

    // Asks until the relay does not refuse any more: a slot is free a moment after its answer was read.
    private static async Task<Task<RawAnswer>> UntilLetInAsync(RelayUnderTest relay, SemaphoreSlim begun)
    {
        while (true)
        {
            var request = relay.AskAsync("GET /api/state HTTP/1.1");
            var entered = begun.WaitAsync();
            if (await Task.WhenAny(request, entered) == entered)
                return request;
            begun.Release();
            await entered;
        }
    }

    // A request's place is free a moment after its answer was read: whoever asks in between is refused, and asks again.
    protected override async Task<RawAnswer> AskAtLastAsync(RelayUnderTest relay)
    {
        var answer = await base.AskAtLastAsync(relay);
        for (var again = 0; again < 1000 && answer.Status == 503; again++)
            answer = await base.AskAtLastAsync(relay);
        return answer;
    }

    private static async Task<ClientWebSocket> OpenAsync(RelayUnderTest relay) =>
        (await TryOpenAsync(relay)).Socket ?? throw new AssertionException("The relay refused.");

    private static async Task<(ClientWebSocket? Socket, int Status)> TryOpenAsync(RelayUnderTest relay)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(new UriBuilder(relay.Address) { Scheme = "ws", Path = "/ws" }.Uri, CancellationToken.None);
            return (socket, 101);
        }
        catch (WebSocketException)
        {
            socket.Dispose();
            return (null, (int)socket.HttpStatusCode);
        }
    }
}
