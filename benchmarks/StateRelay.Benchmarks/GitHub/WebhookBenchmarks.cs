using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using BenchmarkDotNet.Attributes;

using StateRelay.Benchmarks.Support;
using StateRelay.GitHub;

namespace StateRelay.Benchmarks.GitHub;

/// <summary>What one delivery costs once it is in memory, beside what the framework needs to hash it and to read it through.</summary>
public class WebhookBenchmarks
{
    private static readonly Secret Secret = new("the-lamps-are-lit-when-fog-comes");

    private readonly byte[] _key = Encoding.UTF8.GetBytes(Secret.Reveal());
    private readonly Secret[] _secrets = [Secret];
    private byte[] _body = [];
    private string _signature = "";

    [Params(5, 30, 1024)]
    public int KiB { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _body = Payload.PullRequest(1024 * KiB);
        _signature = WebhookSignature.Of(_body, Secret);
        if (WebhookReader.Read(_body, "pull_request") is not { Audience.PullRequests: [{ Number: 7 }] })
            throw new InvalidOperationException("The delivery is not read.");
    }

    [Benchmark]
    public int Hashed()
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return HMACSHA256.HashData(_key, _body, hash);
    }

    [Benchmark]
    public int SignatureChecked() => (int)WebhookSignature.Check(_body, _signature, _secrets);

    [Benchmark(Baseline = true)]
    public int ReadThrough()
    {
        var json = new Utf8JsonReader(_body);
        var tokens = 0;
        while (json.Read())
            tokens++;
        return tokens;
    }

    [Benchmark]
    public bool NoticeRead() => WebhookReader.Read(_body, "pull_request") is not null;
}
