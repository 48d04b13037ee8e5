namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>Requests and handshakes of whoever has not the viewer token, where one is asked for.</summary>
public sealed class GuardedHandshakeTests(Transport transport) : HostileTests(transport)
{
    private const string Get = HttpCase.Get;
    private const string Missing = "401 viewer_token_missing closed";
    private const string Wrong = "401 viewer_token_wrong closed";

    private static readonly HttpCase[] Cases =
    [
        new("nothing shown", Get + "\r\n", Missing),
        new("the token", Get + "Authorization: Bearer open-sesame\r\n\r\n", "200 open"),
        new("the token, its scheme in lower case", Get + "Authorization: bearer open-sesame\r\n\r\n", "200 open"),
        new("the token in upper case", Get + "Authorization: Bearer OPEN-SESAME\r\n\r\n", Wrong),
        new("the token and a letter", Get + "Authorization: Bearer open-sesamee\r\n\r\n", Wrong),
        new("the token but a letter", Get + "Authorization: Bearer open-sesam\r\n\r\n", Wrong),
        new("the token and another", Get + "Authorization: Bearer open-sesame, other\r\n\r\n", Wrong),
        new("the token without a scheme", Get + "Authorization: open-sesame\r\n\r\n", Wrong),
        new("the token with another scheme", Get + "Authorization: Basic open-sesame\r\n\r\n", Wrong),
        new("the scheme without a token", Get + "Authorization: Bearer\r\n\r\n", Wrong),
        new("an empty header", Get + "Authorization:\r\n\r\n", Wrong),
        new("a token of 20,000 letters", Get + "Authorization: Bearer " + new string('t', 20_000) + "\r\n\r\n", Wrong),
        new("the token as a cookie", Get + "Cookie: staterelay-viewer-@PORT@=open-sesame\r\n\r\n", Wrong, Missing),
        new("a cookie of nothing", Get + "Cookie: staterelay-viewer-@PORT@=\r\n\r\n", Wrong, Missing),
        new("the token in the query of the state", "GET /api/state?token=open-sesame HTTP/1.1\r\nHost: @HOST@\r\n\r\n", Missing),
        new("the token in the query of the page", "GET /?token=open-sesame HTTP/1.1\r\nHost: @HOST@\r\n\r\n", "303 open"),
        new("a wrong token in the query of the page", "GET /?token=open-sesam HTTP/1.1\r\nHost: @HOST@\r\n\r\n", Wrong),
        new("no token in the query of the page", "GET /?token= HTTP/1.1\r\nHost: @HOST@\r\n\r\n", Wrong),
        new("the page without a token", "GET / HTTP/1.1\r\nHost: @HOST@\r\n\r\n", Missing),
        new("a file of the page without a token", "GET /static/page.js HTTP/1.1\r\nHost: @HOST@\r\n\r\n", Missing),
        new("what is not there without a token", "GET /nothing HTTP/1.1\r\nHost: @HOST@\r\n\r\n", Missing),
        new("another method without a token", "DELETE /api/state HTTP/1.1\r\nHost: @HOST@\r\nContent-Length: 0\r\n\r\n", Missing),
        new("the health without a token", "GET /healthz HTTP/1.1\r\nHost: @HOST@\r\n\r\n", "200 open"),
        new("a delivery without a signature", "POST /webhook HTTP/1.1\r\nHost: @HOST@\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", "401 not_signed closed"),
        new("a delivery with the token and no signature", "POST /webhook HTTP/1.1\r\nHost: @HOST@\r\nAuthorization: Bearer open-sesame\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", "401 not_signed closed"),
        Shake("nothing shown", "", Missing),
        Shake("the token", "Authorization: Bearer open-sesame\r\n", "101"),
        Shake("a wrong token, which could be somebody's", "Sec-WebSocket-Protocol: staterelay.v1.json\r\nAuthorization: Bearer nobodys\r\n", "101"),
        Shake("a wrong token for a plain state", "Authorization: Bearer nobodys\r\n", "101"),
        Shake("the token as a subprotocol", "Sec-WebSocket-Protocol: staterelay.v1.json, bearer.b3Blbi1zZXNhbWU\r\n", "101"),
        Shake("the token as a subprotocol that is padded", "Sec-WebSocket-Protocol: staterelay.v1.json, bearer.b3Blbi1zZXNhbWU=\r\n", "400 bad_handshake closed"),
        Shake("a bearer that is not base64url", "Sec-WebSocket-Protocol: staterelay.v1.json, bearer.!!!!\r\n", Wrong),
        Shake("a bearer of nothing", "Sec-WebSocket-Protocol: staterelay.v1.json, bearer.\r\n", Wrong),
        Shake("the token as a subprotocol alone", "Sec-WebSocket-Protocol: bearer.b3Blbi1zZXNhbWU\r\n", "400 bad_handshake closed"),
        Shake("the token without its encoding", "Sec-WebSocket-Protocol: staterelay.v1.json, open-sesame\r\n", Missing),
        Shake("the token in the query", "Sec-WebSocket-Protocol: staterelay.v1.json\r\n", Missing, "/ws?token=open-sesame"),
        Shake("a plain state with nobody's token", "Authorization: Bearer nobodys\r\n", Wrong, "/ws?mode=state"),
        Shake("events with the token that opens none", "Authorization: Bearer open-sesame\r\n", "403 authentication_failed closed", "/ws?mode=events"),
    ];

    [TestCaseSource(nameof(All))]
    public async Task Whoever_comes_without_the_token_has_exactly_this_answer(HttpCase tried)
    {
        ArgumentNullException.ThrowIfNull(tried);

        var told = await tried.TryAsync(Relay.Address);

        Assert.That(told, Is.EqualTo(tried.On(Transport)));
    }

    private protected override void Configure(WebServerOptions options) => options.ViewerToken = new Secret("open-sesame");

    private static IEnumerable<TestCaseData> All() => Named(Cases, one => one.Name);

    private static HttpCase Shake(string name, string headers, string both, string path = "/ws") =>
        new($"handshake: {name}", HandshakeTests.Shake.Replace("/ws", path, StringComparison.Ordinal) + headers + "\r\n", both);
}
