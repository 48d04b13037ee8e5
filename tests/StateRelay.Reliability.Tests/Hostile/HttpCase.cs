using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>
/// Bytes of a request and all that comes back for them: each answer's status, with the error it names where it is one of ours, and at the end
/// <c>open</c> where the connection answers another request, or <c>closed</c>.
/// </summary>
/// <param name="Name">What it tries.</param>
/// <param name="Request">As it is sent; <c>@HOST@</c> is the relay's own host and port, <c>@PORT@</c> its port.</param>
/// <param name="Listener">What the listener makes of it.</param>
/// <param name="Kestrel">What Kestrel makes of it.</param>
public sealed record HttpCase(string Name, string Request, string Listener, string Kestrel)
{
    /// <summary>The head of an honest request, without the line that ends it.</summary>
    public const string Get = "GET /api/state HTTP/1.1\r\nHost: @HOST@\r\n";

    /// <summary>One that both transports answer alike.</summary>
    public HttpCase(string name, string request, string both)
        : this(name, request, both, both)
    {
    }

    /// <summary>Whether the client says that it sends nothing more.</summary>
    public bool EndsSending { get; init; }

    public string On(Transport transport) => transport == Transport.Listener ? Listener : Kestrel;

    /// <summary>Sends it on a connection of its own and tells what came back.</summary>
    public async Task<string> TryAsync(Uri relay)
    {
        ArgumentNullException.ThrowIfNull(relay);
        using var client = await RawHttpClient.ConnectAsync(relay);
        await SendAsync(client, Here(Request, relay));
        if (EndsSending)
            client.EndSending();

        var story = new List<string>();
        var asksOnceMore = EndsSending;
        while (await ReadAsync(client, toHead: story.Count == 0 && Request.StartsWith("HEAD ", StringComparison.Ordinal)) is { } answer)
        {
            if (IsServing(answer) && asksOnceMore && !EndsSending)
                return string.Join(' ', [.. story, "open"]);

            story.Add(Told(answer));
            if (answer.Status == 101)
                return string.Join(' ', story);
            if (answer.Status < 200)
                continue;
            if (answer.Header("Connection") == "close")
                End(client);
            if (asksOnceMore || answer.Header("Connection") == "close")
                continue;

            asksOnceMore = true;
            await SendAsync(client, Here("GET /healthz HTTP/1.1\r\nHost: @HOST@\r\n\r\n", relay));
        }

        return string.Join(' ', [.. story, "closed"]);
    }

    public override string ToString() => Name;

    private static string Here(string request, Uri relay) => request
        .Replace("@HOST@", relay.Authority, StringComparison.Ordinal)
        .Replace("@PORT@", relay.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    // Who has answered and closed already does not take the rest.
    private static async Task SendAsync(RawHttpClient client, string request)
    {
        try
        {
            await client.SendAsync(request);
        }
        catch (IOException)
        {
            TestContext.Out.WriteLine("The relay had closed before all was sent.");
        }
    }

    // Who waits for the rest of a body waits no longer.
    private static void End(RawHttpClient client)
    {
        try
        {
            client.EndSending();
        }
        catch (SocketException)
        {
            TestContext.Out.WriteLine("The relay had closed already.");
        }
    }

    private static async Task<RawAnswer?> ReadAsync(RawHttpClient client, bool toHead)
    {
        try
        {
            return await client.ReadAnswerAsync(toHead);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsServing(RawAnswer answer) => answer.Text == """{"status":"serving"}""";

    private static string Told(RawAnswer answer) =>
        answer.Header("Content-Type") == "application/json; charset=utf-8" && answer.Status >= 400 && answer.Body.Length > 0
            ? $"{answer.Status} {JsonNode.Parse(answer.Text)!["error"]}"
            : answer.Status.ToString(CultureInfo.InvariantCulture);
}
