using System.Net;
using System.Text;

namespace StateRelay.TestSupport;

/// <summary>
/// An HTTP server in memory. Each address has a row of answers, given one a request; the last one is given again and again. What has no
/// answer gets 404. Safe for use by any thread.
/// </summary>
public sealed class CannedHttpHandler : HttpMessageHandler
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<Func<CancellationToken, Task<HttpResponseMessage>>>> _answers = new(StringComparer.Ordinal);
    private readonly List<(string Address, IReadOnlyDictionary<string, string> Headers)> _requests = [];

    /// <summary>Every request so far, in order.</summary>
    public IReadOnlyList<(string Address, IReadOnlyDictionary<string, string> Headers)> Requests
    {
        get
        {
            lock (_gate)
                return [.. _requests];
        }
    }

    /// <summary>How many requests came for a path and query.</summary>
    public int CountOf(string pathAndQuery) => Requests.Count(request => new Uri(request.Address).PathAndQuery == pathAndQuery);

    /// <summary>The next answer to a path and query.</summary>
    public CannedHttpHandler On(string pathAndQuery, int status, string body = "", params (string Name, string Value)[] headers) =>
        On(pathAndQuery, _ => Task.FromResult(Answer(status, new StringContent(body, Encoding.UTF8, "application/json"), headers)));

    /// <summary>The next answer to a path and query, from bytes that a test makes.</summary>
    public CannedHttpHandler On(string pathAndQuery, HttpContent body) => On(pathAndQuery, _ => Task.FromResult(Answer(200, body, [])));

    /// <summary>The next answer to a path and query: there is none, and why.</summary>
    public CannedHttpHandler On(string pathAndQuery, Exception error) => On(pathAndQuery, _ => Task.FromException<HttpResponseMessage>(error));

    /// <summary>The next answer to a path and query, given when <paramref name="release"/> is completed.</summary>
    public CannedHttpHandler OnceReleased(string pathAndQuery, Task release, int status, string body) =>
        On(pathAndQuery, async cancellation =>
        {
            await release.WaitAsync(cancellation);
            return Answer(status, new StringContent(body, Encoding.UTF8, "application/json"), []);
        });

    /// <summary>A body whose reading breaks off.</summary>
    public static HttpContent BrokenBody() => new StreamContent(new BrokenStream());

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var headers = request.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        Func<CancellationToken, Task<HttpResponseMessage>>? answer = null;
        lock (_gate)
        {
            _requests.Add((request.RequestUri!.AbsoluteUri, headers));
            if (_answers.TryGetValue(request.RequestUri.PathAndQuery, out var row))
                answer = row.Count > 1 ? row.Dequeue() : row.Peek();
        }

        return answer is null ? Task.FromResult(Answer(404, new StringContent("{}"), [])) : answer(cancellationToken);
    }

    private CannedHttpHandler On(string pathAndQuery, Func<CancellationToken, Task<HttpResponseMessage>> answer)
    {
        lock (_gate)
        {
            if (!_answers.TryGetValue(pathAndQuery, out var row))
                _answers[pathAndQuery] = row = new();
            row.Enqueue(answer);
        }

        return this;
    }

    private static HttpResponseMessage Answer(int status, HttpContent body, (string Name, string Value)[] headers)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = body };
        foreach (var (name, value) in headers)
            answer.Headers.TryAddWithoutValidation(name, value);
        return answer;
    }

    private sealed class BrokenStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => 0; set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("The connection broke off.");

        // At once, on the reader's own thread: a test's clock does not run on meanwhile.
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException<int>(new IOException("The connection broke off."));

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
