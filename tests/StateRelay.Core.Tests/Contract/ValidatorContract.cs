using System.IO.Compression;
using System.Text.Json.Nodes;

using StateRelay.Tests.Support;

namespace StateRelay.Tests.Contract;

/// <summary>Answers that say "you have it already", compressed ones, and who of other origins may read them.</summary>
public abstract class ValidatorContract : ContractTests
{
    [TestCase("/")]
    [TestCase("/static/staterelay.js")]
    [TestCase("/api/state")]
    public async Task Whoever_has_it_already_gets_no_body_and_keeps_the_connection(string path)
    {
        var relay = await StartAsync();
        var first = await relay.AskAsync($"GET {path} HTTP/1.1");
        var tag = first.Header("ETag");

        using var client = await relay.ConnectAsync();
        foreach (var match in new[] { tag, $"W/{tag}", $"\"other\", {tag}", "*" })
        {
            await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: {relay.Address.Authority}\r\nIf-None-Match: {match}\r\n\r\n");
            var same = await client.ReadAnswerAsync();

            Assert.That(same.Status, Is.EqualTo(304), match);
            Assert.That(same.Header("ETag"), Is.EqualTo(tag));
            AssertCommonHeaders(same);
        }

        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: {relay.Address.Authority}\r\nIf-None-Match: \"other\"\r\n\r\n");
        Assert.That((await client.ReadAnswerAsync()).Body, Is.EqualTo(first.Body));
    }

    [TestCase("/")]
    [TestCase("/static/staterelay.js")]
    public async Task Files_are_compressed_for_whoever_can_read_that(string path)
    {
        var relay = await StartAsync();

        var plain = await relay.AskAsync($"GET {path} HTTP/1.1");
        var gzip = await relay.AskAsync($"GET {path} HTTP/1.1", "Accept-Encoding: br, gzip");
        var refused = await relay.AskAsync($"GET {path} HTTP/1.1", "Accept-Encoding: gzip;q=0");

        using var unzipped = new MemoryStream();
        using (var stream = new GZipStream(new MemoryStream(gzip.Body), CompressionMode.Decompress))
            stream.CopyTo(unzipped);
        Assert.That(unzipped.ToArray(), Is.EqualTo(plain.Body));
        Assert.That(gzip.Body.Length, Is.LessThan(plain.Body.Length));
        Assert.That(gzip.Header("Content-Encoding"), Is.EqualTo("gzip"));
        Assert.That(gzip.Header("ETag"), Is.Not.EqualTo(plain.Header("ETag")));
        Assert.That((plain.Header("Vary"), gzip.Header("Vary")), Is.EqualTo(("Accept-Encoding", "Accept-Encoding")));
        Assert.That(refused.Body, Is.EqualTo(plain.Body));
    }

    [Test]
    public async Task The_state_is_given_since_a_position()
    {
        var state = Some.Store(new string('x', 1000));
        var relay = await StartAsync(o => o.CoalescingInterval = TimeSpan.FromMilliseconds(10), state);
        var first = await relay.AskAsync("GET /api/state HTTP/1.1");
        var position = first.Header("ETag")!.Trim('"');

        state.Announce(new StateEvent("moved", StateEventClass.Milestone));
        state.Update(job => job with { Done = 7 }, new StateEvent("done", StateEventClass.Milestone));
        var delta = await relay.AskAsync($"GET /api/state?since={position} HTTP/1.1");
        var snapshot = await relay.AskAsync("GET /api/state?since=elsewhere:1 HTTP/1.1");
        var refused = await relay.AskAsync("GET /api/state?since=nonsense HTTP/1.1");

        var node = JsonNode.Parse(delta.Text)!;
        Assert.That((string?)node["type"], Is.EqualTo("state_delta"));
        Assert.That($"\"{(string?)node["epoch"]}:{(long?)node["seq"]}\"", Is.EqualTo(delta.Header("ETag")));
        Assert.That(node["patch"]!.ToJsonString(), Is.EqualTo("""[{"op":"replace","path":"/Done","value":7}]"""));
        Assert.That(snapshot.Text, Does.StartWith("""{"type":"state_snapshot","state":{"""));
        AssertRefusal(refused, 400, "bad_since");
    }

    [Test]
    public async Task A_state_of_another_name_is_not_there()
    {
        var relay = await StartAsync();

        AssertRefusal(await relay.AskAsync("GET /api/state?topic=other HTTP/1.1"), 404, "unknown_topic");
        Assert.That((await relay.AskAsync("GET /api/state?topic=state HTTP/1.1")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Only_listed_origins_may_read_the_state()
    {
        var relay = await StartAsync(o => o.AllowedOrigins.Add("https://tools.example"));

        var listed = await relay.AskAsync("GET /api/state HTTP/1.1", "Origin: https://tools.example");
        var other = await relay.AskAsync("GET /api/state HTTP/1.1", "Origin: https://evil.example");
        var preflight = await relay.AskAsync(
            "OPTIONS /api/state HTTP/1.1", "Origin: https://tools.example", "Access-Control-Request-Method: GET");
        var otherPreflight = await relay.AskAsync(
            "OPTIONS /api/state HTTP/1.1", "Origin: null", "Access-Control-Request-Method: GET");

        Assert.That(listed.Header("Access-Control-Allow-Origin"), Is.EqualTo("https://tools.example"));
        Assert.That(preflight.Header("Access-Control-Allow-Methods"), Is.EqualTo("GET, HEAD, OPTIONS"));
        Assert.That(other.Header("Access-Control-Allow-Origin"), Is.Null);
        Assert.That(otherPreflight.Header("Access-Control-Allow-Origin"), Is.Null);
        Assert.That(other.Header("Vary"), Is.EqualTo("Origin"));
    }
}
