namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>First lines that no honest client sends.</summary>
public sealed class RequestLineTests(Transport transport) : HostileTests(transport)
{
    private const string Host = "Host: @HOST@\r\n\r\n";

    private static readonly HttpCase[] Cases =
    [
        new("nothing at all, and the end", "", "closed") { EndsSending = true },
        new("empty lines before it", "\r\n\r\n" + HttpCase.Get + "\r\n", "200 open"),
        new("a line of bare line feeds", "GET /api/state HTTP/1.1\nHost: @HOST@\n\n", "200 open"),
        new("a bare carriage return in it", "GET /api/state\rHTTP/1.1\r\n" + Host, "400 closed"),
        new("NUL in the target", "GET /api\0/state HTTP/1.1\r\n" + Host, "404 not_found closed", "400 closed"),
        new("NUL in the method", "G\0T /api/state HTTP/1.1\r\n" + Host, "400 closed"),
        new("tabs for blanks", "GET\t/api/state\tHTTP/1.1\r\n" + Host, "400 closed"),
        new("two blanks", "GET  /api/state HTTP/1.1\r\n" + Host, "400 closed"),
        new("a blank before the method", " GET /api/state HTTP/1.1\r\n" + Host, "400 closed"),
        new("a blank in the target", "GET /api /state HTTP/1.1\r\n" + Host, "400 closed"),
        new("a blank behind the version", "GET /api/state HTTP/1.1 \r\n" + Host, "400 closed"),
        new("no version", "GET /api/state\r\n" + Host, "400 closed", "505 closed"),
        new("no target", "GET HTTP/1.1\r\n" + Host, "400 closed"),
        new("nothing but a blank", " \r\n" + Host, "400 closed"),
        new("HTTP/0.9", "GET /api/state HTTP/0.9\r\n" + Host, "400 closed", "505 closed"),
        new("HTTP/1.0", "GET /api/state HTTP/1.0\r\n" + Host, "200 closed"),
        new("HTTP/1.0 that wants to stay", "GET /api/state HTTP/1.0\r\nConnection: keep-alive\r\n" + Host, "200 closed", "200 open"),
        new("HTTP/1.2", "GET /api/state HTTP/1.2\r\n" + Host, "200 open", "505 closed"),
        new("HTTP/2.0", "GET /api/state HTTP/2.0\r\n" + Host, "505 200 closed", "505 closed"),
        new("HTTP/11", "GET /api/state HTTP/11\r\n" + Host, "400 closed", "505 closed"),
        new("HTTP in lower case", "GET /api/state http/1.1\r\n" + Host, "400 closed", "505 closed"),
        new("another protocol's name", "GET /api/state ICY/1.1\r\n" + Host, "400 closed", "505 closed"),
        new("a verb in lower case", "get /api/state HTTP/1.1\r\n" + Host, "405 method_not_allowed closed"),
        new("a verb that is none", "BREW /api/state HTTP/1.1\r\n" + Host, "405 method_not_allowed closed"),
        new("a verb that begins like one", "GETS /api/state HTTP/1.1\r\n" + Host, "405 method_not_allowed closed"),
        new("a verb with signs in it", "GET!#$ /api/state HTTP/1.1\r\n" + Host, "405 method_not_allowed closed"),
        new("a verb with a colon", "GET: /api/state HTTP/1.1\r\n" + Host, "400 closed"),
        new("a verb that is not ASCII", "G\u00c9T /api/state HTTP/1.1\r\n" + Host, "400 closed"),
        new("a verb of 1,000 letters", new string('A', 1000) + " /api/state HTTP/1.1\r\n" + Host, "405 method_not_allowed closed"),
        new("a target of 4,000 letters", "GET /" + new string('a', 4000) + " HTTP/1.1\r\n" + Host, "404 not_found closed"),
        new("a target of 60,000 letters", "GET /" + new string('a', 60_000) + " HTTP/1.1\r\n" + Host, "404 not_found closed", "414 closed"),
        new("a query of 4,000 letters", "GET /api/state?topic=" + new string('a', 4000) + " HTTP/1.1\r\n" + Host, "404 unknown_topic closed"),
        new("1,000 members of a query", "GET /api/state?" + string.Concat(Enumerable.Repeat("a=b&", 1000)) + " HTTP/1.1\r\n" + Host, "200 open"),
        new("a query of percent signs", "GET /api/state?%&%%&topic=%zz HTTP/1.1\r\n" + Host, "404 unknown_topic closed"),
        new("a query with NUL escaped", "GET /api/state?topic=state%00 HTTP/1.1\r\n" + Host, "404 unknown_topic closed"),
        new("a query whose first of two counts", "GET /api/state?topic=state&topic=other HTTP/1.1\r\n" + Host, "200 open"),
        new("a fragment", "GET /api/state#x HTTP/1.1\r\n" + Host, "200 open", "404 not_found closed"),
        new("an absolute target", "GET http://@HOST@/api/state HTTP/1.1\r\n" + Host, "200 open"),
        new("an absolute target in upper case", "GET HTTP://LOCALHOST:@PORT@/api/state HTTP/1.1\r\n" + Host, "200 open", "400 closed"),
        new("an absolute target of another host", "GET http://evil.example/api/state HTTP/1.1\r\n" + Host, "404 200 closed", "400 closed"),
        new("an absolute target of a user", "GET http://user:word@@HOST@/api/state HTTP/1.1\r\n" + Host, "200 open"),
        new("an absolute target of another scheme", "GET ftp://@HOST@/api/state HTTP/1.1\r\n" + Host, "404 not_found closed", "400 closed"),
        new("an absolute target of a file", "GET file:///etc/passwd HTTP/1.1\r\n" + Host, "400 closed"),
        new("an absolute target without a path", "GET http://@HOST@ HTTP/1.1\r\n" + Host, "200 open"),
        new("a target that begins with two slashes", "GET //evil.example/api/state HTTP/1.1\r\n" + Host, "404 not_found closed"),
        new("a target without a slash", "GET api/state HTTP/1.1\r\n" + Host, "400 closed"),
        new("a target that is a question", "GET ?token=x HTTP/1.1\r\n" + Host, "200 open", "400 closed"),
        new("an asterisk", "OPTIONS * HTTP/1.1\r\n" + Host, "400 closed", "404 not_found closed"),
        new("an asterisk of a GET", "GET * HTTP/1.1\r\n" + Host, "400 closed", "405 closed"),
        new("CONNECT to elsewhere", "CONNECT evil.example:443 HTTP/1.1\r\n" + Host, "400 closed"),
        new("CONNECT to here", "CONNECT @HOST@ HTTP/1.1\r\n" + Host, "400 closed", "404 not_found closed"),
        new("CONNECT to a path", "CONNECT /api/state HTTP/1.1\r\n" + Host, "405 method_not_allowed closed"),
        new("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 200 closed", "closed"),
        new("the beginning of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400 closed"),
        new("a line of SMTP", "HELO evil.example\r\n\r\n", "400 closed"),
        new("a command of Redis", "*1\r\n$4\r\nPING\r\n\r\n", "400 closed"),
    ];

    [TestCaseSource(nameof(All))]
    public async Task A_request_line_has_exactly_this_answer(HttpCase tried)
    {
        ArgumentNullException.ThrowIfNull(tried);

        var told = await tried.TryAsync(Relay.Address);

        Assert.That(told, Is.EqualTo(tried.On(Transport)));
    }

    private static IEnumerable<TestCaseData> All() => Named(Cases, one => one.Name);
}
