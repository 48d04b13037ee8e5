using System.Net;

using StateRelay.Http;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Http;

public sealed class WebSocketRequestTests
{
    [Test]
    public void A_handshake_in_order_is_not_refused()
    {
        Assert.That(WebSocketRequest.Refusal(CannedExchange.Handshake()), Is.Null);
    }

    [TestCase("Upgrade", null, 426)]
    [TestCase("Upgrade", "h2c", 426)]
    [TestCase("Connection", null, 400)]
    [TestCase("Connection", "keep-alive", 400)]
    [TestCase("Sec-WebSocket-Version", null, 426)]
    [TestCase("Sec-WebSocket-Version", "8", 426)]
    [TestCase("Sec-WebSocket-Version", "13, 8", 426)]
    [TestCase("Sec-WebSocket-Key", null, 400)]
    [TestCase("Sec-WebSocket-Key", "", 400)]
    [TestCase("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j", 400)]
    [TestCase("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=!", 400)]
    [TestCase("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAAAA", 400)]
    [TestCase("Sec-WebSocket-Protocol", "", 400)]
    [TestCase("Sec-WebSocket-Protocol", "a,,b", 400)]
    [TestCase("Sec-WebSocket-Protocol", "a b", 400)]
    [TestCase("Sec-WebSocket-Protocol", "a, a", 400)]
    [TestCase("Sec-WebSocket-Protocol", "a/b", 400)]
    public void A_handshake_out_of_order_is_refused(string header, string? value, int status)
    {
        var refusal = WebSocketRequest.Refusal(CannedExchange.Handshake().With(header, value));

        Assert.That(refusal?.Status, Is.EqualTo(status));
    }

    [Test]
    public void A_wrong_version_is_told_the_right_one()
    {
        var refusal = WebSocketRequest.Refusal(CannedExchange.Handshake().With("Sec-WebSocket-Version", "12"))!;

        Assert.That(refusal.Headers, Has.One.EqualTo(new KeyValuePair<string, string>("Sec-WebSocket-Version", "13")));
    }

    [Test]
    public void Whoever_does_not_ask_for_a_WebSocket_is_told_to()
    {
        var refusal = WebSocketRequest.Refusal(new CannedExchange("GET", "/ws"))!;

        Assert.That(refusal.Status, Is.EqualTo(426));
        Assert.That(refusal.Headers, Has.One.EqualTo(new KeyValuePair<string, string>("Upgrade", "websocket")));
    }

    [Test]
    public void Another_method_or_an_old_version_of_HTTP_is_refused()
    {
        var old = new CannedExchange("GET", "/ws") { Http = HttpVersion.Version10 }
            .With("Upgrade", "websocket").With("Connection", "upgrade").With("Sec-WebSocket-Version", "13").With("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");

        Assert.That(WebSocketRequest.Refusal(old)?.Status, Is.EqualTo(400));
        Assert.That(WebSocketRequest.Refusal(new CannedExchange("POST", "/ws"))?.Status, Is.EqualTo(405));
    }

    [Test]
    public void Subprotocols_are_read_in_the_clients_order()
    {
        var exchange = CannedExchange.Handshake().With("Sec-WebSocket-Protocol", "staterelay.v1.json,bearer.abc ,  x");

        Assert.That(WebSocketRequest.Subprotocols(exchange), Is.EqualTo(["staterelay.v1.json", "bearer.abc", "x"]));
        Assert.That(WebSocketRequest.Subprotocols(CannedExchange.Handshake()), Is.Empty);
    }
}
