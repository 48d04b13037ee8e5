using System.Net.WebSockets;
using System.Text.Json.Nodes;

using StateRelay.Tests.Reliability.Hostile;

namespace StateRelay.Tests.Reliability.Faults;

/// <summary>Follows a state in the plain dialect: whatever comes last is drawn.</summary>
internal sealed class PlainFollower(Uri relay) : Follower(relay)
{
    private volatile JsonNode? _shown;

    /// <summary>The state as it would be drawn.</summary>
    public JsonNode? Shown => _shown;

    /// <summary>The count of it; -1 before the first.</summary>
    public int Count => (int?)_shown?[nameof(Beat.Count)] ?? -1;

    /// <summary>How often the count was less than before, as it is when a server begins anew.</summary>
    public int Backwards { get; private set; }

    protected override string? Begin(ClientWebSocketOptions options, UriBuilder address)
    {
        address.Query = "mode=state";
        return null;
    }

    protected override string? Take(JsonNode message)
    {
        if ((string?)message["type"] != "state_snapshot")
            return "unexpected";
        var before = Count;
        _shown = message["state"]!.DeepClone();
        if (Count < before)
            Backwards++;
        return null;
    }
}
