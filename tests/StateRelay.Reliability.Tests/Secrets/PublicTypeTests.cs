using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace StateRelay.Tests.Reliability.Secrets;

/// <summary>What has a secret in it: its text, its JSON, what a debugger shows of it at once, and the errors that name a wrong value.</summary>
public sealed class PublicTypeTests
{
    private const string Mark = "mark-of-a-secret";

    private static readonly JsonSerializerOptions WithFields = new() { IncludeFields = true };

    private static IEnumerable<object> Holders()
    {
        var secret = new Secret(Mark);
        yield return secret;
        yield return new WebServerOptions { ViewerToken = secret };
        yield return new GitHubWebhookOptions { Secrets = { secret, Mark }, ApiToken = secret };
        yield return new GitHubAuthenticatorOptions();
        yield return new StaticTokenAuthenticator([new(secret, new ClientIdentity("amy"))]);
        yield return KeyValuePair.Create(secret, new ClientIdentity("amy"));
        yield return new { Password = secret };
        yield return (Secret[])[secret];
    }

    [TestCaseSource(nameof(Holders))]
    public void Its_text_and_its_JSON_do_not_have_it(object holder)
    {
        using var watch = new Watch();

        watch.See($"{holder}");
        watch.See(JsonSerializer.Serialize(holder, holder.GetType()));
        watch.See(JsonSerializer.Serialize(holder, holder.GetType(), WithFields));

        watch.ExpectNoneOf(Mark);
    }

    [Test]
    public void The_text_and_the_JSON_of_a_secret_are_three_stars()
    {
        Assert.That(new Secret(Mark).ToString(), Is.EqualTo("***"));
        Assert.That(JsonSerializer.Serialize(new Secret(Mark)), Is.EqualTo("\"***\""));
    }

    [Test]
    public void A_secret_cannot_be_read_back_from_its_JSON()
    {
        Assert.That(() => JsonSerializer.Deserialize<Secret>("\"***\""), Throws.InstanceOf<NotSupportedException>());
    }

    [Test]
    public void A_debugger_shows_nothing_of_a_secret()
    {
        var fields = typeof(Secret).GetFields(BindingFlags.Instance | BindingFlags.NonPublic);

        Assert.That(typeof(Secret).GetCustomAttribute<DebuggerDisplayAttribute>()?.Value, Is.EqualTo("***"));
        Assert.That(fields, Is.Not.Empty);
        Assert.That(fields.Select(field => field.GetCustomAttribute<DebuggerBrowsableAttribute>()?.State), Is.All.EqualTo(DebuggerBrowsableState.Never));
    }

    [TestCase("https://amy:mark-of-a-secret@tools.example")]
    [TestCase("amy:mark-of-a-secret@tools.example")]
    [TestCase("https://mark-of-a-secret@tools.example/")]
    [TestCase("https://tools.example/?token=mark-of-a-secret")]
    [TestCase("https://tools.example/#mark-of-a-secret")]
    public void An_error_that_names_a_wrong_address_leaves_out_where_addresses_have_their_secrets(string address)
    {
        var wrong = new WebServerOptions { Host = address, AllowedHosts = { address }, AllowedOrigins = { address }, TrustedProxies = { address } };
        var webhooks = new GitHubWebhookOptions { Secrets = { Mark }, ApiBase = new Uri(address, UriKind.RelativeOrAbsolute), Path = address };
        var people = new GitHubAuthenticatorOptions { ApiBase = new Uri(address, UriKind.RelativeOrAbsolute) };
        using var hub = new Hub();
        var server = new WebServer(hub, new StaticTokenAuthenticator([]));

        string[] errors =
        [
            Assert.Throws<ArgumentException>(() => _ = new WebServer(hub, new StaticTokenAuthenticator([]), wrong)).ToString(),
            Assert.Throws<ArgumentException>(() => server.AddGitHubWebhooks(hub, webhooks)).ToString(),
            Assert.Throws<ArgumentException>(() => new GitHubAuthenticator(people).Dispose()).ToString(),
        ];

        Assert.That(errors, Is.All.Contains("tools.example").And.All.Not.Contains("mark-of-a"));
    }
}
