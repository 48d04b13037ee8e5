using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace StateRelay.GitHub;

/// <summary>A pull request as the API lists it.</summary>
internal sealed record ApiPullRequest(long Number, string Url, bool IsOpen);

/// <summary>
/// The few questions we ask GitHub's API. Every question has one outcome, the last one; what may pass is asked again with jitter, as
/// GitHub's headers tell, within a budget of time. Lists are read to their last page. Tokens go to the API's own origin only, and no
/// answer or token stands in a failure. Safe for use by any thread.
/// </summary>
internal sealed class GitHubApi : IDisposable
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(200);

    // What GitHub's documentation asks for when a limit is passed and no header says how long.
    private static readonly TimeSpan UnnamedLimitPause = TimeSpan.FromMinutes(1);

    private readonly HttpMessageInvoker _http;
    private readonly GitHubApiOptions _options;
    private readonly TimeProvider _clock;
    private readonly GitHubPauses _pauses;

    /// <summary>Makes a client.</summary>
    /// <param name="handler">What sends; <see cref="CreateHandler"/> makes the usual one. Disposed with this.</param>
    /// <param name="options">Where and how patiently to ask.</param>
    /// <param name="clock">What the time is; waits on it too.</param>
    public GitHubApi(HttpMessageHandler handler, GitHubApiOptions options, TimeProvider clock)
    {
        _http = new HttpMessageInvoker(handler);
        _options = options;
        _clock = clock;
        _pauses = new GitHubPauses(options.FailuresToRest, options.Rest, clock);
    }

    /// <summary>A handler for the network: no cookies, and no redirects of its own, because it would drop the token on the way.</summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };

    /// <summary>The login of the person whose token it is.</summary>
    public async Task<GitHubAnswer<string>> GetUserAsync(Secret token, CancellationToken cancellation)
    {
        var answer = await ReadAsync<string>("user", token, page => LoginOf(page) is { } login ? [login] : null, cancellation).ConfigureAwait(false);
        return Only(answer);
    }

    /// <summary>The organizations of the person whose token it is: all of them.</summary>
    public Task<GitHubAnswer<IReadOnlyList<string>>> GetOrganizationsAsync(Secret token, CancellationToken cancellation) =>
        ReadAsync("user/orgs?per_page=100", token, page => Each(page, LoginOf), cancellation);

    /// <summary>The owners of the repositories that an installation may see, each once.</summary>
    public async Task<GitHubAnswer<IReadOnlyList<string>>> GetInstallationOwnersAsync(Secret token, CancellationToken cancellation)
    {
        var answer = await ReadAsync("installation/repositories?per_page=100", token, OwnersIn, cancellation).ConfigureAwait(false);
        return answer.IsOk
            ? new GitHubAnswer<IReadOnlyList<string>>([.. answer.Value.Distinct(StringComparer.OrdinalIgnoreCase)])
            : answer;

        static IReadOnlyList<string>? OwnersIn(JsonElement page) =>
            page.ValueKind == JsonValueKind.Object && page.TryGetProperty("repositories"u8, out var repositories)
                ? Each(repositories, repository => Member(repository, "owner"u8) is { } owner ? LoginOf(owner) : null)
                : null;
    }

    /// <summary>
    /// The pull requests that contain a commit, of any state. An empty first answer is asked for once more: just after a push GitHub may
    /// not know yet.
    /// </summary>
    public async Task<GitHubAnswer<IReadOnlyList<ApiPullRequest>>> GetPullRequestsAsync(
        string owner, string repository, string sha, Secret token, CancellationToken cancellation)
    {
        if (!GitHubNames.IsOwner(owner) || !GitHubNames.IsRepository(repository) || !GitHubNames.IsCommit(sha))
            return new GitHubAnswer<IReadOnlyList<ApiPullRequest>>(null, GitHubFailure.BadName);

        var path = $"repos/{Uri.EscapeDataString(owner)}/{Uri.EscapeDataString(repository)}/commits/{Uri.EscapeDataString(sha)}/pulls?per_page=100";
        var answer = await ReadAsync(path, token, page => Each(page, PullRequestOf), cancellation).ConfigureAwait(false);
        if (answer is not { IsOk: true, Value.Count: 0 })
            return answer;

        await Task.Delay(_options.EmptyAnswerPause, _clock, cancellation).ConfigureAwait(false);
        return await ReadAsync(path, token, page => Each(page, PullRequestOf), cancellation).ConfigureAwait(false);
    }

    /// <summary>The names of the marketplace plans of the person whose token it is, as GitHub writes them.</summary>
    public Task<GitHubAnswer<IReadOnlyList<string>>> GetPlansAsync(Secret token, CancellationToken cancellation) =>
        ReadAsync("user/marketplace_purchases?per_page=100", token, page => Each(page, PlanOf), cancellation);

    public void Dispose() => _http.Dispose();

    /// <summary>Reads a list to its last page. <paramref name="read"/> gives the items of a page, null when the page is not one.</summary>
    private async Task<GitHubAnswer<IReadOnlyList<T>>> ReadAsync<T>(
        string path, Secret token, Func<JsonElement, IReadOnlyList<T>?> read, CancellationToken cancellation)
    {
        if (_pauses.Hinders(token) is { } hindrance)
            return new GitHubAnswer<IReadOnlyList<T>>(null, hindrance.Failure, hindrance.RetryAfter);

        var started = _clock.GetTimestamp();
        var items = new List<T>();
        Uri? next = new(_options.Base, path);
        for (var pages = 0; next is not null && pages < _options.MaxPages; pages++)
        {
            var page = await AskAsync(next, token, started, cancellation).ConfigureAwait(false);
            _pauses.Note(token, page.Failure, page.RetryAfter);
            if (page.Failure is { } failure)
                return new GitHubAnswer<IReadOnlyList<T>>(null, failure, page.RetryAfter);
            if (Parse(page.Body!, read) is not { } found)
                return new GitHubAnswer<IReadOnlyList<T>>(null, GitHubFailure.Unreadable);

            items.AddRange(found);
            next = page.Next is { } link && IsOurs(link) ? link : null;
        }

        return items;
    }

    /// <summary>Asks for one page, as often as makes sense.</summary>
    private async Task<ApiPage> AskAsync(Uri address, Secret token, long started, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var left = _options.Budget - _clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return ApiPage.Failed(GitHubFailure.Unavailable);

            var page = await AskOnceAsync(address, token, left, cancellation).ConfigureAwait(false);
            if (page.Failure is not (GitHubFailure.Unavailable or GitHubFailure.RateLimited))
                return page;

            var wait = (page.RetryAfter ?? TimeSpan.Zero) + Jitter(attempt);
            if (attempt >= _options.MaxAttempts || _clock.GetElapsedTime(started) + wait >= _options.Budget)
                return page.Failure == GitHubFailure.RateLimited ? page with { RetryAfter = page.RetryAfter ?? UnnamedLimitPause } : page;
            await Task.Delay(wait, _clock, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<ApiPage> AskOnceAsync(Uri address, Secret token, TimeSpan left, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(left < _options.RequestTimeout ? left : _options.RequestTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            // A repository that was renamed answers with its new address.
            for (var redirects = 0; ; redirects++)
            {
                using var request = RequestFor(address, token);
                using var response = await _http.SendAsync(request, either.Token).ConfigureAwait(false);
                if ((int)response.StatusCode is not (301 or 302 or 307 or 308))
                    return await PageOfAsync(response, either.Token).ConfigureAwait(false);
                if (redirects == 3 || !Uri.TryCreate(address, response.Headers.Location, out var moved) || !IsOurs(moved))
                    return ApiPage.Failed(GitHubFailure.Unreadable);
                address = moved;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ApiPage.Failed(GitHubFailure.Unavailable);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return ApiPage.Failed(GitHubFailure.Unavailable);
        }
    }

    private static HttpRequestMessage RequestFor(Uri address, Secret token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        request.Headers.UserAgent.ParseAdd("StateRelay");
        request.Headers.Add("X-GitHub-Api-Version", "2022-11-28");
        return request;
    }

    private async Task<ApiPage> PageOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        switch ((int)response.StatusCode)
        {
            case 200:
                var body = await BodyOfAsync(response.Content, cancellation).ConfigureAwait(false);
                return body is null ? ApiPage.Failed(GitHubFailure.Unreadable) : new ApiPage(body, LinkHeader.Next(HeaderOf(response, "Link")));
            case 401:
                return ApiPage.Failed(GitHubFailure.InvalidToken);
            case 403 when HeaderOf(response, "X-RateLimit-Remaining") != "0" && response.Headers.RetryAfter is null:
                return ApiPage.Failed(GitHubFailure.Forbidden);
            case 403 or 429:
                return ApiPage.Failed(GitHubFailure.RateLimited, PauseOf(response));
            case 404:
                return ApiPage.Failed(GitHubFailure.NotFound);
            case 408 or 500 or 502 or 503 or 504:
                return ApiPage.Failed(GitHubFailure.Unavailable, PauseOf(response));
            default:
                return ApiPage.Failed(GitHubFailure.Unreadable);
        }
    }

    /// <summary>How long GitHub asks us to wait: <c>Retry-After</c> first, else the reset of a limit that is used up.</summary>
    private TimeSpan? PauseOf(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _clock.GetUtcNow(),
            _ => HeaderOf(response, "X-RateLimit-Remaining") == "0"
                && long.TryParse(HeaderOf(response, "X-RateLimit-Reset"), NumberStyles.None, CultureInfo.InvariantCulture, out var reset)
                && reset <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
                    ? DateTimeOffset.FromUnixTimeSeconds(reset) - _clock.GetUtcNow()
                    : (TimeSpan?)null,
        };

        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    /// <summary>The body, null when it is larger than a page may be.</summary>
    private async Task<byte[]?> BodyOfAsync(HttpContent content, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > _options.MaxPageBytes)
            return null;

        var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
        {
            if (body.Length + read > _options.MaxPageBytes)
                return null;
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private bool IsOurs(Uri address) =>
        address.IsAbsoluteUri && address.Scheme == _options.Base.Scheme && address.Host == _options.Base.Host && address.Port == _options.Base.Port;

    private static TimeSpan Jitter(int attempt) => Random.Shared.NextDouble() * FirstBackoff * (1 << Math.Min(attempt - 1, 6));

    private static string? HeaderOf(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    private static T? Parse<T>(byte[] body, Func<JsonElement, T?> read)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return read(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What <paramref name="read"/> finds in each element; elements without it are passed over. Null when this is no list.</summary>
    private static List<T>? Each<T>(JsonElement list, Func<JsonElement, T?> read)
        where T : class =>
        list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(read).OfType<T>()] : null;

    private static JsonElement? Member(JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    private static string? TextOf(JsonElement element, ReadOnlySpan<byte> name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } value ? value : null;

    private static string? LoginOf(JsonElement account) => TextOf(account, "login"u8);

    private static string? PlanOf(JsonElement purchase) => Member(purchase, "plan"u8) is { } plan ? TextOf(plan, "name"u8) : null;

    private static ApiPullRequest? PullRequestOf(JsonElement element) =>
        Member(element, "number"u8) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) && value > 0
        && TextOf(element, "html_url"u8) is { } url
            ? new ApiPullRequest(value, url, TextOf(element, "state"u8) == "open")
            : null;

    private static GitHubAnswer<T> Only<T>(GitHubAnswer<IReadOnlyList<T>> answer) => answer.IsOk ? answer.Value[0] : answer.As<T>();

    private sealed record ApiPage(byte[]? Body, Uri? Next, GitHubFailure? Failure = null, TimeSpan? RetryAfter = null)
    {
        public static ApiPage Failed(GitHubFailure failure, TimeSpan? retryAfter = null) => new(null, null, failure, retryAfter);
    }
}
