using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

using StateRelay.Tests.Reliability.Hostile;

namespace StateRelay.Tests.Reliability.Faults;

/// <summary>Follows a state and events by the position rule, and keeps its positions from one connection to the next.</summary>
internal sealed class V1Follower(Uri relay) : Follower(relay)
{
    private volatile Shown _shown = new(null, 0, null);
    private volatile Position _events = new(null, 0);

    // Whether the subscription of this connection goes on from where the client was.
    private bool _stateGoesOn;

    /// <summary>The state as it would be drawn, its version, and its history.</summary>
    public Shown State => _shown;

    /// <summary>How far events have come, in which history.</summary>
    public Position Events => _events;

    /// <summary>The delivery of each event that came, by history and number.</summary>
    public ConcurrentDictionary<(string Epoch, long Seq), string> Received { get; } = new();

    /// <summary>The stretches in which events may have been lost.</summary>
    public ConcurrentBag<(string Epoch, long After, long UpTo)> Gaps { get; } = [];

    /// <summary>Where each history began for this client.</summary>
    public ConcurrentDictionary<string, long> Beginnings { get; } = new();

    /// <summary>How often each reason was given for not going on.</summary>
    public ConcurrentDictionary<string, int> NotRecovered { get; } = new();

    internal sealed record Shown(JsonNode? Value, long Seq, string? Epoch);

    internal sealed record Position(string? Epoch, long Seq);

    protected override string Begin(ClientWebSocketOptions options, UriBuilder address)
    {
        options.AddSubProtocol("staterelay.v1.json");
        options.SetRequestHeader("Authorization", "Bearer " + ServedRelay.AmysToken);
        return "[" + Subscribe(1, "\"topic\":\"state\"", _shown.Epoch, _shown.Seq) + "," + Subscribe(2, "\"topic\":\"events\",\"filter\":{\"organization\":\"acme\"}", _events.Epoch, _events.Seq) + "]";
    }

    protected override string? Take(JsonNode message)
    {
        switch ((string?)message["type"])
        {
            case "hello":
                return null;
            case "subscription_confirmed" when (int)message["id"]! == 1:
                _stateGoesOn = (bool)message["recovered"]!;
                Note(message);
                return _stateGoesOn && (string?)message["epoch"] != _shown.Epoch ? "goes on in another history" : null;
            case "subscription_confirmed":
                return Confirm(message);
            case "state_snapshot":
                return Draw(message);
            case "state_delta":
                return Apply(message);
            case "event":
                return Take(message, (string)message["event"]!["delivery_id"]!);
            case "gap":
                Gaps.Add((_events.Epoch!, (long)message["prev"]!, (long)message["seq"]!));
                return Move(message);
            default:
                return "unexpected";
        }
    }

    private static string Subscribe(int id, string topic, string? epoch, long seq) =>
        $"{{\"type\":\"subscribe\",\"id\":{id},{topic}{(epoch is null ? "" : $",\"since\":{{\"epoch\":\"{epoch}\",\"seq\":{seq}}}")}}}";

    private void Note(JsonNode confirmation)
    {
        if ((string?)confirmation["reason"] is { } reason)
            NotRecovered.AddOrUpdate(reason, 1, (_, times) => times + 1);
    }

    private string? Confirm(JsonNode message)
    {
        var (epoch, seq) = ((string)message["epoch"]!, (long)message["seq"]!);
        Note(message);
        Beginnings.TryAdd(epoch, seq);
        if (epoch == _events.Epoch && seq != _events.Seq)
            return "begins elsewhere than was asked for";
        _events = new Position(epoch, seq);
        return null;
    }

    private string? Draw(JsonNode message)
    {
        var (epoch, seq) = ((string)message["epoch"]!, (long)message["seq"]!);
        if (epoch == _shown.Epoch && seq < _shown.Seq)
            return "goes back";
        _shown = new Shown(message["state"]!.DeepClone(), seq, epoch);
        _stateGoesOn = true;
        return null;
    }

    private string? Apply(JsonNode message)
    {
        var (prev, seq) = ((long)message["prev"]!, (long)message["seq"]!);
        if (!_stateGoesOn)
            return "comes before the snapshot";
        if (prev != _shown.Seq || seq <= prev)
            return $"does not follow on {_shown.Seq}";
        _shown = _shown with { Value = JsonPatchClient.Apply(_shown.Value!.DeepClone(), message["patch"]), Seq = seq };
        return null;
    }

    private string? Take(JsonNode message, string delivery)
    {
        var known = Received.GetOrAdd((_events.Epoch!, (long)message["seq"]!), delivery);
        return known == delivery ? Move(message) : $"was {known} before";
    }

    private string? Move(JsonNode message)
    {
        if ((long)message["prev"]! != _events.Seq || (long)message["seq"]! <= _events.Seq)
            return $"does not follow on {_events.Seq}";
        _events = _events with { Seq = (long)message["seq"]! };
        return null;
    }
}
