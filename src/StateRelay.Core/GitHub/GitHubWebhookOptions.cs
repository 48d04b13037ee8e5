using StateRelay.Diagnostics;

namespace StateRelay;

/// <summary>
/// How deliveries of GitHub's are taken in. Checked as a whole and copied when a server is told to take them: every broken rule is named
/// at once. GitHub sends to the server's public name, which <see cref="WebServerOptions.AllowedHosts"/> must hold.
/// </summary>
public sealed class GitHubWebhookOptions
{
    private const int MaxSecrets = 16;
    private const int MaxPathLength = 200;

    // A buffer grows twofold, in powers of two, and the old one is held until it is copied.
    private const int TimesWhileGrowing = 3;

    private static readonly string[] TakenPaths = ["/ws", "/healthz", "/readyz"];
    private static readonly string[] TakenFolders = ["/api/", "/static/"];

    /// <summary>
    /// The secrets that deliveries may be signed with, 1 to 16: more than one while a secret is replaced. Default none, with which no
    /// server is made: nothing would be accepted.
    /// </summary>
    public IList<Secret> Secrets { get; } = [];

    /// <summary>The path that deliveries are sent to. Default <c>/webhook</c>; no path that the server has another use for.</summary>
    public string Path { get; set; } = "/webhook";

    /// <summary>The event types that are relayed, as <c>X-GitHub-Event</c> names them; others are answered as ignored. Default none: all are.</summary>
    public IList<string> AllowedEventTypes { get; } = [];

    /// <summary>The largest delivery, in bytes. Default 25 MiB, which is GitHub's own limit; 1 KiB to 100 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 25 * 1024 * 1024;

    /// <summary>
    /// Memory that all deliveries being read may take together, in bytes; more are refused with 503. Default 128 MiB; three times
    /// <see cref="MaxBodyBytes"/> to 16 GiB.
    /// </summary>
    public long MaxConcurrentBodyBytes { get; set; } = 128 * 1024 * 1024;

    /// <summary>How long a delivery may take to come. Default 10 s; 100 ms to 10 min.</summary>
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many requests of one address may be refused in a minute (for their signature, size, form or slowness) before all of its
    /// requests are, with 429. Deliveries that are in order are never counted. Default 60; 1 to 100,000.
    /// </summary>
    public int MaxRefusalsPerMinute { get; set; } = 60;

    /// <summary>
    /// Whether a delivery with an id that was here before is relayed again, as when somebody asks GitHub for it. Default false: it is
    /// answered as a duplicate.
    /// </summary>
    public bool RelayRedeliveries { get; set; }

    /// <summary>How many delivery ids are remembered, the newest. Default 50,000; 1 to 10,000,000.</summary>
    public int RememberedDeliveries { get; set; } = 50_000;

    /// <summary>How long a delivery id is remembered. Default 24 h; 1 s to 30 days.</summary>
    public TimeSpan RememberedFor { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// A token to ask GitHub with which pull requests a commit belongs to, where a check names none and no event told. It needs to read
    /// pull requests. Default null: nobody is asked, and such a check is told with its repository and its commit.
    /// </summary>
    public Secret? ApiToken { get; set; }

    /// <summary>Where GitHub's API is: <c>https</c>, ending with <c>/</c>. Default <c>https://api.github.com/</c>; an Enterprise server's is <c>https://HOST/api/v3/</c>.</summary>
    public Uri ApiBase { get; set; } = new("https://api.github.com/");

    /// <summary>Every rule these options break, each as one sentence; empty when deliveries may be taken in by them.</summary>
    internal IEnumerable<string> Problems()
    {
        if (Secrets.Count == 0)
            yield return "Secrets must hold the secret that is set in GitHub, but is empty: nothing would be accepted.";
        if (Secrets.Count > MaxSecrets || Secrets.Any(secret => secret is null))
            yield return $"Secrets must hold 1 to {MaxSecrets} secrets, none of them null.";
        if (!IsFree(Path))
            yield return $"Path must begin with '/', have letters, digits, '-', '_' or '.' between single slashes, and be none of the server's own, but is '{OptionText.Of(Path)}'.";
        foreach (var type in AllowedEventTypes.Where(type => !GitHub.GitHubNames.IsEventType(type)))
            yield return $"AllowedEventTypes must hold types of 1 to 50 letters a to z, digits and _, but has '{type}'.";
        if (GitHub.GitHubApiOptions.ProblemWith(nameof(ApiBase), ApiBase) is { } problem)
            yield return problem;

        string?[] ranges =
        [
            OptionRange.Problem(nameof(MaxBodyBytes), MaxBodyBytes, 1024, 100 << 20),
            OptionRange.Problem(nameof(MaxConcurrentBodyBytes), MaxConcurrentBodyBytes, TimesWhileGrowing * (long)MaxBodyBytes, 16L << 30),
            OptionRange.Problem(nameof(BodyTimeout), BodyTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            OptionRange.Problem(nameof(MaxRefusalsPerMinute), MaxRefusalsPerMinute, 1, 100_000),
            OptionRange.Problem(nameof(RememberedDeliveries), RememberedDeliveries, 1, 10_000_000),
            OptionRange.Problem(nameof(RememberedFor), RememberedFor, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)),
        ];
        foreach (var range in ranges.OfType<string>())
            yield return range;
    }

    /// <summary>The same options once more, so that who changes these later changes nothing.</summary>
    internal GitHubWebhookOptions Copy()
    {
        var copy = new GitHubWebhookOptions
        {
            Path = Path,
            MaxBodyBytes = MaxBodyBytes,
            MaxConcurrentBodyBytes = MaxConcurrentBodyBytes,
            BodyTimeout = BodyTimeout,
            MaxRefusalsPerMinute = MaxRefusalsPerMinute,
            RelayRedeliveries = RelayRedeliveries,
            RememberedDeliveries = RememberedDeliveries,
            RememberedFor = RememberedFor,
            ApiToken = ApiToken,
            ApiBase = ApiBase,
        };
        foreach (var secret in Secrets)
            copy.Secrets.Add(secret);
        foreach (var type in AllowedEventTypes)
            copy.AllowedEventTypes.Add(type);
        return copy;
    }

    private static bool IsFree(string? path) =>
        path is ['/', _, ..] && path.Length <= MaxPathLength
        && path[1..].Split('/').All(part => part.Length > 0 && part is not ("." or "..") && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        && !TakenPaths.Contains(path)
        && !TakenFolders.Any(folder => path.StartsWith(folder, StringComparison.Ordinal));
}
