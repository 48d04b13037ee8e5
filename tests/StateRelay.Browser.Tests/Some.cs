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
