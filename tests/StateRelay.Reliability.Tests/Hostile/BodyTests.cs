namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>Bodies, and what smuggles a second request past whoever measures them otherwise.</summary>
public sealed class BodyTests(Transport transport) : HostileTests(transport)
{
    private const string Post = "POST /api/state HTTP/1.1\r\nHost: @HOST@\r\n";
    private const string Hook = "POST /webhook HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: application/json\r\n";
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: @HOST@\r\n\r\n";

    private static readonly HttpCase[] Cases =
    [
        new("both lengths, the coding first", Post + "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG", "400 two_lengths closed"),
        new("both lengths, the number first", Post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG", "400 two_lengths closed"),
        new("both lengths of a GET", HttpCase.Get + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 two_lengths closed"),
        new("both lengths of a delivery", Hook + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "400 two_lengths closed"),
        new("two numbers that differ", Post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "400 closed"),
        new("two numbers that are the same", Post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "405 method_not_allowed closed", "400 closed"),
        new("two numbers in one line", Post + "Content-Length: 5, 5\r\n\r\nhello", "400 closed"),
        new("a number with a plus", Post + "Content-Length: +5\r\n\r\nhello", "400 closed", "405 method_not_allowed closed"),
        new("nought with a plus", Post + "Content-Length: +0\r\n\r\n", "400 closed", "405 method_not_allowed closed"),
        new("a number below nought", Post + "Content-Length: -1\r\n\r\n", "400 closed"),
        new("nought below nought", Post + "Content-Length: -0\r\n\r\n", "400 closed", "405 method_not_allowed closed"),
        new("a number in hexadecimal", Post + "Content-Length: 0x5\r\n\r\nhello", "400 closed"),
        new("a number with a point", Post + "Content-Length: 5.0\r\n\r\nhello", "400 closed"),
        new("a number with an exponent", Post + "Content-Length: 1e1\r\n\r\nhello", "400 closed"),
        new("a number with blanks in it", Post + "Content-Length: 1 0\r\n\r\nhello", "400 closed"),
        new("a number that is too large", Post + "Content-Length: 9223372036854775808\r\n\r\n", "400 closed"),
        new("the largest number, and nothing", Post + "Content-Length: 9223372036854775807\r\n\r\n", "405 method_not_allowed closed"),
        new("no number", Post + "Content-Length:\r\n\r\n", "400 closed"),
        new("a body without a length", Post + "\r\n" + "hello", "411 closed", "405 method_not_allowed closed"),
        new("a number of a GET, and a second request in it", HttpCase.Get + "Content-Length: 44\r\n\r\n" + Smuggled, "200 closed"),
        new("a body of a HEAD", "HEAD /api/state HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: 5\r\n\r\nhello", "200 closed"),
        new("a body of OPTIONS", "OPTIONS /api/state HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: 5\r\n\r\nhello", "204 closed"),
        new("a body of a page", "GET / HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: 5\r\n\r\nhello", "200 closed"),
        new("a body of a question of health", "GET /healthz HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: 5\r\n\r\nhello", "200 closed"),
        new("a body in chunks of a GET", HttpCase.Get + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "200 closed"),
        new("a coding that is a list", Post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501 404 closed", "405 method_not_allowed closed"),
        new("a coding that is unknown", Post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "501 404 closed", "400 closed"),
        new("a coding with a blank before", Post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "405 method_not_allowed closed", "400 closed"),
        new("a coding behind a tab", Post + "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n", "405 method_not_allowed closed"),
        new("a coding in upper case", Post + "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n", "405 method_not_allowed closed"),
        new("a coding twice", Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "501 200 closed", "405 method_not_allowed closed"),
        new("a coding twice, the second unknown", Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n0\r\n\r\n", "501 200 closed", "400 closed"),
        new("a coding of none", Post + "Transfer-Encoding: identity\r\n\r\n", "501 404 closed", "400 closed"),
        new("a coding of nothing", Post + "Transfer-Encoding:\r\n\r\n0\r\n\r\n", "501 404 closed", "400 closed"),
        new("a coding of HTTP/1.0", "POST /api/state HTTP/1.0\r\nHost: @HOST@\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "411 closed", "405 method_not_allowed closed"),
        new("chunks with extensions", Hook + "Transfer-Encoding: chunked\r\n\r\n2;name=\"value\"\r\n{}\r\n0;last\r\n\r\n", "401 not_signed closed"),
        new("chunks with a trailer", Hook + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Hub-Signature-256: sha256=00\r\n\r\n", "401 not_signed closed"),
        new("chunks in hexadecimal of both cases", Hook + "Transfer-Encoding: chunked\r\n\r\nA\r\n          \r\na\r\n          \r\n0\r\n\r\n", "401 not_signed closed"),
        new("chunks with noughts before", Hook + "Transfer-Encoding: chunked\r\n\r\n0002\r\n{}\r\n0\r\n\r\n", "401 not_signed closed"),
        new("chunks of one byte", Hook + "Transfer-Encoding: chunked\r\n\r\n" + string.Concat(Enumerable.Repeat("1\r\n \r\n", 300)) + "0\r\n\r\n", "401 not_signed closed"),
        new("a chunk that is no number", Hook + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", "400 closed", "400 body_broken closed"),
        new("a chunk with a prefix", Hook + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n", "400 closed", "400 body_broken closed"),
        new("a chunk below nought", Hook + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n", "400 closed", "400 body_broken closed"),
        new("a chunk with a plus", Hook + "Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n", "400 closed", "400 body_broken closed"),
        new("a chunk that is too large to be", Hook + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n", "400 closed", "400 body_broken closed"),
        new("a chunk that is longer than it says", Hook + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}{}\r\n0\r\n\r\n", "400 closed", "400 body_broken closed"),
        new("a chunk without a line's end", Hook + "Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n", "400 closed", "400 body_broken closed"),
        new("chunks and a second request behind them", Hook + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + Smuggled, "400 closed", "401 not_signed closed"),
        new("a delivery without a body", Hook + "Content-Length: 0\r\n\r\n", "401 not_signed closed"),
        new("a delivery that is not signed", Hook + "Content-Length: 2\r\n\r\n{}", "401 not_signed closed"),
        new("a delivery of another type", "POST /webhook HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", "415 not_json closed"),
        new("a delivery that would be compressed", Hook + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "401 not_signed closed"),
        new("a delivery that is far too large", Hook + "Content-Length: 99999999999\r\n\r\n", "413 body_too_large closed"),
        new("a delivery that waits to be wanted", Hook + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}", "100 401 not_signed closed", "401 not_signed closed"),
    ];

    [TestCaseSource(nameof(All))]
    public async Task A_body_has_exactly_this_answer(HttpCase tried)
    {
        ArgumentNullException.ThrowIfNull(tried);

        var told = await tried.TryAsync(Relay.Address);

        Assert.That(told, Is.EqualTo(tried.On(Transport)));
    }

    private static IEnumerable<TestCaseData> All() => Named(Cases, one => one.Name);
}
