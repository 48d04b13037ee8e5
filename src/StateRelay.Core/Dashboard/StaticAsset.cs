using System.IO.Compression;
using System.Security.Cryptography;

using StateRelay.Http;

namespace StateRelay.Dashboard;

/// <summary>
/// One file of the page, ready to send: its answers are made once, plain and compressed, each with a tag of its content, and
/// never change. Immutable.
/// </summary>
internal sealed class StaticAsset
{
    // Browsers ask each time whether it is still the same: it is when the program is.
    private const string Caching = "no-cache";

    private readonly HttpAnswer _plain;
    private readonly HttpAnswer? _gzip;

    public StaticAsset(string path, string contentType, byte[] content)
    {
        Path = path;
        var tag = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));
        _plain = Answer(contentType, content, $"\"{tag}\"");

        var compressed = Compress(content);
        if (compressed.Length < content.Length)
            _gzip = Answer(contentType, compressed, $"\"{tag}-gzip\"", new KeyValuePair<string, string>("Content-Encoding", "gzip"));
    }

    /// <summary>Where it is served.</summary>
    public string Path { get; }

    /// <summary>The answer for this request: the form it accepts, or 304 when it has that already.</summary>
    public HttpAnswer For(HttpExchange exchange)
    {
        var answer = _gzip is not null && HeaderList.Accepts(exchange.Header("Accept-Encoding"), "gzip") ? _gzip : _plain;
        return HeaderList.Matches(exchange.Header("If-None-Match"), answer.Headers[0].Value)
            ? answer with { Status = 304 }
            : answer;
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
}
