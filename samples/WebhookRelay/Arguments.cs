using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace StateRelay.Samples.WebhookRelay;

/// <summary>What the program was asked to do: one of three commands. Immutable.</summary>
internal abstract record Arguments
{
    public const string Usage =
        """
        Relays GitHub's webhooks: each event to those who may see it and want it.

        WebhookRelay serve [--port N] --secret S [--allowed-events a,b] [--tokens FILE] [...]
        WebhookRelay send --url URL --secret S --event TYPE [--delivery ID] PAYLOAD-FILE
        WebhookRelay listen --url URL --token T [--org O] [--events a,b] [--prs URL,URL] [--user] [--since EPOCH:SEQ]

        serve takes in deliveries at /webhook and lets clients follow at /ws, until Ctrl+C
          --port N               1024 to 65535; by default 8080
          --secret S             what deliveries are signed with; by default GITHUB_WEBHOOK_SECRET of the environment
          --allowed-events a,b   the types that are relayed, * for all; by default ALLOWED_WEBHOOK_EVENTS of the environment, else all
          --tokens FILE          who has which token: {"TOKEN":{"username":"amy","organizations":["acme"],"tier":"pro"}};
                                 by default tokens are GitHub's, and GitHub is asked whose they are
          --enforce-tiers        events of private repositories only for those whose tier is pro or flock
          --trusted-proxy P      a proxy in front, by address or network (10.0.0.0/8), whose X-Forwarded-For is believed; may be repeated
          --max-conns-per-ip N   connections from one address; by default 100
          --max-conns-total N    connections in all; by default 1000
          --verbose              say what becomes of each delivery and client

        send posts a file as GitHub would, signed, and prints the answer; ends with 0 when it was taken
          --url URL              the server, for example http://localhost:8080
          --secret S             as above
          --event TYPE           what the payload tells of, for example pull_request
          --delivery ID          by default a new one

        listen prints what the server tells, one JSON object a line, and comes back when the connection is lost; until Ctrl+C
          --url URL              the server, for example http://localhost:8080
          --token T              the token that says who you are
          --org O                an organization of yours, * for all of them
          --events a,b           only these types; by default all
          --prs URL,URL          only these pull requests
          --user                 only what you are involved in
          --since EPOCH:SEQ      begin after this position, as far as it is held
        """;

    private static readonly SearchValues<char> HeaderChars =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code)]);

    /// <summary>Reads the command line; where it cannot, says why in one sentence.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="environment">Gives a variable of the environment, null where it is not set.</param>
    /// <param name="arguments">What is to be done.</param>
    /// <param name="problem">Why it cannot be.</param>
    public static bool TryParse(
        string[] args,
        Func<string, string?> environment,
        [NotNullWhen(true)] out Arguments? arguments,
        [NotNullWhen(false)] out string? problem)
    {
        (arguments, problem) = args switch
        {
            ["serve", .. var rest] => ParseServe(rest, environment),
            ["send", .. var rest] => ParseSend(rest, environment),
            ["listen", .. var rest] => ParseListen(rest),
            [var other, ..] => (null, $"There is no command \"{other}\"; there are serve, send and listen."),
            [] => (null, "Say what to do: serve, send or listen."),
        };
        return arguments is not null;
    }

    private static (Arguments?, string?) ParseServe(string[] words, Func<string, string?> environment)
    {
        var line = new CommandLine(
            words,
            ["--port", "--secret", "--allowed-events", "--tokens", "--max-conns-per-ip", "--max-conns-total"],
            ["--enforce-tiers", "--verbose"],
            "--trusted-proxy");
        var events = List(line.Value("--allowed-events") ?? environment("ALLOWED_WEBHOOK_EVENTS"));
        if (events is ["*"])
            events = [];
        var secret = SecretOf(line, environment);
        var problem = line.Problem
            ?? (line.Rest is [var first, ..] ? $"serve takes no \"{first}\"." : null)
            ?? ProblemWithSecret(secret)
            ?? ProblemWithTypes("The types of events that are relayed", events)
            ?? ProblemWithNumber(line, "--port", 1024, 65535)
            ?? ProblemWithNumber(line, "--max-conns-per-ip", 1, 100_000)
            ?? ProblemWithNumber(line, "--max-conns-total", 1, 100_000)
            ?? ProblemWithProxies(line.Values("--trusted-proxy"));
        if (problem is not null)
            return (null, problem);

        People? people = null;
        if (line.Value("--tokens") is { } file && !People.TryRead(file, out people, out problem))
            return (null, problem);
        return (new ServeArguments(
            secret!, events, people, line.Values("--trusted-proxy"), Number(line, "--port"), Number(line, "--max-conns-per-ip"), Number(line, "--max-conns-total"),
            line.Has("--enforce-tiers"), line.Has("--verbose")), null);
    }

    private static (Arguments?, string?) ParseSend(string[] words, Func<string, string?> environment)
    {
        var line = new CommandLine(words, ["--url", "--secret", "--event", "--delivery"], []);
        var secret = SecretOf(line, environment);
        var delivery = line.Value("--delivery") ?? Guid.NewGuid().ToString();
        var type = line.Value("--event");
        var url = Address(line.Value("--url"), "/webhook");
        var problem = line.Problem
            ?? (url is null ? "--url must be followed by the server's address, for example http://localhost:8080." : null)
            ?? ProblemWithSecret(secret)
            ?? (type is null ? "--event must say what the payload tells of, for example pull_request." : ProblemWithTypes("--event", [type]))
            ?? (delivery.AsSpan().ContainsAnyExcept(HeaderChars) ? "--delivery must be letters, digits and punctuation." : null)
            ?? (line.Rest.Count != 1 ? "Name one file with the payload to send." : null)
            ?? (!File.Exists(line.Rest[0]) ? $"There is no file \"{line.Rest[0]}\"." : null);
        return problem is null ? (new SendArguments(url!, secret!, type!, delivery, line.Rest[0]), null) : (null, problem);
    }

    private static (Arguments?, string?) ParseListen(string[] words)
    {
        var line = new CommandLine(words, ["--url", "--token", "--org", "--events", "--prs", "--since"], ["--user"]);
        var url = Address(line.Value("--url"), "/ws");
        var token = line.Value("--token");
        EventPosition? since = EventPosition.TryParse(line.Value("--since"), out var position) ? position : null;
        var wanted = new Subscription
        {
            Organization = line.Value("--org") ?? "",
            EventTypes = List(line.Value("--events")),
            PullRequests = List(line.Value("--prs")),
            UserEventsOnly = line.Has("--user"),
        };
        var problem = line.Problem
            ?? (line.Rest is [var first, ..] ? $"listen takes no \"{first}\"." : null)
            ?? (url is null ? "--url must be followed by the server's address, for example http://localhost:8080." : null)
            ?? (string.IsNullOrEmpty(token) ? "--token must say who you are." : null)
            ?? (token.AsSpan().ContainsAnyExcept(HeaderChars) ? "--token must be letters, digits and punctuation." : null)
            ?? (line.Value("--since") is { } text && since is null ? $"--since must be followed by EPOCH:SEQ, as the lines name them, but \"{text}\" is not that." : null)
            ?? (wanted.Validate() is { } broken ? $"What is asked for cannot be: {broken.Message}." : null);
        return problem is null ? (new ListenArguments(url!, token!, wanted, since), null) : (null, problem);
    }

    private static string? SecretOf(CommandLine line, Func<string, string?> environment) =>
        line.Value("--secret") ?? environment("GITHUB_WEBHOOK_SECRET");

    private static string? ProblemWithSecret(string? secret) =>
        string.IsNullOrEmpty(secret) ? "There is no secret, and without one no delivery is accepted: give --secret S, or set GITHUB_WEBHOOK_SECRET." : null;

    private static string? ProblemWithTypes(string what, IReadOnlyList<string> types) =>
        new Subscription { EventTypes = types }.Validate() is { } broken ? $"{what} cannot be: {broken.Message}." : null;

    private static string? ProblemWithNumber(CommandLine line, string option, int least, int most) =>
        line.Value(option) is { } text && (Number(line, option) is not { } number || number < least || number > most)
            ? $"{option} must be followed by a number from {least} to {most}, but \"{text}\" is not one."
            : null;

    private static string? ProblemWithProxies(IReadOnlyList<string> proxies) =>
        proxies.FirstOrDefault(proxy => !IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _)) is { } other
            ? $"--trusted-proxy must be followed by an address or a network like 10.0.0.0/8, but \"{other}\" is neither."
            : null;

    private static int? Number(CommandLine line, string option) =>
        int.TryParse(line.Value(option), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string[] List(string? text) =>
        text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    /// <summary>An address of the server, of http or https, with the path that is meant where it names none.</summary>
    private static Uri? Address(string? text, string path)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https" or "ws" or "wss"))
            return null;
        var isSecure = url.Scheme is "https" or "wss";
        return new UriBuilder(url)
        {
            Scheme = isSecure ? "https" : "http",
            Port = url.IsDefaultPort ? -1 : url.Port,
            Path = url.AbsolutePath == "/" ? path : url.AbsolutePath,
        }.Uri;
    }
}

/// <summary>Take in deliveries and relay them.</summary>
/// <param name="Secret">What deliveries are signed with.</param>
/// <param name="AllowedEvents">The types that are relayed; empty for all.</param>
/// <param name="People">Who has which token; null when tokens are GitHub's.</param>
/// <param name="TrustedProxies">Proxies in front that are believed who a client is.</param>
/// <param name="Port">The port, null for the default.</param>
/// <param name="MaxPerAddress">Connections from one address, null for the default.</param>
/// <param name="MaxInAll">Connections in all, null for the default.</param>
/// <param name="EnforceTiers">Whether private repositories are for some tiers only.</param>
/// <param name="Verbose">Whether to say what becomes of each delivery and client.</param>
internal sealed record ServeArguments(
    string Secret,
    IReadOnlyList<string> AllowedEvents,
    People? People,
    IReadOnlyList<string> TrustedProxies,
    int? Port,
    int? MaxPerAddress,
    int? MaxInAll,
    bool EnforceTiers,
    bool Verbose) : Arguments;

/// <summary>Post a signed delivery.</summary>
internal sealed record SendArguments(Uri Url, string Secret, string EventType, string DeliveryId, string PayloadFile) : Arguments;

/// <summary>Follow events.</summary>
internal sealed record ListenArguments(Uri Url, string Token, Subscription Wanted, EventPosition? Since) : Arguments;
