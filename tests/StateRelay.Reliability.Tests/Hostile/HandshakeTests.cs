namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>WebSocket handshakes that no honest client makes, and some strange ones that are in order.</summary>
public sealed class HandshakeTests(Transport transport) : HostileTests(transport)
{
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private const string Bad = "400 bad_handshake closed";
    private const string Version = "426 unsupported_version closed";

    /// <summary>The head of an honest handshake, without the line that ends it.</summary>
    public const string Shake = "GET /ws HTTP/1.1\r\n" + Rest;

    private const string Head = "GET /ws HTTP/1.1\r\nHost: @HOST@\r\n";
    private const string Rest = "Host: @HOST@\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + Key + "\r\n";
    private const string Asks = Head + "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    private const string Keyed = "Sec-WebSocket-Key: " + Key + "\r\n";

    private static readonly HttpCase[] Cases =
    [
        new("in order", Shake + "\r\n", "101"),
        new("nothing but a GET", Head + "\r\n", "426 upgrade_required closed"),
        new("mixed case", Head + "upgrade: WebSocket\r\nconnection: upGRADE\r\nsec-websocket-version: 13\r\nsec-websocket-key: " + Key + "\r\n\r\n", "101"),
        new("another protocol beside it", Head + "Upgrade: h2c, websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + Keyed + "\r\n", "101"),
        new("a version of the protocol's name", Head + "Upgrade: websocket/13\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + Keyed + "\r\n", "426 upgrade_required closed"),
        new("no upgrade named", Head + "Upgrade:\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + Keyed + "\r\n", "426 upgrade_required closed"),
        new("Connection of a browser", Head + "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n" + Keyed + "\r\n", "101"),
        new("Connection that would close", Head + "Upgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\n" + Keyed + "\r\n", Bad),
        new("Connection almost right", Head + "Upgrade: websocket\r\nConnection: upgraded\r\nSec-WebSocket-Version: 13\r\n" + Keyed + "\r\n", Bad),
        new("no version", Asks + Keyed + "\r\n", Version),
        new("version of nothing", Asks + "Sec-WebSocket-Version:\r\n" + Keyed + "\r\n", Version),
        new("version nought", Asks + "Sec-WebSocket-Version: 0\r\n" + Keyed + "\r\n", Version),
        new("version 14", Asks + "Sec-WebSocket-Version: 14\r\n" + Keyed + "\r\n", Version),
        new("version 013", Asks + "Sec-WebSocket-Version: 013\r\n" + Keyed + "\r\n", Version),
        new("version +13", Asks + "Sec-WebSocket-Version: +13\r\n" + Keyed + "\r\n", Version),
        new("version 13.0", Asks + "Sec-WebSocket-Version: 13.0\r\n" + Keyed + "\r\n", Version),
        new("a list of versions", Asks + "Sec-WebSocket-Version: 13, 8\r\n" + Keyed + "\r\n", Version),
        new("two versions, the last known", Asks + "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Version: 13\r\n" + Keyed + "\r\n", "101", Version),
        new("two versions, the first known", Asks + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n" + Keyed + "\r\n", Version),
        new("no key", Asks + "Sec-WebSocket-Version: 13\r\n\r\n", Bad),
        new("a key of nothing", Keys(""), Bad),
        new("a key of 15 bytes", Keys("AAAAAAAAAAAAAAAAAAAA"), Bad),
        new("a key of 17 bytes", Keys("AAAAAAAAAAAAAAAAAAAAAAA="), Bad),
        new("a key of 32 bytes", Keys("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), Bad),
        new("a key that is not base64", Keys("!!!!!!!!!!!!!!!!!!!!!!=="), Bad),
        new("a key in base64url", Keys("____________________-w=="), Bad),
        new("a key without its end", Keys("dGhlIHNhbXBsZSBub25jZQ"), Bad),
        new("a key with a blank in it", Keys("dGhlIHNhbXBs ZSBub25jZQ=="), Bad),
        new("a key in quotes", Keys("\"" + Key + "\""), Bad),
        new("a key of 10,000 letters", Keys(new string('A', 10_000)), Bad),
        new("the same key twice", Shake + Keyed + "\r\n", "101", Bad),
        new("two keys", Shake + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", "101", Bad),
        new("an accepted key of the client's", Shake + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", "101"),
        new("a subprotocol that is unknown", Offers("chat"), Bad),
        new("a subprotocol of nothing", Offers(""), Bad),
        new("a subprotocol of a comma", Offers(","), Bad),
        new("a subprotocol and a comma", Offers("staterelay.v1.json,"), Bad),
        new("a subprotocol in upper case", Offers("STATERELAY.V1.JSON"), Bad),
        new("a subprotocol in quotes", Offers("\"staterelay.v1.json\""), Bad),
        new("a subprotocol with a parameter", Offers("staterelay.v1.json;q=1"), Bad),
        new("a subprotocol twice", Offers("staterelay.v1.json, staterelay.v1.json"), Bad),
        new("a subprotocol of a later version", Offers("staterelay.v2.json"), Bad),
        new("a known one behind an unknown", Offers("staterelay.v2.json, staterelay.v1.json"), "101"),
        new("a known one among 1,000", Offers(string.Join(',', Enumerable.Range(0, 1000).Select(n => $"p{n}")) + ",staterelay.v1.json"), "101"),
        new("subprotocols in two lines, the known the last", Shake + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: staterelay.v1.json\r\n\r\n", "101"),
        new("subprotocols in two lines, the known the first", Shake + "Sec-WebSocket-Protocol: staterelay.v1.json\r\nSec-WebSocket-Protocol: chat\r\n\r\n", Bad, "101"),
        new("a subprotocol with a blank in it", Offers("staterelay .v1.json"), Bad),
        new("a bearer alone", Offers("bearer.YW15LXRva2Vu"), Bad),
        new("a bearer of nothing", Offers("staterelay.v1.json, bearer."), "101"),
        new("a bearer that is not base64url", Offers("staterelay.v1.json, bearer.!!!!"), "101"),
        new("a bearer of half a letter", Offers("staterelay.v1.json, bearer.A"), "101"),
        new("a bearer that is padded", Offers("staterelay.v1.json, bearer.YQ=="), Bad),
        new("a bearer that is no UTF-8", Offers("staterelay.v1.json, bearer.__4"), "101"),
        new("a bearer of 5,000 letters", Offers("staterelay.v1.json, bearer." + new string('A', 5000)), "101"),
        new("a bearer in upper case", Offers("staterelay.v1.json, BEARER.YW15LXRva2Vu"), "101"),
        new("extensions that are unknown", Shake + "Sec-WebSocket-Extensions: x-thing; a=1, permessage-bzip2\r\n\r\n", "101"),
        new("extensions that are none", Shake + "Sec-WebSocket-Extensions: ;;;=,\"\r\n\r\n", "101"),
        new("extensions of nothing", Shake + "Sec-WebSocket-Extensions:\r\n\r\n", "101"),
        new("a compression with a window that cannot be", Shake + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99\r\n\r\n", "101"),
        new("a body of five bytes", Shake + "Content-Length: 5\r\n\r\nhello", "400 bad_handshake closed"),
        new("a body of nothing", Shake + "Content-Length: 0\r\n\r\n", "101"),
        new("a body in chunks", Shake + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 bad_handshake closed"),
        new("POST", "POST /ws HTTP/1.1\r\nContent-Length: 0\r\n" + Rest + "\r\n", "405 method_not_allowed closed"),
        new("HEAD", "HEAD /ws HTTP/1.1\r\n" + Rest + "\r\n", "405 closed"),
        new("get", "get /ws HTTP/1.1\r\n" + Rest + "\r\n", "405 method_not_allowed closed"),
        new("CONNECT", "CONNECT /ws HTTP/1.1\r\n" + Rest + "\r\n", "405 method_not_allowed closed"),
        new("HTTP/1.0", "GET /ws HTTP/1.0\r\n" + Rest + "\r\n", Bad),
        new("a path with a slash", "GET /ws/ HTTP/1.1\r\n" + Rest + "\r\n", "404 not_found closed"),
        new("the page", "GET / HTTP/1.1\r\n" + Rest + "\r\n", "200 open"),
        new("an absolute target", "GET http://@HOST@/ws HTTP/1.1\r\n" + Rest + "\r\n", "101"),
        new("an absolute target of a WebSocket", "GET ws://@HOST@/ws HTTP/1.1\r\n" + Rest + "\r\n", "400 closed"),
        new("a mode that is unknown", Mode("mode=nothing"), Bad),
        new("a mode in upper case", Mode("mode=STATE"), Bad),
        new("a mode of nothing", Mode("mode="), "101"),
        new("a mode that is escaped", Mode("mode=%73tate"), "101"),
        new("two modes, of which the first counts", Mode("mode=state&mode=nothing"), "101"),
        new("a mode with NUL", Mode("mode=state%00"), Bad),
        new("a topic that is unknown", Mode("mode=state&topic=nothing"), "404 unknown_topic closed"),
        new("a topic that is not for everybody", Mode("mode=state&topic=relay"), "404 unknown_topic closed"),
        new("a topic of events", Mode("mode=state&topic=events"), "404 unknown_topic closed"),
        new("events without a token", Mode("mode=events"), "401 authentication_failed closed"),
        new("events with another scheme", Mode("mode=events", "Authorization: Basic YW15OmFteQ==\r\n"), "403 authentication_failed closed"),
        new("events with a scheme and no token", Mode("mode=events", "Authorization: Bearer\r\n"), "403 authentication_failed closed"),
        new("events with a scheme in lower case", Mode("mode=events", "Authorization: bearer amy-token\r\n"), "403 authentication_failed closed"),
        new("events with a token of 5,000 letters", Mode("mode=events", "Authorization: Bearer " + new string('t', 5000) + "\r\n"), "403 authentication_failed closed"),
        new("events with a token that nobody has", Mode("mode=events", "Authorization: Bearer nobodys\r\n"), "101"),
        new("events with two tokens, of which none is one", Mode("mode=events", "Authorization: Basic a\r\nAuthorization: Basic b\r\n"), "403 authentication_failed closed"),
    ];

    [TestCaseSource(nameof(All))]
    public async Task A_handshake_has_exactly_this_answer(HttpCase tried)
    {
        ArgumentNullException.ThrowIfNull(tried);

        var told = await tried.TryAsync(Relay.Address);

        Assert.That(told, Is.EqualTo(tried.On(Transport)));
    }

    [Test]
    public async Task A_version_that_is_not_spoken_is_answered_with_the_one_that_is([Values("8", "14", "13, 8")] string version)
    {
        var answer = await RawHttpClient.AskRawAsync(
            Relay.Address, $"GET /ws HTTP/1.1\r\nHost: {Relay.Address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: {version}\r\n{Keyed}\r\n");

        Assert.That((answer.Status, answer.Header("Sec-WebSocket-Version")), Is.EqualTo((426, "13")));
    }

    private static IEnumerable<TestCaseData> All() => Named(Cases, one => one.Name);

    private static string Keys(string key) => $"{Asks}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n";

    private static string Offers(string names) => $"{Shake}Sec-WebSocket-Protocol: {names}\r\n\r\n";

    private static string Mode(string query, string more = "") => $"GET /ws?{query} HTTP/1.1\r\n{Rest}{more}\r\n";
}
