using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace StateRelay.Benchmarks.WebhookLoad;

/// <summary>Sends signed deliveries at a steady pace over connections that stay open, and times the answers.</summary>
internal sealed class Deliveries(Uri server, string secret, int perSecond, int count, int organizations) : IDisposable
{
    private const int Senders = 64;

    // What somebody wrote of a pull request is most of its delivery.
    private static readonly string Written = string.Concat(Enumerable.Repeat("The harbour's lamps are lit an hour early when fog is forecast. ", 72));

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = Senders }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Uri _address = new(server, "webhook");
    private readonly byte[] _key = Encoding.UTF8.GetBytes(secret);
    private readonly double[] _answered = new double[count];
    private readonly double[] _late = new double[count];
    private int _next;
    private int _accepted;
    private int _refused;
    private int _failed;

    public int Accepted => _accepted;

    /// <summary>Sends them all.</summary>
    /// <param name="taken">Called with the index of each organization whose delivery was accepted.</param>
    public async Task SendAsync(Action<int> taken)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(() => SendNextAsync(began, taken))));
        var took = TimeProvider.System.GetElapsedTime(began);
        Array.Sort(_answered);
        Array.Sort(_late);
        Console.WriteLine($"deliveries sent       {count} of {SampleBytes} bytes in {took.TotalSeconds:F2} s, {count / took.TotalSeconds:F0} a second");
        Console.WriteLine($"answered 202          {_accepted}; refused {_refused}; without answer {_failed}");
        Console.WriteLine($"answer time           median {At(_answered, 0.5):F2} ms, p95 {At(_answered, 0.95):F2} ms, p99 {At(_answered, 0.99):F2} ms");
        Console.WriteLine($"sent after its time   median {At(_late, 0.5):F2} ms, p95 {At(_late, 0.95):F2} ms, p99 {At(_late, 0.99):F2} ms");
    }

    public void Dispose() => _http.Dispose();

    private int SampleBytes => Payload(count).Length;

    private static double At(double[] sorted, double part) => sorted[(int)(part * (sorted.Length - 1))];

    private async Task SendNextAsync(long began, Action<int> taken)
    {
        for (int index; (index = Interlocked.Increment(ref _next) - 1) < count;)
        {
            var due = TimeSpan.FromSeconds((double)index / perSecond);
            if (due - TimeProvider.System.GetElapsedTime(began) is { Ticks: > 0 } early)
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(early.TotalMilliseconds)));

            var body = Payload(index + 1);
            using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Add("X-GitHub-Event", "pull_request");
            request.Headers.Add("X-GitHub-Delivery", $"load-{index}");
            request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(_key, body))}");
            var sent = TimeProvider.System.GetTimestamp();
            _late[index] = (TimeProvider.System.GetElapsedTime(began, sent) - due).TotalMilliseconds;
            try
            {
                using var answer = await _http.SendAsync(request);
                if (answer.StatusCode != HttpStatusCode.Accepted)
                {
                    Interlocked.Increment(ref _refused);
                }
                else
                {
                    Interlocked.Increment(ref _accepted);
                    taken((index + 1) % organizations);
                }
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                Interlocked.Increment(ref _failed);
            }

            _answered[index] = TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds;
        }
    }

    private byte[] Payload(int number) => Encoding.UTF8.GetBytes($$"""
        {"action":"synchronize","number":{{number}},
         "pull_request":{"number":{{number}},"html_url":"https://github.com/org{{number % organizations}}/rocket/pull/{{number}}","state":"open",
          "title":"Light the lamps in time","body":"{{Written}}","user":{"login":"amy","type":"User"},"head":{"ref":"lamps","sha":"{{number:x40}}"} },
         "repository":{"name":"rocket","private":false,"html_url":"https://github.com/org{{number % organizations}}/rocket","owner":{"login":"org{{number % organizations}}"} },
         "organization":{"login":"org{{number % organizations}}"},"sender":{"login":"amy","type":"User"} }
        """);
}
