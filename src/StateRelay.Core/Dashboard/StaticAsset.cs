using System.IO.Compression;
using System.Security.Cryptography;

using StateRelay.Http;

namespace StateRelay.Dashboard;

/// <summary>
/// One file of the page: its answers are made when it is first asked for, plain and compressed, each with a tag of its content, and
/// never change. Safe for use by any thread.
/// </summary>
internal sealed class StaticAsset
{
    // Browsers ask each time whether it is still the same: it is when the program is.
    private const string Caching = "no-cache";

    private readonly Lazy<Forms> _answers;

    /// <param name="path">Where it is served.</param>
    /// <param name="contentType">What it is.</param>
    /// <param name="read">Gives its content; called once, at the first request. A program starts the faster for it.</param>
    public StaticAsset(string path, string contentType, Func<byte[]> read)
    {
        Path = path;
        _answers = new Lazy<Forms>(() => FormsOf(contentType, read()));
    }

    /// <summary>Where it is served.</summary>
    public string Path { get; }

    /// <summary>The answer for this request: the form it accepts, or 304 when it has that already.</summary>
    public HttpAnswer For(HttpExchange exchange)
    {
        var (plain, gzip) = _answers.Value;
        var answer = gzip is not null && HeaderList.Accepts(exchange.Header("Accept-Encoding"), "gzip") ? gzip : plain;
        return HeaderList.Matches(exchange.Header("If-None-Match"), answer.Headers[0].Value)
            ? answer with { Status = 304 }
            : answer;
    }

    private static Forms FormsOf(string contentType, byte[] content)
    {
        var tag = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));
        var compressed = Compress(content);
        var gzip = compressed.Length < content.Length
            ? Answer(contentType, compressed, $"\"{tag}-gzip\"", new KeyValuePair<string, string>("Content-Encoding", "gzip"))
            : null;
        return new Forms(Answer(contentType, content, $"\"{tag}\""), gzip);
    }

    private static HttpAnswer Answer(string contentType, byte[] content, string tag, params KeyValuePair<string, string>[] more) =>
        new(200, contentType, content)
        {
            Headers = [new("ETag", tag), new("Cache-Control", Caching), new("Vary", "Accept-Encoding"), .. more],
        };

    private static byte[] Compress(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
            gzip.Write(content);
        return compressed.ToArray();
    }

    private sealed record Forms(HttpAnswer Plain, HttpAnswer? Gzip);
}
