namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>Hosts and origins by which a page of another site would make this relay its own.</summary>
public sealed class HostAndOriginTests(Transport transport) : HostileTests(transport)
{
    // The listener refuses hosts that none of its prefixes names before the relay sees them, and sends an empty answer behind that.
    private const string Foreign = "404 200 closed";
    private const string Unknown = "421 host_unknown closed";

    private static readonly HttpCase[] Cases =
    [
        Host("this machine", "localhost:@PORT@", "200 open"),
        Host("no port", "localhost", "200 open"),
        Host("a colon and no port", "localhost:", "200 open", "400 closed"),
        Host("another port", "localhost:1", "200 open"),
        Host("port nought", "localhost:0", "200 open"),
        Host("noughts before the port", "localhost:00080", "200 open"),
        Host("a port too large", "localhost:65536", "400 host_malformed closed"),
        Host("a port below nought", "localhost:-1", "400 host_malformed closed", "400 closed"),
        Host("a port with a plus", "localhost:+80", "400 host_malformed closed", "400 closed"),
        Host("a port in letters", "localhost:http", "400 host_malformed closed", "400 closed"),
        Host("nothing but a port", ":@PORT@", "400 closed"),
        Host("mixed case", "LocalHost:@PORT@", "200 open"),
        Host("a dot at the end", "localhost.:@PORT@", Foreign, Unknown),
        Host("a dot at the beginning", ".localhost", "400 closed", "421 host_unknown closed"),
        Host("a user", "localhost@evil.example", "404 200 closed", "400 closed"),
        Host("a user of here", "evil.example@localhost", "400 host_malformed closed", "400 closed"),
        Host("a path", "localhost/evil.example", "404 200 closed", "400 closed"),
        Host("a question", "localhost?evil.example", "404 200 closed", "400 closed"),
        Host("a fragment", "localhost#evil.example", "404 200 closed", "400 closed"),
        Host("a backslash", "localhost\\evil.example", "400 closed"),
        Host("a percent sign", "local%68ost", "400 closed"),
        Host("a comma", "localhost,evil.example", "400 closed"),
        Host("a blank in it", "localhost evil.example", "400 closed"),
        Host("a name that is rebound here", "rebound.evil.example:@PORT@", Foreign, Unknown),
        Host("a name below ours", "evil.localhost", Foreign, Unknown),
        Host("a name that begins like ours", "localhost.evil.example", Foreign, Unknown),
        Host("a name of 300 letters", new string('a', 300), "400 closed", "400 host_malformed closed"),
        Host("a name that is not ASCII", "localh\u00f6st", "404 200 closed", "400 closed"),
        Host("a name in Punycode", "xn--localhst-d1a", Foreign, Unknown),
        Host("the loopback of IPv4", "127.0.0.1:@PORT@", "200 open"),
        Host("another loopback of IPv4", "127.0.0.2", Foreign, Unknown),
        Host("the loopback in short", "127.1", "421 host_unknown closed"),
        Host("the loopback as one number", "2130706433", "421 host_unknown closed"),
        Host("the loopback in hexadecimal", "0x7f.0.0.1", "421 host_unknown closed"),
        Host("the loopback in octal", "0177.0.0.1", "421 host_unknown closed"),
        Host("any address", "0.0.0.0", Foreign, Unknown),
        Host("the loopback of IPv6", "[::1]:@PORT@", "400 closed", "200 open"),
        Host("the loopback of IPv6 at length", "[0:0:0:0:0:0:0:1]", "400 closed", Unknown),
        Host("the loopback of IPv4 in IPv6", "[::ffff:127.0.0.1]", "400 closed", Unknown),
        Host("a zone of IPv6", "[::1%25lo]", "400 closed"),
        Host("IPv6 without brackets", "::1", "400 closed"),
        Host("half a bracket", "[::1", "400 closed"),
        Host("brackets around nothing", "[]", "400 closed"),
        Host("brackets around a name", "[localhost]", "400 closed"),
        Host("something behind the bracket", "[::1]x", "400 closed"),
        new("no host", "GET /api/state HTTP/1.1\r\n\r\n", "400 closed"),
        new("an empty host", "GET /api/state HTTP/1.1\r\nHost:\r\n\r\n", "400 closed", "400 host_missing closed"),
        new("two hosts, ours the last", "GET /api/state HTTP/1.1\r\nHost: evil.example\r\nHost: @HOST@\r\n\r\n", "200 open", "400 closed"),
        new("two hosts, ours the first", "GET /api/state HTTP/1.1\r\nHost: @HOST@\r\nHost: evil.example\r\n\r\n", Foreign, "400 closed"),
        new("the same host twice", "GET /api/state HTTP/1.1\r\nHost: @HOST@\r\nHost: @HOST@\r\n\r\n", "200 open", "400 closed"),
        new("a foreign host asks for the page", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", Foreign, Unknown),
        new("a foreign host asks for the health", "GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", Foreign, Unknown),
        new("a foreign host delivers", "POST /webhook HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", Foreign, Unknown),
        Origin("none", "", "101"),
        Origin("our own", "Origin: http://@HOST@\r\n", "101"),
        Origin("our own in upper case", "Origin: HTTP://LOCALHOST:@PORT@\r\n", "101"),
        Origin("our own behind TLS", "Origin: https://@HOST@\r\n", "403 access_denied closed"),
        Origin("our own as a WebSocket", "Origin: ws://@HOST@\r\n", "403 access_denied closed"),
        Origin("our own by its address", "Origin: http://127.0.0.1:@PORT@\r\n", "403 access_denied closed"),
        Origin("our own with a slash", "Origin: http://@HOST@/\r\n", "403 access_denied closed"),
        Origin("our own with a path", "Origin: http://@HOST@/page\r\n", "403 access_denied closed"),
        Origin("our own with a dot", "Origin: http://localhost.:@PORT@\r\n", "403 access_denied closed"),
        Origin("our own without a port", "Origin: http://localhost\r\n", "403 access_denied closed"),
        Origin("our own at another port", "Origin: http://localhost:1\r\n", "403 access_denied closed"),
        Origin("our own without a scheme", "Origin: @HOST@\r\n", "403 access_denied closed"),
        Origin("our own without a scheme's name", "Origin: //@HOST@\r\n", "403 access_denied closed"),
        Origin("our own as a user", "Origin: http://@HOST@@evil.example\r\n", "403 access_denied closed"),
        Origin("a user of ours", "Origin: http://evil.example@@HOST@\r\n", "403 access_denied closed"),
        Origin("ours as a name below another", "Origin: http://localhost.evil.example:@PORT@\r\n", "403 access_denied closed"),
        Origin("a name below ours", "Origin: http://evil.localhost:@PORT@\r\n", "403 access_denied closed"),
        Origin("another site", "Origin: http://evil.example\r\n", "403 access_denied closed"),
        Origin("another site behind TLS", "Origin: https://evil.example\r\n", "403 access_denied closed"),
        Origin("null", "Origin: null\r\n", "403 access_denied closed"),
        Origin("null in upper case", "Origin: NULL\r\n", "403 access_denied closed"),
        Origin("empty", "Origin:\r\n", "403 access_denied closed"),
        Origin("blanks", "Origin:    \r\n", "403 access_denied closed"),
        Origin("a star", "Origin: *\r\n", "403 access_denied closed"),
        Origin("a file", "Origin: file://\r\n", "403 access_denied closed"),
        Origin("an extension", "Origin: chrome-extension://abcdef\r\n", "403 access_denied closed"),
        Origin("IPv6", "Origin: http://[::1]:@PORT@\r\n", "403 access_denied closed"),
        Origin("two in one line", "Origin: http://@HOST@ http://evil.example\r\n", "403 access_denied closed"),
        Origin("two in one line with a comma", "Origin: http://@HOST@, http://evil.example\r\n", "403 access_denied closed"),
        Origin("two, ours the last", "Origin: http://evil.example\r\nOrigin: http://@HOST@\r\n", "101", "403 access_denied closed"),
        Origin("two, ours the first", "Origin: http://@HOST@\r\nOrigin: http://evil.example\r\n", "403 access_denied closed"),
        Origin("a quoted one", "Origin: \"http://@HOST@\"\r\n", "403 access_denied closed"),
        Origin("a line that goes on", "Origin: http://evil.example\r\n Origin: http://@HOST@\r\n", "101", "400 closed"),
        Origin("a referrer instead", "Referer: http://evil.example/\r\n", "101"),
        Origin("a browser's word that it is another site", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: websocket\r\n", "101"),
    ];

    [TestCaseSource(nameof(All))]
    public async Task A_host_or_an_origin_has_exactly_this_answer(HttpCase tried)
    {
        ArgumentNullException.ThrowIfNull(tried);

        var told = await tried.TryAsync(Relay.Address);

        Assert.That(told, Is.EqualTo(tried.On(Transport)));
    }

    private static IEnumerable<TestCaseData> All() => Named(Cases, one => one.Name);

    private static HttpCase Host(string name, string host, string both) => Host(name, host, both, both);

    private static HttpCase Host(string name, string host, string listener, string kestrel) =>
        new($"host: {name}", $"GET /api/state HTTP/1.1\r\nHost: {host}\r\n\r\n", listener, kestrel);

    private static HttpCase Origin(string name, string origin, string both) => Origin(name, origin, both, both);

    private static HttpCase Origin(string name, string origin, string listener, string kestrel) =>
        new($"origin: {name}", HandshakeTests.Shake + origin + "\r\n", listener, kestrel);
}
