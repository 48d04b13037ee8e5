namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>Headers that no honest client sends.</summary>
public sealed class HeaderTests(Transport transport) : HostileTests(transport)
{
    private const string Get = HttpCase.Get;

    private static readonly HttpCase[] Cases =
    [
        new("the same header 50 times", Get + Times(50, _ => "X-Thing: one\r\n") + "\r\n", "200 open"),
        new("100 headers", Get + Times(99, n => $"X-{n}: one\r\n") + "\r\n", "200 open"),
        new("1,000 headers", Get + Times(1000, n => $"X-{n}: one\r\n") + "\r\n", "200 open", "431 closed"),
        new("a value of 20,000 letters", Get + "X-Thing: " + new string('x', 20_000) + "\r\n\r\n", "200 open"),
        new("a value of 60,000 letters", Get + "X-Thing: " + new string('x', 60_000) + "\r\n\r\n", "400 closed", "431 closed"),
        new("a name of 20,000 letters", Get + new string('x', 20_000) + ": one\r\n\r\n", "200 open"),
        new("many lines of 60,000 letters in all", Get + Times(60, n => $"X-{n}: {new string('x', 1000)}\r\n") + "\r\n", "400 closed", "431 closed"),
        new("a value of nothing", Get + "X-Thing:\r\n\r\n", "200 open"),
        new("a value of blanks", Get + "X-Thing: \t  \t\r\n\r\n", "200 open"),
        new("no blank behind the colon", Get + "X-Thing:one\r\n\r\n", "200 open"),
        new("no name", Get + ": one\r\n\r\n", "400 closed"),
        new("a name of a blank", Get + " : one\r\n\r\n", "400 closed"),
        new("no colon", Get + "X-Thing one\r\n\r\n", "400 closed"),
        new("nothing but a colon", Get + ":\r\n\r\n", "400 closed"),
        new("a blank before the colon", Get + "X-Thing : one\r\n\r\n", "200 open", "400 closed"),
        new("a tab before the colon", Get + "X-Thing\t: one\r\n\r\n", "200 open", "400 closed"),
        new("a blank before the colon of a length", "POST /api/state HTTP/1.1\r\nHost: @HOST@\r\nContent-Length : 5\r\n\r\nhello", "405 method_not_allowed closed", "400 closed"),
        new("a blank within a name", Get + "X Thing: one\r\n\r\n", "400 closed"),
        new("a line that goes on", Get + "X-Thing: one\r\n two\r\n\r\n", "400 closed"),
        new("a line that goes on with a header", Get + "X-Thing: one\r\n X-Other: two\r\n\r\n", "200 open", "400 closed"),
        new("a line that goes on behind the first line", "GET /api/state HTTP/1.1\r\n X-Thing: one\r\nHost: @HOST@\r\n\r\n", "200 open", "400 closed"),
        new("a line that goes on with a tab", Get + "X-Thing: one\r\n\tX-Other: two\r\n\r\n", "200 open", "400 closed"),
        new("NUL in a name", Get + "X-Th\0ing: one\r\n\r\n", "400 closed"),
        new("NUL in a value", Get + "X-Thing: o\0e\r\n\r\n", "400 closed"),
        new("NUL in the host", "GET /api/state HTTP/1.1\r\nHost: local\0host\r\n\r\n", "400 closed"),
        new("a bare carriage return in a value", Get + "X-Thing: one\rX-Other: two\r\n\r\n", "200 open", "400 closed"),
        new("a bare carriage return at the end of a line", Get + "X-Thing: one\r\r\n\r\n", "200 open", "400 closed"),
        new("a bare line feed in a value", Get + "X-Thing: one\nX-Other: two\r\n\r\n", "200 open"),
        new("a bare line feed that ends the head", Get + "X-Thing: one\n\n", "200 open"),
        new("other control characters in a value", Get + "X-Thing: \x01\x02\x7f\r\n\r\n", "400 closed", "200 open"),
        new("a colon in a name's place", Get + "X:Thing: one\r\n\r\n", "200 open"),
        new("a name with quotes", Get + "\"X-Thing\": one\r\n\r\n", "400 closed", "200 open"),
        new("a name in brackets", Get + "(X-Thing): one\r\n\r\n", "400 closed", "200 open"),
        new("a name that is not ASCII", Get + "X-Th\u00efng: one\r\n\r\n", "400 closed"),
        new("a value that is not ASCII", Get + "X-Thing: \u00ef\r\n\r\n", "200 open", "400 closed"),
        new("a value that is no UTF-8", Get + "X-Thing: \xff\xfe\r\n\r\n", "200 open", "400 closed"),
        new("a value that is UTF-8", Get + "X-Thing: \xc3\xa9\r\n\r\n", "200 open"),
        new("an unknown expectation", Get + "Expect: 200-maybe\r\n\r\n", "200 open"),
        new("an expectation of nothing to come", Get + "Expect: 100-continue\r\n\r\n", "100 200 open", "200 open"),
        new("Connection that names all sorts", Get + "Connection: host, upgrade, close, , x\r\n\r\n", "200 closed"),
        new("Connection that names nothing", Get + "Connection: ,\r\n\r\n", "200 open"),
        new("a weight that is none", Get + "Accept-Encoding: gzip;q=much\r\n\r\n", "200 open"),
        new("1,000 codings", Get + "Accept-Encoding: " + string.Join(',', Enumerable.Repeat("gzip;q=0", 1000)) + "\r\n\r\n", "200 open"),
        new("1,000 entity tags", Get + "If-None-Match: " + string.Join(',', Enumerable.Repeat("\"a:1\"", 1000)) + "\r\n\r\n", "200 open"),
        new("an entity tag that is none", Get + "If-None-Match: \"\r\n\r\n", "200 open"),
        new("any entity tag", Get + "If-None-Match: *\r\n\r\n", "304 open"),
        new("a range that is not served", Get + "Range: bytes=0-0\r\n\r\n", "200 open"),
        new("a date that is none", Get + "If-Modified-Since: yesterday\r\n\r\n", "200 open"),
        new("the method told again", Get + "X-HTTP-Method-Override: DELETE\r\n\r\n", "200 open"),
        new("the path told again", Get + "X-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\n\r\n", "200 open"),
        new("an address that nobody trusts", Get + "X-Forwarded-For: 127.0.0.1, ::1, nonsense\r\nForwarded: for=127.0.0.1\r\n\r\n", "200 open"),
        new("a host that nobody trusts", Get + "X-Forwarded-Host: evil.example\r\n\r\n", "200 open"),
        new("a cookie of semicolons", Get + "Cookie: ;;=;staterelay-viewer-;=x;\r\n\r\n", "200 open"),
        new("a trace that is none", Get + "traceparent: 00-zz-zz-zz\r\ntracestate: ,,=\r\n\r\n", "200 open"),
        new("an upgrade to another protocol", Get + "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n", "200 open"),
    ];

    [TestCaseSource(nameof(All))]
    public async Task Headers_have_exactly_this_answer(HttpCase tried)
    {
        ArgumentNullException.ThrowIfNull(tried);

        var told = await tried.TryAsync(Relay.Address);

        Assert.That(told, Is.EqualTo(tried.On(Transport)));
    }

    private static IEnumerable<TestCaseData> All() => Named(Cases, one => one.Name);

    private static string Times(int count, Func<int, string> line) => string.Concat(Enumerable.Range(0, count).Select(line));
}
