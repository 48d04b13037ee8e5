using System.Globalization;
using System.Net;
using System.Net.WebSockets;

using StateRelay.Protocol;

namespace StateRelay.Connect;

/// <summary>An answer to the handshake that is not the upgrade.</summary>
internal sealed class HandshakeRefusedException(int status, TimeSpan? retryAfter) : Exception($"The handshake was answered with {status}.")
{
    public int Status { get; } = status;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>Opens the socket of one connection, showing a token where there is one.</summary>
internal delegate Task<WebSocket> SocketOpener(Uri address, Secret? token, CancellationToken cancellationToken);

/// <summary>Opens sockets over the network.</summary>
internal sealed class NetworkOpener(HttpMessageHandler? handler, TimeProvider clock)
{
    private readonly HttpMessageInvoker? _invoker = handler is null ? null : new HttpMessageInvoker(handler, disposeHandler: false);

    public async Task<WebSocket> OpenAsync(Uri address, Secret? token, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol(Dialects.V1Subprotocol);
            socket.Options.CollectHttpResponseDetails = true;

            // The protocol has pings of its own, which are watched.
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            if (token is not null)
                socket.Options.SetRequestHeader("Authorization", "Bearer " + token.Reveal());
            await socket.ConnectAsync(address, _invoker, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (Exception error)
        {
            using (socket)
            {
                if (error is WebSocketException && socket.HttpStatusCode is not 0 and not HttpStatusCode.SwitchingProtocols)
                    throw new HandshakeRefusedException((int)socket.HttpStatusCode, RetryAfter(socket.HttpResponseHeaders));
            }

            throw;
        }
    }

    private TimeSpan? RetryAfter(IReadOnlyDictionary<string, IEnumerable<string>>? headers)
    {
        if (headers is null || !headers.TryGetValue("Retry-After", out var values) || values.FirstOrDefault() is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)
            ? until - clock.GetUtcNow()
            : null;
    }
}
