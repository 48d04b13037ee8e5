namespace StateRelay.Tests.Contract;

/// <summary>What not every transport can do, because it is done before the relay sees the request, or below it.</summary>
public enum Ability
{
    /// <summary>A request that names two hosts is refused; else the last one counts.</summary>
    RefusesTwoHosts,

    /// <summary>A handshake that names two origins is refused; else the last one counts.</summary>
    RefusesTwoOrigins,

    /// <summary>A header that goes on in the next line is refused; else that line becomes a header of its own.</summary>
    RefusesFoldedHeaders,

    /// <summary>A header with a space before its colon is refused; else it is mended.</summary>
    RefusesASpaceBeforeTheColon,

    /// <summary>A carriage return inside a header is refused; else it vanishes.</summary>
    RefusesABareCarriageReturn,

    /// <summary>Requests sent together are all answered; else the second is thrown away.</summary>
    AnswersPipelinedRequests,

    /// <summary>A request in a coding that nobody knows gets one answer; else two, and whoever comes next on the connection gets the wrong one.</summary>
    AnswersAnUnknownCodingOnce,

    /// <summary>A viewer that shows no life is asked for it with a ping frame; else it is sent pongs that nobody asked for.</summary>
    SendsPings,
}

/// <summary>
/// The transports' differences, each shown by what really happens: a transport that learns to do what is on its list of inabilities
/// fails here, and so the list stays true. What has no case of its own is TLS, HTTP/2 and IPv6, which the listener's options refuse.
/// </summary>
public abstract class AbilityContract : ContractTests
{
    private const string Get = "GET /api/state HTTP/1.1\r\nHost: @HOST@\r\n";

    private const string Handshake =
        "GET /ws HTTP/1.1\r\nHost: @HOST@\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private const int Ping = 0x89;

    /// <summary>What this transport cannot do.</summary>
    protected abstract Ability[] Inabilities { get; }

    [Test]
    public async Task What_it_cannot_do_is_on_its_list_and_nothing_else([Values] Ability ability)
    {
        var relay = await StartAsync(o => o.PingInterval = TimeSpan.FromMilliseconds(100));

        var can = ability switch
        {
            Ability.RefusesTwoHosts => await RefusesAsync(relay, "GET /api/state HTTP/1.1\r\nHost: evil.example\r\nHost: @HOST@\r\n\r\n"),
            Ability.RefusesTwoOrigins => await RefusesAsync(relay, Handshake + "Origin: http://evil.example\r\nOrigin: http://@HOST@\r\n\r\n"),
            Ability.RefusesFoldedHeaders => await RefusesAsync(relay, Get + "X-Thing: one\r\n X-Other: two\r\n\r\n"),
            Ability.RefusesASpaceBeforeTheColon => await RefusesAsync(relay, Get + "X-Thing : one\r\n\r\n"),
            Ability.RefusesABareCarriageReturn => await RefusesAsync(relay, Get + "X-Thing: one\rtwo\r\n\r\n"),
            Ability.AnswersPipelinedRequests => await AnswersPipelinedRequestsAsync(relay),
            Ability.AnswersAnUnknownCodingOnce => await AnswersAnUnknownCodingOnceAsync(relay),
            _ => await FirstControlFrameAsync(relay) == Ping,
        };

        Assert.That(can, Is.EqualTo(!Inabilities.Contains(ability)));
    }

    private static async Task<bool> RefusesAsync(RelayUnderTest relay, string request) => (await relay.AskRawAsync(request)).Status >= 400;

    private static async Task<bool> AnswersPipelinedRequestsAsync(RelayUnderTest relay)
    {
        using var client = await relay.ConnectAsync();

        await client.SendAsync(string.Concat(Enumerable.Repeat(Get + "\r\n", 2)).Replace("@HOST@", relay.Address.Authority, StringComparison.Ordinal));
        await client.ReadAnswerAsync();
        await client.SendAsync($"GET /nothing HTTP/1.1\r\nHost: {relay.Address.Authority}\r\n\r\n");

        return (await client.ReadAnswerAsync()).Status == 200;
    }

    private static async Task<bool> AnswersAnUnknownCodingOnceAsync(RelayUnderTest relay)
    {
        using var client = await relay.ConnectAsync();

        await client.SendAsync($"POST /api/state HTTP/1.1\r\nHost: {relay.Address.Authority}\r\nTransfer-Encoding: unknown\r\n\r\n");
        await client.ReadAnswerAsync();

        return await client.IsEndedAsync();
    }

    private static async Task<int> FirstControlFrameAsync(RelayUnderTest relay)
    {
        using var client = await relay.ConnectAsync();
        await client.SendAsync((Handshake + "\r\n").Replace("@HOST@", relay.Address.Authority, StringComparison.Ordinal));
        await client.ReadAnswerAsync();

        while (true)
        {
            var head = await client.ReadBytesAsync(2);
            await client.ReadBytesAsync(head[1]);
            if ((head[0] & 0x08) != 0)
                return head[0];
        }
    }
}
