using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace StateRelay.Tests.Reliability.Interleavings;

/// <summary>A client of v1 that follows the state and the events of one organization, by the position rule.</summary>
internal sealed class Guest : IDisposable
{
    // Of the subscription whose events it counts; a scenario may have it ask for more.
    private const int EventsId = 2;

    private readonly SocketPair _pair;
    private readonly SemaphoreSlim _saying = new(1);
    private readonly Dictionary<int, long> _positions = [];
    private JsonNode? _state;
    private long _eventsFrom;
    private long _seq;
    private int _events;
    private volatile bool _followsEvents;

    public Guest(SocketPair pair, Task life)
    {
        _pair = pair;
        Life = life;
        Reading = Task.Run(ReadAsync);
        Say($$$"""[{"type":"subscribe","id":1,"topic":"state"},{"type":"subscribe","id":{{{EventsId}}},"topic":"events","filter":{"organization":"acme"}}]""");
    }

    /// <summary>Completes when the server is done with it.</summary>
    public Task Life { get; }

    /// <summary>Completes when the connection has ended for the client; fails when it was told something wrong.</summary>
    public Task Reading { get; }

    public bool HasLeft { get; private set; }

    /// <summary>The version that it shows; 0 for none.</summary>
    public long Seq => Volatile.Read(ref _seq);

    /// <summary>How many events it has had.</summary>
    public int Events => Volatile.Read(ref _events);

    /// <summary>How many events it should have had by now; -1 while its subscription is not confirmed.</summary>
    public int EventsOwed(Hub hub) =>
        !_followsEvents ? -1 : hub.Log.After(Volatile.Read(ref _eventsFrom), int.MaxValue).Count(logged => logged.Audience.Organization == "acme");

    public void Say(string text) => _ = SayAsync(text);

    public void Leave()
    {
        HasLeft = true;
        _ = CloseAsync();
    }

    public void Drop()
    {
        HasLeft = true;
        _pair.Dispose();
    }

    public void Dispose() => _pair.Dispose();

    private Task SayAsync(string text) =>
        OneAtATime(() => _pair.Client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None));

    private Task CloseAsync() =>
        OneAtATime(() => _pair.Client.State is WebSocketState.Open or WebSocketState.CloseReceived ? _pair.Client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None) : Task.CompletedTask);

    private async Task OneAtATime(Func<Task> say)
    {
        await _saying.WaitAsync();
        try
        {
            await say();
        }
        catch (Exception error) when (IsTheEnd(error))
        {
            // Reading sees it too.
        }
        finally
        {
            _saying.Release();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _pair.Client.ReceiveTextAsync() is { } text)
            {
                foreach (var frame in JsonNode.Parse(text) is JsonArray several ? [.. several] : new[] { JsonNode.Parse(text) })
                    Take(frame!.AsObject());
            }

            await CloseAsync();
        }
        catch (Exception error) when (IsTheEnd(error))
        {
            // Dropped, or cut off by the server.
        }
    }

    private static bool IsTheEnd(Exception error) => error is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException;

    private void Take(JsonObject frame)
    {
        var sub = (int?)frame["sub"] ?? 0;
        var seq = (long?)frame["seq"] ?? 0;
        switch ((string?)frame["type"])
        {
            case "subscription_confirmed":
                _positions[sub] = (string?)frame["topic"] == "events" ? seq : 0;
                if ((int?)frame["id"] == EventsId)
                {
                    Volatile.Write(ref _eventsFrom, seq);
                    _followsEvents = true;
                }

                break;
            case "state_snapshot":
                Scene.Must(seq > _positions[sub], "Positions never go back.");
                _state = frame["state"]!.DeepClone();
                Show(sub, seq);
                break;
            case "state_delta":
                Scene.Must((long)frame["prev"]! == _positions[sub], "A delta is from the position.");
                _state = JsonPatchClient.Apply(_state, frame["patch"]!.DeepClone());
                Show(sub, seq);
                break;
            case "event":
                Scene.Must((long)frame["prev"]! == _positions[sub] && seq > _positions[sub], "An event is from the position.");
                _positions[sub] = seq;
                Interlocked.Increment(ref _events);
                break;
            case "ping":
                Say("""{"type":"pong"}""");
                break;
            case "gap" or "error":
                throw new InvalidOperationException(frame.ToJsonString());
        }
    }

    private void Show(int sub, long seq)
    {
        _positions[sub] = seq;
        Volatile.Write(ref _seq, seq);
    }
}
