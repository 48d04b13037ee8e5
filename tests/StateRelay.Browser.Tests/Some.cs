using System.Text.Json.Nodes;

namespace StateRelay.Browser.Tests;

/// <summary>States to show, with only what matters spelled out by the test.</summary>
internal static class Some
{
    /// <summary>An operation as an <c>OperationTracker</c> writes it.</summary>
    public static JsonObject Operation(string status = "running", params JsonNode[] items) => new()
    {
        ["view"] = "operation",
        ["id"] = "8f0c2d4e6a7b9c01",
        ["title"] = "Nightly import",
        ["status"] = status,
        ["unit"] = "rows",
        ["startTime"] = "2026-11-21T22:00:00Z",
        ["details"] = new JsonObject { ["source"] = "north", ["target"] = "south" },
        ["summary"] = new JsonObject
        {
            ["items"] = items.Length,
            ["waiting"] = 4,
            ["active"] = 2,
            ["completed"] = 5,
            ["failed"] = 0,
            ["done"] = 8400,
            ["total"] = 12000,
            ["percent"] = 70.0,
            ["speed"] = 1234.5,
            ["secondsLeft"] = 3.2,
        },
        ["items"] = new JsonArray(items),
        ["metrics"] = new JsonArray(),
        ["log"] = new JsonArray(),
        ["errors"] = new JsonArray(),
        ["warnings"] = new JsonArray(),
    };

    /// <summary>A relay of events as its overview writes it, the newest event first.</summary>
    public static JsonObject Relay(params JsonNode[] events) => new()
    {
        ["view"] = "events",
        ["title"] = "Event relay",
        ["head"] = 5821,
        ["subscriptions"] = 3,
        ["counts"] = new JsonObject { ["sent"] = 20211, ["received"] = 6000, ["relayed"] = 5800, ["duplicate"] = 12, ["ignored"] = 0, ["refused"] = 2 },
        ["rate"] = new JsonObject
        {
            ["now"] = 3.2,
            ["history"] = JsonNode.Parse("""[{"id":1,"time":"2026-11-21T22:00:00Z","value":1},{"id":2,"time":"2026-11-21T22:00:05Z","value":7.4}]"""),
        },
        ["events"] = new JsonArray(events),
        ["earlierEvents"] = 5821 - events.Length,
        ["clients"] = new JsonArray(Client(1, "amy"), Client(2, "ben", behind: 1204), Client(3, "chloe", behind: 7)),
        ["moreClients"] = 0,
    };

    public static JsonNode Event(long id, string type = "pull_request", string? url = "https://github.com/acme/widgets/pull/42") => new JsonObject
    {
        ["id"] = id,
        ["type"] = type,
        ["url"] = url,
        ["time"] = "2026-11-21T22:00:00.125Z",
        ["delivery"] = $"72d3162e-cc78-11e3-81ab-{id:d12}",
        ["sentTo"] = 4,
    };

    public static JsonNode Client(int id, string name, long behind = 0) => new JsonObject
    {
        ["id"] = $"c{id}",
        ["name"] = name,
        ["follows"] = "acme: pull_request",
        ["behind"] = behind,
        ["since"] = "2026-11-21T21:00:00Z",
    };

    public static JsonNode Item(string name, string status = "running", long done = 0, long total = 1000) => new JsonObject
    {
        ["name"] = name,
        ["status"] = status,
        ["total"] = total,
        ["done"] = done,
        ["percent"] = 100.0 * done / total,
        ["speed"] = 88.0,
    };

    public static JsonNode[] Items(int count) => [.. Enumerable.Range(1, count).Select(n => Item($"item {n}", done: n % 1000))];
}
