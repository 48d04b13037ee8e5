using System.Security.Cryptography;
using System.Text;

using StateRelay.GitHub;
using StateRelay.Security;

namespace StateRelay.Tests.Reliability.Fuzz;

/// <summary>Addresses, positions, signatures and tokens that others write.</summary>
public sealed class AddressFuzzTests
{
    [Test]
    public void Any_address_of_a_pull_request_that_is_taken_is_the_one_that_it_says()
    {
        string[] addresses =
        [
            "https://github.com/acme/site/pull/5", "https://github.com/acme/site/pull/5/files#diff-1", "https://github.com/a-b/c.d_e/pull/9223372036854775807?x=1",
            "https://github.com/acme/../pull/5", "https://github.com/acme/site/issues/5", "http://github.com/acme/site/pull/5",
        ];

        FuzzLoop.Run(Corpus.Of(addresses), ["https://", "github.com/", "/pull/", "/", "..", ".", "#", "?", "pull", "%2e", "@"], input =>
        {
            var text = Corpus.Text(input);
            if (!PRInfo.TryParse(text, out var taken))
                return;
            Corpus.Must(text.StartsWith(taken.Url, StringComparison.Ordinal), "It is what stands there.");
            Corpus.Must(PRInfo.TryParse(taken.Url, out var again) && again.Key == taken.Key, "Its address leads to it.");
            Corpus.Must(new Uri(taken.Url).AbsoluteUri == taken.Url, "A browser goes to that address.");
        });
    }

    [Test]
    public void Any_position_that_is_taken_is_written_as_it_was_read()
    {
        FuzzLoop.Run(Corpus.Of("k3f9ab01:1063", "a:0", "a:b:9223372036854775807", ":1", "a:"), [":", "::"], input =>
        {
            if (!EventPosition.TryParse(Corpus.Text(input), out var taken))
                return;
            Corpus.Must(taken.Seq >= 0 && taken.Epoch.Length > 0, "It is a position.");
            Corpus.Must(EventPosition.TryParse(taken.ToString(), out var again) && again == taken, "It is read as it is written.");
        });
    }

    [Test]
    public void Only_the_signature_itself_is_valid()
    {
        var body = """{"action":"opened"}"""u8.ToArray();
        var other = new Secret("another");
        var secret = new Secret("it's a secret");
        var right = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData("it's a secret"u8, body));
        string[] headers = [right, right.ToUpperInvariant(), WebhookSignature.Of(body, other), "sha1=" + right[7..47], right + ", " + right, "sha256=", ""];

        FuzzLoop.Run(Corpus.Of([.. headers, right]), ["sha256=", "sha1=", "=", "a", "A"], input =>
        {
            var header = Corpus.Text(input);
            var check = WebhookSignature.Check(body, header, [secret]);
            Corpus.Must(check == SignatureCheck.Valid == (header == right), "What is valid is the signature.");
            Corpus.Must(WebhookSignature.Check(body, header, []) != SignatureCheck.Valid, "Without a secret nothing is.");
        });
    }

    [Test]
    public void Only_a_link_to_the_next_page_is_followed()
    {
        string[] headers =
        [
            """<https://api.github.com/user/orgs?page=2>; rel="next", <https://api.github.com/user/orgs?page=9>; rel="last" """,
            """<https://api.github.com/a,b>; title="x;y"; rel=next""", """</relative>; rel="next" """, "<>; rel=next",
        ];

        FuzzLoop.Run(Corpus.Of(headers), ["rel=\"next\"", "rel=next", "<", ">", ";", ",", "https://", "REL", "http://[::1"], input =>
        {
            var header = Corpus.Text(input);
            if (LinkHeader.Next(header) is not { } next)
                return;
            Corpus.Must(next.IsAbsoluteUri && header.Contains($"<{next.OriginalString}>", StringComparison.Ordinal), "It is one that stands there.");
            Corpus.Must(header.Contains("next", StringComparison.OrdinalIgnoreCase), "It says so.");
        });
    }

    [Test]
    public void Any_token_is_of_a_kind_or_none()
    {
        var bearer = "bearer." + Convert.ToBase64String(Encoding.UTF8.GetBytes("viewers only")).TrimEnd('=');
        string[] shown = ["Bearer viewers only", "Bearer ghp_0123456789abcdef0123456789abcdef0123", bearer, $"staterelay.v1.json, {bearer}", "Basic YTpi", "github_pat_11AAAAAAA0123456789abcdef0123456789abcdef"];
        var gate = new ViewerGate(new Secret("viewers only"), "8080");

        FuzzLoop.Run(Corpus.Of(shown), ["Bearer ", "bearer.", "ghs_", "ghp_", "staterelay-viewer-8080=", ";", ",", "=", "viewers only"], input =>
        {
            var text = Corpus.Text(input);
            foreach (var token in BearerToken.All(text, text.Split(',', StringSplitOptions.TrimEntries)))
                GitHubToken.KindOf(token);
            var admitted = gate.Check(text, null, null) == ViewerCheck.Admitted;
            Corpus.Must(!admitted || text.Contains("viewers only", StringComparison.Ordinal), "Only the token opens.");
            Corpus.Must(gate.Check(null, null, text) != ViewerCheck.Admitted, "A cookie that was never given opens nothing.");
            gate.Check(null, text, text);
        });
    }
}
