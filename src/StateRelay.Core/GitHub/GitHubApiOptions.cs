using StateRelay.Diagnostics;

namespace StateRelay.GitHub;

/// <summary>Where GitHub's API is and how patiently it is asked.</summary>
internal sealed record GitHubApiOptions
{
    /// <summary>The API's address. Default <c>https://api.github.com/</c>; an Enterprise server's is <c>https://HOST/api/v3/</c>. Ends with <c>/</c>.</summary>
    public Uri Base { get; init; } = new("https://api.github.com/");

    /// <summary>Which rule an address for <see cref="Base"/> breaks, as one sentence; null when it may be used.</summary>
    public static string? ProblemWith(string name, Uri? address) =>
        address is { IsAbsoluteUri: true, UserInfo: "", Query: "", Fragment: "" }
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
        && address.AbsolutePath.EndsWith('/')
            ? null
            : $"{name} must be an https address that ends with '/', without user, query and fragment, but is '{OptionText.Of(address)}'.";

    /// <summary>How often one page is asked for before giving up. Default 3; at least 1.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>How long one request may take. Default 10 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one question may take, all its pages, attempts and waits together. Default 20 s.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How many pages of a list are read. Default 100, of 100 items each; what is beyond is left out.</summary>
    public int MaxPages { get; init; } = 100;

    /// <summary>The largest page that is read. Default 8 MiB.</summary>
    public int MaxPageBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>How long to wait before a commit without pull requests is asked for once more: GitHub may not know it yet. Default 500 ms.</summary>
    public TimeSpan EmptyAnswerPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How many questions in a row must end unavailable before GitHub is left alone for a while. Default 5.</summary>
    public int FailuresToRest { get; init; } = 5;

    /// <summary>How long GitHub is left alone then. Default 10 s.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(10);
}
