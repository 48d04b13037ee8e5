using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json.Nodes;

using StateRelay.Tests.Connect.Support;

namespace StateRelay.Tests.Connect;

/// <summary>A server that says anything.</summary>
public sealed class HostileServerTests
{
    private const int Messages = 3_000;

    private static readonly string[] Frames =
    [
        """{"type":"hello","v":1,"ping":{"interval":25000,"timeout":10000}}""",
        """{"type":"subscription_confirmed","id":1,"sub":1,"epoch":"e1","seq":1,"recovered":false,"event_types":["push"]}""",
        """{"type":"subscription_confirmed","id":2,"sub":2,"epoch":"e1","seq":1,"recovered":true,"reason":"expired"}""",
        """{"type":"state_snapshot","sub":1,"epoch":"e1","seq":1,"state":{"a":[1,{"b":2}]}}""",
        """{"type":"state_delta","sub":1,"prev":1,"seq":2,"patch":[{"op":"replace","path":"/a/1/b","value":3},{"op":"move","from":"/a/0","path":"/c"}]}""",
        """{"type":"state_event","sub":1,"seq":1,"n":1,"event":{"type":"done","subject":"a","data":{}}}""",
        """{"type":"event","sub":2,"prev":1,"seq":2,"event":{"type":"push","url":"https://github.com/acme/site","timestamp":"2026-11-21T22:00:00Z"}}""",
        """{"type":"gap","sub":2,"prev":2,"seq":3,"reason":"retention"}""",
        """{"type":"ping","seq":4,"heads":{"1":1065,"2":141}}""",
        """{"type":"error","error":"internal_error","message":"?"}""",
        """{"type":"goodbye","code":4001,"reason":"shutdown","retry":{"after":1000,"jitter":4000}}""",
    ];

    [Test]
    public async Task Whatever_it_says_nothing_fails_here()
    {
        var given = Environment.GetEnvironmentVariable("STATERELAY_SEED");
        var seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"To hear the same again: STATERELAY_SEED={seed}");
        var random = new Random(seed);
        await using var scripted = new Scripted(options => options.MaxBufferedEvents = 3);
        await using var states = scripted.Connection.FollowStateAsync().Read();
        await using var events = scripted.Connection.FollowEventsAsync(new Subscription { Organization = "acme" }).Read();
        var server = await scripted.ServerAsync();

        for (var message = 0; message < Messages; message++)
        {
            if (await SurvivesAsync(server, Message(random)))
                continue;
            server.Dispose();
            await scripted.WaitOutAsync();
            server = await scripted.ServerAsync();
        }

        Assert.That(scripted.Logger.Lines.Where(line => line.Id.Id == 1812).Select(line => line.Error?.ToString()), Is.Empty);
    }

    /// <summary>Whether the client still answers.</summary>
    private static async Task<bool> SurvivesAsync(ScriptedServer server, string message)
    {
        try
        {
            await server.SayAsync(message);
            await server.SayAsync("""{"type":"ping","seq":"still there?"}""");
            while (await server.Socket.ReceiveTextAsync() is { } heard)
            {
                if (heard.Contains("still there?", StringComparison.Ordinal))
                    return true;
            }
        }
        catch (Exception error) when (error is WebSocketException or IOException)
        {
            // It has cut the connection.
        }

        return false;
    }

    private static string Message(Random random)
    {
        var frames = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Garbled(JsonNode.Parse(Frames[random.Next(Frames.Length)])!.AsObject(), random)).ToArray();
        var text = frames.Length == 1 ? frames[0].ToJsonString() : new JsonArray(frames).ToJsonString();
        return random.Next(200) == 0 ? text[..random.Next(text.Length)] : text;
    }

    private static JsonObject Garbled(JsonObject frame, Random random)
    {
        foreach (var (name, value) in frame.ToArray())
        {
            if (name is not "type" and not "code" && random.Next(12) == 0)
                frame[name] = Anything(random);
            else if (name is "id" or "sub" or "seq" or "prev" or "n" && random.Next(3) == 0)
                frame[name] = random.Next(12);
            else if (value is JsonObject inner && random.Next(3) == 0)
                Garbled(inner, random);
            else if (value is JsonArray list && list.Count > 0 && random.Next(3) == 0)
                list[0] = Anything(random);
        }

        return frame;
    }

    private static JsonNode? Anything(Random random) => random.Next(9) switch
    {
        0 => null,
        1 => -1,
        2 => 1e300,
        3 => long.MaxValue,
        4 => "text",
        5 => true,
        6 => new JsonArray(7, null),
        7 => new JsonObject { ["op"] = "add", ["path"] = "/-", ["value"] = 1 },
        _ => "",
    };
}
