using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>
/// A relay of webhooks as one writes it by hand: checks the signature, reads the organization from the body, and awaits each client who
/// follows that one in turn, one delivery after another; then answers.
/// </summary>
internal sealed class ListenerWebhooksPeer(string secret) : IPeer
{
    private readonly HttpListener _listener = new();
    private readonly SocketList _sockets = new();
    private readonly ConcurrentDictionary<WebSocket, string> _organizations = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly byte[] _key = Encoding.UTF8.GetBytes(secret);

    public int Clients => _sockets.Count;

    public Task<int> StartAsync()
    {
        var port = FreePort.Listen(_listener);
        _ = AcceptAsync();
        return Task.FromResult(port);
    }

    public ValueTask PublishAsync(ReadOnlyMemory<string> burst) => throw new NotSupportedException("Here only deliveries are relayed.");

    public ValueTask DisposeAsync()
    {
        _listener.Close();
        return default;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return; // closed
            }

            _ = context.Request.IsWebSocketRequest ? FollowAsync(context) : TakeAsync(context);
        }
    }

    private async Task FollowAsync(HttpListenerContext context)
    {
        using var socket = (await context.AcceptWebSocketAsync(null)).WebSocket;
        var asked = new byte[1024];
        var first = await socket.ReceiveAsync(asked.AsMemory(), CancellationToken.None);
        using (var subscription = JsonDocument.Parse(asked.AsMemory(0, first.Count)))
            _organizations[socket] = subscription.RootElement.GetProperty("organization").GetString()!;
        await _sockets.SendAsync(socket, """{"type":"subscription_confirmed"}"""u8.ToArray());
        _sockets.Add(socket);
        await _sockets.ReadToTheEndAsync(socket);
        _organizations.TryRemove(socket, out _);
    }

    private async Task TakeAsync(HttpListenerContext context)
    {
        var request = context.Request;
        using var body = new MemoryStream();
        await request.InputStream.CopyToAsync(body);
        var utf8 = body.ToArray();
        var signature = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(_key, utf8));
        var isSigned = CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(signature), Encoding.ASCII.GetBytes(request.Headers["X-Hub-Signature-256"] ?? ""));
        if (isSigned)
            await RelayAsync(utf8, request.Headers["X-GitHub-Event"]!, request.Headers["X-GitHub-Delivery"]!);
        context.Response.StatusCode = isSigned ? 202 : 401;
        context.Response.Close();
    }

    private async Task RelayAsync(byte[] body, string type, string delivery)
    {
        using var json = JsonDocument.Parse(body);
        var organization = json.RootElement.GetProperty("organization").GetProperty("login").GetString();
        var url = json.RootElement.GetProperty("pull_request").GetProperty("html_url").GetString();
        var utf8 = JsonSerializer.SerializeToUtf8Bytes(new { type, url, timestamp = DateTime.UtcNow, delivery_id = delivery });

        // A socket takes one message at a time.
        await _oneAtATime.WaitAsync();
        try
        {
            foreach (var socket in _sockets.All)
            {
                if (_organizations.TryGetValue(socket, out var followed) && followed == organization)
                    await _sockets.SendAsync(socket, utf8);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
