using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

using Microsoft.Extensions.Logging;

using StateRelay.Diagnostics;
using StateRelay.Http;
using StateRelay.Security;

namespace StateRelay.GitHub;

/// <summary>
/// Takes GitHub's deliveries over HTTP: the rate of refusals, the kind of content, the size, the body, then what the intake says. Its only
/// guard is the signature, which is looked at before anything that the body or the other headers say. What is in order is answered with
/// 202 and what became of it. Safe for use by any thread.
/// </summary>
internal sealed class WebhookEndpoint : IDisposable
{
    private static readonly SearchValues<char> IdChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private readonly GitHubApi? _api;
    private readonly CommitLookup _lookup;
    private readonly WebhookIntake _intake;
    private readonly AddressRates _refusals;
    private readonly BodyLimits _limits;
    private readonly Instruments _instruments;
    private readonly ILogger _logger;

    /// <summary>Makes the endpoint.</summary>
    /// <param name="options">Checked, and nobody else's.</param>
    /// <param name="commits">Remembers the heads of pull requests.</param>
    /// <param name="relay">Hands an event on; must not fail.</param>
    /// <param name="clock">What the time is.</param>
    /// <param name="instruments">Counts deliveries.</param>
    /// <param name="logger">Hears of each delivery.</param>
    /// <param name="gitHub">What asks GitHub; null for the network. Disposed with this.</param>
    public WebhookEndpoint(
        GitHubWebhookOptions options,
        CommitCache commits,
        Action<Event, EventAudience> relay,
        TimeProvider clock,
        Instruments instruments,
        ILogger logger,
        HttpMessageHandler? gitHub = null)
    {
        _instruments = instruments;
        _logger = logger;
        _refusals = new AddressRates(options.MaxRefusalsPerMinute, clock);
        _limits = new BodyLimits(options.MaxBodyBytes, options.BodyTimeout, new BodyBudget(options.MaxConcurrentBodyBytes));
        _api = options.ApiToken is null ? null : new GitHubApi(gitHub ?? GitHubApi.CreateHandler(), new GitHubApiOptions { Base = options.ApiBase }, clock);
        _lookup = new CommitLookup(commits, _api, () => options.ApiToken);
        _intake = new WebhookIntake(
            [.. options.Secrets],
            options.AllowedEventTypes.Count == 0 ? null : options.AllowedEventTypes.ToFrozenSet(StringComparer.Ordinal),
            options.RelayRedeliveries ? null : new DeliveryWindow(options.RememberedDeliveries, options.RememberedFor, clock),
            commits,
            _lookup,
            relay,
            clock);
        Route = new Route(options.Path, ["POST"], HandleAsync) { Guard = RouteGuard.Own };
    }

    /// <summary>Where deliveries are sent to.</summary>
    public Route Route { get; }

    /// <summary>What became of the deliveries so far.</summary>
    public DeliveryTally Tally { get; } = new();

    /// <summary>Gives up what GitHub is being asked.</summary>
    public void Dispose()
    {
        _lookup.Dispose();
        _api?.Dispose();
    }

    private async Task HandleAsync(HttpExchange exchange)
    {
        HttpAnswer answer;
        using (var activity = Activities.StartDelivery(Route.Path))
            answer = await TakeAsync(exchange, activity).ConfigureAwait(false);
        await exchange.AnswerAsync(answer).ConfigureAwait(false);
    }

    private async ValueTask<HttpAnswer> TakeAsync(HttpExchange exchange, Activity? activity)
    {
        if (!_refusals.May(exchange.RemoteAddress, out var retryAfter))
            return Refuse(exchange, activity, DeliveryOutcome.NotRead, "too_many_refusals", TooManyRefusals(retryAfter));
        if (!IsJson(exchange.Header("Content-Type")))
            return Refuse(exchange, activity, DeliveryOutcome.NotRead, "not_json", NotJson());

        using var body = await exchange.ReadBodyAsync(_limits).ConfigureAwait(false);
        if (body.Refusal is { } refusal)
            return Refuse(exchange, activity, DeliveryOutcome.NotRead, ReasonOf(body.Outcome), refusal);

        // Not cancelled by anything: what was taken in is relayed, also when its sender does not wait any longer.
        var type = exchange.Header("X-GitHub-Event");
        var deliveryId = IdOf(exchange.Header("X-GitHub-Delivery"));
        var outcome = await _intake.TakeAsync(type, deliveryId, exchange.Header("X-Hub-Signature-256"), body.Bytes, CancellationToken.None).ConfigureAwait(false);
        if (outcome == DeliveryOutcome.NotSigned)
            return Refuse(exchange, activity, outcome, "not_signed", NotSigned());
        if (outcome == DeliveryOutcome.NotUnderstood)
            return Refuse(exchange, activity, outcome, "not_understood", NotUnderstood());

        var result = ResultOf(outcome);
        Count(outcome, result);
        Activities.Delivered(activity, deliveryId, type, result);
        Log.DeliveryTaken(_logger, deliveryId, type, result);
        return HttpAnswer.OfJson(202, Taken(result, deliveryId));
    }

    private HttpAnswer Refuse(HttpExchange exchange, Activity? activity, DeliveryOutcome outcome, string reason, HttpAnswer refusal)
    {
        Count(outcome, reason);
        Activities.Refused(activity, reason);
        Log.DeliveryRefused(_logger, exchange.RemoteAddress, reason);

        // That there is no room is not the sender's fault; what came too often is not counted once more.
        if (refusal.Status is not (429 or 503))
            _refusals.TryTake(exchange.RemoteAddress, out _);
        return refusal;
    }

    private void Count(DeliveryOutcome outcome, string result)
    {
        Tally.Count(outcome);
        _instruments.Deliveries.Add(1, new KeyValuePair<string, object?>("result", result));
    }

    private static string ResultOf(DeliveryOutcome outcome) => outcome switch
    {
        DeliveryOutcome.Relayed => "relayed",
        DeliveryOutcome.Duplicate => "duplicate",
        _ => "ignored",
    };

    private static string ReasonOf(BodyOutcome outcome) => outcome switch
    {
        BodyOutcome.TooLarge => "too_large",
        BodyOutcome.TooSlow => "too_slow",
        BodyOutcome.NoRoom => "no_room",
        _ => "broken",
    };

    private static byte[] Taken(string result, string? deliveryId)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "webhook"u8);
            writer.WriteString("result"u8, result);
            writer.WriteString("delivery_id"u8, deliveryId);
            writer.WriteEndObject();
        }

        return body.WrittenMemory.ToArray();
    }

    // The header is not signed, and its value goes into logs and to clients.
    private static string? IdOf(string? header) =>
        header is { Length: > 0 and <= DeliveryWindow.MaxIdLength } && !header.AsSpan().ContainsAnyExcept(IdChars) ? header : null;

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase);

    private static HttpAnswer TooManyRefusals(TimeSpan retryAfter) => HttpAnswer.Refusal(
        429,
        "too_many_refusals",
        "Too many requests of this address were refused; come back later.",
        new KeyValuePair<string, string>("Retry-After", $"{Math.Max(1, (int)Math.Ceiling(retryAfter.TotalSeconds))}"));

    private static HttpAnswer NotJson() => HttpAnswer.Refusal(
        415, "not_json", "Deliveries must be application/json: set that as the content type of the webhook in GitHub.");

    private static HttpAnswer NotSigned() => HttpAnswer.Refusal(
        401, "not_signed", "X-Hub-Signature-256 must be there, made over this body with a secret that is set here.");

    private static HttpAnswer NotUnderstood() => HttpAnswer.Refusal(
        400, "not_understood", "The body must be one JSON object, and X-GitHub-Event must say what it tells of.");
}
