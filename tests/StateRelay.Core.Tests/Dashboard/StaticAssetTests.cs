using System.IO.Compression;
using System.Text;

using StateRelay.Dashboard;
using StateRelay.Http;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Dashboard;

public sealed class StaticAssetTests
{
    private static readonly byte[] Long = Encoding.UTF8.GetBytes(new string('x', 5000));

    private readonly StaticAsset _asset = new("/static/a.js", "text/javascript; charset=utf-8", () => Long);

    [Test]
    public void It_is_sent_plain_to_whoever_asks_for_nothing_else()
    {
        var answer = _asset.For(new CannedExchange("GET", "/static/a.js"));

        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(answer.Body.ToArray(), Is.EqualTo(Long));
        Assert.That(Header(answer, "Content-Encoding"), Is.Null);
        Assert.That(Header(answer, "Vary"), Is.EqualTo("Accept-Encoding"));
        Assert.That(Header(answer, "Cache-Control"), Is.EqualTo("no-cache"));
    }

    [Test]
    public void It_is_sent_compressed_to_whoever_can_read_that_under_another_tag()
    {
        var plain = _asset.For(new CannedExchange("GET", "/static/a.js"));
        var answer = _asset.For(new CannedExchange("GET", "/static/a.js").With("Accept-Encoding", "gzip, br"));

        using var unzipped = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(answer.Body.ToArray()), CompressionMode.Decompress))
            gzip.CopyTo(unzipped);
        Assert.That(unzipped.ToArray(), Is.EqualTo(Long));
        Assert.That(Header(answer, "Content-Encoding"), Is.EqualTo("gzip"));
        Assert.That(Header(answer, "ETag"), Is.Not.EqualTo(Header(plain, "ETag")));
    }

    [Test]
    public void Whoever_has_it_already_is_told_that_it_is_the_same()
    {
        var tag = Header(_asset.For(new CannedExchange("GET", "/static/a.js")), "ETag");

        var same = _asset.For(new CannedExchange("GET", "/static/a.js").With("If-None-Match", tag));
        var otherForm = _asset.For(new CannedExchange("GET", "/static/a.js").With("If-None-Match", tag).With("Accept-Encoding", "gzip"));

        Assert.That(same.Status, Is.EqualTo(304));
        Assert.That(Header(same, "ETag"), Is.EqualTo(tag));
        Assert.That(otherForm.Status, Is.EqualTo(200));
    }

    [Test]
    public void What_does_not_get_smaller_is_never_compressed()
    {
        var asset = new StaticAsset("/static/b.txt", "text/plain; charset=utf-8", () => "x"u8.ToArray());

        var answer = asset.For(new CannedExchange("GET", "/static/b.txt").With("Accept-Encoding", "gzip"));

        Assert.That(Header(answer, "Content-Encoding"), Is.Null);
    }

    [Test]
    public void The_tag_is_of_the_content()
    {
        var same = new StaticAsset("/static/b.js", "text/plain", () => Long);
        var other = new StaticAsset("/static/a.js", "text/plain", () => [.. Long, 1]);

        var tag = Header(_asset.For(new CannedExchange("GET", "/")), "ETag");
        Assert.That(Header(same.For(new CannedExchange("GET", "/")), "ETag"), Is.EqualTo(tag));
        Assert.That(Header(other.For(new CannedExchange("GET", "/")), "ETag"), Is.Not.EqualTo(tag));
    }

    [Test]
    public void Every_embedded_file_has_a_route_and_one_of_two_documents_is_at_the_root()
    {
        var embedded = typeof(WebServer).Assembly.GetManifestResourceNames().Count(name => name.StartsWith("assets/", StringComparison.Ordinal));
        var routes = Page.Routes(["state"]).ToArray();

        Assert.That(routes, Has.Length.EqualTo(embedded - 1));
        Assert.That(routes.Select(route => route.Path), Is.Unique.And.Contains("/").And.Contains("/static/staterelay.js").And.None.EndsWith(".html"));
        Assert.That(routes.Where(route => route.IsOpen), Is.Empty);
    }

    [Test]
    public async Task The_document_is_told_what_there_is_to_show_and_nothing_told_is_markup()
    {
        var document = await DocumentAsync("state", "a-b.c_1", "\"><script>alert(1)</script>");

        Assert.That(document, Does.Contain("""<meta name="topics" content="state a-b.c_1 &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">"""));
    }

    [Test]
    public async Task Where_there_is_nothing_to_show_the_document_says_why_and_runs_nothing_that_connects()
    {
        var document = await DocumentAsync();

        Assert.That(document, Does.Contain("Nothing is shown here.").And.Contain(nameof(WebServerOptions.ViewerToken)));
        Assert.That(document, Does.Not.Contain("page.js"));
    }

    private static async Task<string> DocumentAsync(params string[] topics)
    {
        var exchange = new CannedExchange("GET", "/");
        await Page.Routes(topics).Single(route => route.Path == "/").Endpoint(exchange);
        return exchange.AnsweredText;
    }

    private static string? Header(HttpAnswer answer, string name) =>
        answer.Headers.Where(header => header.Key == name).Select(header => header.Value).SingleOrDefault();
}
