namespace StateRelay.Http;

/// <summary>
/// Checks a WebSocket handshake before it is accepted, for servers differ in what they do with a bad one: some leave the client
/// hanging, some accept what no client should send (RFC 6455, section 4.2.1).
/// </summary>
internal static class WebSocketRequest
{
    private const int KeyLength = 24;
    private const int KeyBytes = 16;

    /// <summary>The answer to a handshake that is not in order; null when it may be accepted.</summary>
    public static HttpAnswer? Refusal(HttpExchange exchange)
    {
        if (exchange.Method != "GET")
            return HttpAnswer.Refusal(405, "method_not_allowed", "A WebSocket begins with GET.", new KeyValuePair<string, string>("Allow", "GET"));
        if (exchange.Version < System.Net.HttpVersion.Version11)
            return HttpAnswer.Refusal(400, "bad_handshake", "A WebSocket needs HTTP/1.1.");
        if (!exchange.AsksForWebSocket)
            return HttpAnswer.Refusal(426, "upgrade_required", "This path speaks WebSocket only.", new KeyValuePair<string, string>("Upgrade", "websocket"));

        // From HTTP/2 on there is no upgrade of a connection and no key (RFC 8441, section 5).
        var isUpgrade = exchange.Version.Major < 2;
        if (isUpgrade && !HeaderList.Contains(exchange.Header("Connection"), "upgrade"))
            return HttpAnswer.Refusal(400, "bad_handshake", "The Connection header does not ask for the upgrade.");
        if (exchange.Header("Sec-WebSocket-Version") != "13")
            return HttpAnswer.Refusal(426, "unsupported_version", "Only version 13 of WebSocket is spoken.", new KeyValuePair<string, string>("Sec-WebSocket-Version", "13"));
        if (isUpgrade && !IsKey(exchange.Header("Sec-WebSocket-Key")))
            return HttpAnswer.Refusal(400, "bad_handshake", "Sec-WebSocket-Key is not the base64 of 16 bytes.");
        if (exchange.HasBody)
            return HttpAnswer.Refusal(400, "bad_handshake", "A handshake has no body.");
        if (exchange.Header("Sec-WebSocket-Protocol") is { } offered && !IsSubprotocolList(offered))
            return HttpAnswer.Refusal(400, "bad_handshake", "Sec-WebSocket-Protocol is not a list of different names.");
        return null;
    }

    /// <summary>The subprotocols offered, in the client's order, of a handshake that is in order; empty when none is.</summary>
    public static IReadOnlyList<string> Subprotocols(HttpExchange exchange) =>
        exchange.Header("Sec-WebSocket-Protocol")?.Split(',', StringSplitOptions.TrimEntries) ?? [];

    private static bool IsKey(string? key)
    {
        Span<byte> bytes = stackalloc byte[KeyBytes];
        return key is { Length: KeyLength } && Convert.TryFromBase64String(key, bytes, out var written) && written == KeyBytes;
    }

    private static bool IsSubprotocolList(string offered)
    {
        var names = offered.Split(',', StringSplitOptions.TrimEntries);
        return names.All(HeaderList.IsToken) && names.Distinct(StringComparer.Ordinal).Count() == names.Length;
    }
}
