using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StateRelay.Samples.WebhookRelay;

/// <summary>
/// Follows events and prints what the server tells of them, one JSON object a line, all else to standard error. Comes back with its
/// position when the connection is lost, so that it misses nothing that the server still holds; stays away when it is told to.
/// </summary>
internal sealed class Listener(ListenArguments arguments)
{
    private const string Subprotocol = "staterelay.v1.json";
    private const int MaxMessageBytes = 1 << 20;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);

    private EventPosition? _position = arguments.Since;
    private int _failures;

    /// <summary>How one connection ended.</summary>
    /// <param name="Why">One sentence.</param>
    /// <param name="MayReturn">Whether trying again makes sense.</param>
    private sealed record Ending(string Why, bool MayReturn);

    /// <summary>Follows until it is stopped, which is 0, or refused, which is 1.</summary>
    public async Task<int> RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            var ending = await ConnectAndFollowAsync(stopping);
            if (stopping.IsCancellationRequested)
                break;
            if (!ending.MayReturn)
            {
                Console.Error.WriteLine(ending.Why);
                return 1;
            }

            // Twice as long each time, and not everybody at once.
            var wait = TimeSpan.FromSeconds(Math.Min(LongestWait.TotalSeconds, 1 << Math.Min(_failures++, 5)) * (0.5 + Random.Shared.NextDouble() / 2));
            Console.Error.WriteLine($"{ending.Why} Trying again in {wait.TotalSeconds:F1} s.");
            await Task.Delay(wait, stopping).ContinueWith(_ => { }, TaskScheduler.Default);
            if (stopping.IsCancellationRequested)
                break;
        }

        if (_position is { } position)
            Console.Error.WriteLine($"To go on from here: --since {position}");
        return 0;
    }

    private async Task<Ending> ConnectAndFollowAsync(CancellationToken stopping)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(Subprotocol);
        socket.Options.SetRequestHeader("Authorization", $"Bearer {arguments.Token}");
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(20);
        var url = new UriBuilder(arguments.Url) { Scheme = arguments.Url.Scheme == "https" ? "wss" : "ws" }.Uri;
        try
        {
            await socket.ConnectAsync(url, stopping);

            // A socket whose reading is cancelled is gone; so say goodbye first, and cut it off only when that takes too long.
            using var cutOff = new CancellationTokenSource();
            using var leaving = stopping.Register(() =>
            {
                cutOff.CancelAfter(GoodbyeTimeout);
                _ = LeaveAsync(socket, cutOff.Token);
            });
            await socket.SendAsync(Subscribe(), WebSocketMessageType.Text, endOfMessage: true, cutOff.Token);
            while (await ReadAsync(socket, cutOff.Token) is { } message)
            {
                if (await TakeAsync(message, socket, cutOff.Token) is { } ending)
                    return ending;
            }

            var code = (int?)socket.CloseStatus;
            return new Ending($"The server ended the connection: {code} {socket.CloseStatusDescription}.", MayReturn: code is not (>= 4400 and <= 4499));
        }
        catch (OperationCanceledException)
        {
            return new Ending("Stopped.", MayReturn: false);
        }
        catch (WebSocketException error)
        {
            return socket.HttpStatusCode is 0 or HttpStatusCode.SwitchingProtocols
                ? new Ending($"There is no connection: {(error.InnerException?.Message ?? error.Message).TrimEnd('.')}.", MayReturn: true)
                : Refused(socket.HttpStatusCode);
        }
    }

    private static Ending Refused(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new Ending($"The server refused the token ({(int)status}).", MayReturn: false),
        HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new Ending($"The server has no place now ({(int)status}).", MayReturn: true),
        _ => new Ending($"There are no events to follow at {(int)status}: is the address right?", MayReturn: false),
    };

    /// <summary>Takes one message, one frame or several; gives the end where it is one.</summary>
    private async Task<Ending?> TakeAsync(JsonNode message, ClientWebSocket socket, CancellationToken cutOff)
    {
        foreach (var frame in message is JsonArray several ? several.ToArray() : [message])
        {
            switch ((string?)frame?["type"])
            {
                case "subscription_confirmed":
                    _failures = 0;
                    _position = new EventPosition((string)frame!["epoch"]!, (long)frame["seq"]!);
                    Print(frame);
                    break;
                case "event" or "gap" when (long)frame["seq"]! <= _position!.Value.Seq:
                    break;
                case "event" or "gap" when (long)frame["prev"]! != _position!.Value.Seq:
                    return new Ending("Something did not follow on what came before.", MayReturn: true);
                case "event" or "gap":
                    _position = new EventPosition(_position!.Value.Epoch, (long)frame["seq"]!);
                    Print(frame);
                    break;
                case "ping":
                    var pong = new JsonObject { ["type"] = "pong", ["seq"] = frame["seq"]?.DeepClone() };
                    await socket.SendAsync(Utf8(pong), WebSocketMessageType.Text, endOfMessage: true, cutOff);
                    break;
                case "error":
                    return new Ending($"The server refused: {frame["error"]}, {frame["message"]}.", MayReturn: (bool?)frame["temporary"] ?? false);
            }
        }

        return null;
    }

    private byte[] Subscribe()
    {
        var filter = new JsonObject { ["organization"] = arguments.Wanted.Organization };
        if (arguments.Wanted.EventTypes.Count > 0)
            filter["event_types"] = new JsonArray([.. arguments.Wanted.EventTypes]);
        if (arguments.Wanted.PullRequests.Count > 0)
            filter["pull_requests"] = new JsonArray([.. arguments.Wanted.PullRequests]);
        if (arguments.Wanted.UserEventsOnly)
            filter["user_events_only"] = true;
        var subscribe = new JsonObject { ["type"] = "subscribe", ["id"] = 1, ["topic"] = "events", ["filter"] = filter };
        if (_position is { } since)
            subscribe["since"] = new JsonObject { ["epoch"] = since.Epoch, ["seq"] = since.Seq };
        return Utf8(subscribe);
    }

    /// <summary>The next message; null when the server has closed the connection.</summary>
    private static async Task<JsonNode?> ReadAsync(ClientWebSocket socket, CancellationToken cutOff)
    {
        var buffer = new byte[16 * 1024];
        using var message = new MemoryStream();
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer, cutOff);
            if (read.MessageType == WebSocketMessageType.Close)
            {
                await LeaveAsync(socket, cutOff);
                return null;
            }

            message.Write(buffer.AsSpan(0, read.Count));
            if (message.Length > MaxMessageBytes)
                throw new WebSocketException($"The server sent more than {MaxMessageBytes} bytes at once.");
            if (read.EndOfMessage)
                return JsonNode.Parse(message.GetBuffer().AsSpan(0, (int)message.Length)) ?? throw new WebSocketException("The server sent nothing.");
        }
    }

    private static async Task LeaveAsync(ClientWebSocket socket, CancellationToken cutOff)
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "goodbye", cutOff);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection is gone already, which is what was wanted.
        }
    }

    private static void Print(JsonNode frame) => Console.WriteLine(frame.ToJsonString());

    private static byte[] Utf8(JsonNode frame) => JsonSerializer.SerializeToUtf8Bytes(frame);
}
