namespace StateRelay.Http;

/// <summary>
/// The headers that every answer carries, whatever server sends it. What an answer names itself is not repeated here.
/// </summary>
internal static class AnswerHeaders
{
    /// <summary>A page may load what this server serves and talk to this server, and nothing else; nobody may frame it.</summary>
    public const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    /// <summary>Everything that is not a page: should a browser show it as one, it can do nothing.</summary>
    public const string OtherPolicy = "default-src 'none'; frame-ancestors 'none'";

    private static readonly KeyValuePair<string, string>[] Common =
    [
        new("Server", "StateRelay"),
        new("X-Content-Type-Options", "nosniff"),
        new("Referrer-Policy", "no-referrer"),
        new("X-Frame-Options", "DENY"),
        new("Cross-Origin-Resource-Policy", "same-origin"),
        new("Cross-Origin-Opener-Policy", "same-origin"),
    ];

    private static readonly KeyValuePair<string, string>[] OfPages = [.. Common, new("Content-Security-Policy", PagePolicy)];

    private static readonly KeyValuePair<string, string>[] OfOthers = [.. Common, new("Content-Security-Policy", OtherPolicy)];

    private static readonly KeyValuePair<string, string>[] OfRefusals = [.. OfOthers, new("Cache-Control", "no-store")];

    /// <summary>The headers for this answer; a refusal is never kept by a cache.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> For(HttpAnswer answer) =>
        answer.ContentType == HttpAnswer.Html ? OfPages
        : answer.Status >= 400 ? OfRefusals
        : OfOthers;
}
