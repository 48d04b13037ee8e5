using System.Collections;

namespace StateRelay.Tests.GitHub;

public sealed class GitHubWebhookOptionsTests
{
    [Test]
    public void The_defaults_with_a_secret_break_no_rule()
    {
        Assert.That(Options().Problems(), Is.Empty);
    }

    [Test]
    public void Without_a_secret_nothing_would_be_accepted()
    {
        Assert.That(new GitHubWebhookOptions().Problems(), Has.One.Items.And.One.Contains("nothing would be accepted"));
    }

    [Test]
    public void There_may_be_sixteen_secrets()
    {
        var options = Options();
        while (options.Secrets.Count < 16)
            options.Secrets.Add("another");
        Assert.That(options.Problems(), Is.Empty);

        options.Secrets.Add("one more");
        Assert.That(options.Problems(), Has.One.Items.And.One.StartsWith("Secrets"));
    }

    [TestCase("/webhook")]
    [TestCase("/hooks/git-hub_1.json")]
    public void A_path_is_any_that_is_free(string path)
    {
        Assert.That(Options(o => o.Path = path).Problems(), Is.Empty);
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("/")]
    [TestCase("webhook")]
    [TestCase("/webhook/")]
    [TestCase("//webhook")]
    [TestCase("/a/../b")]
    [TestCase("/web hook")]
    [TestCase("/webhook?x")]
    [TestCase("/ws")]
    [TestCase("/healthz")]
    [TestCase("/readyz")]
    [TestCase("/api/state")]
    [TestCase("/static/page.js")]
    public void Another_path_is_refused(string? path)
    {
        Assert.That(Options(o => o.Path = path!).Problems(), Has.One.Items.And.One.StartsWith("Path must"));
    }

    [TestCase("Push")]
    [TestCase("")]
    [TestCase(null)]
    [TestCase("push,issues")]
    public void An_event_type_is_as_GitHub_writes_it(string? type)
    {
        Assert.That(Options(o => o.AllowedEventTypes.Add(type!)).Problems(), Has.One.Items.And.One.StartsWith("AllowedEventTypes must"));
        Assert.That(Options(o => o.AllowedEventTypes.Add("pull_request")).Problems(), Is.Empty);
    }

    [TestCase("https://github.acme.example/api/v3/", true)]
    [TestCase("http://localhost:8080/", true)]
    [TestCase("http://github.acme.example/api/v3/", false)]
    [TestCase("https://github.acme.example/api/v3", false)]
    [TestCase("https://amy@github.acme.example/", false)]
    [TestCase("https://github.acme.example/?x=/", false)]
    [TestCase("/api/v3/", false)]
    public void Tokens_are_sent_to_an_https_address_only(string address, bool may)
    {
        var problems = Options(o => o.ApiBase = new Uri(address, UriKind.RelativeOrAbsolute)).Problems();

        Assert.That(problems, may ? Is.Empty : Has.One.Items.And.One.StartsWith("ApiBase must"));
    }

    [TestCase("MaxRefusalsPerMinute", 1, 100_000)]
    [TestCase("RememberedDeliveries", 1, 10_000_000)]
    public void A_count_ends_where_it_says(string option, int least, int most)
    {
        Assert.That(ProblemsWith(option, least), Is.Empty);
        Assert.That(ProblemsWith(option, most), Is.Empty);
        Assert.That(ProblemsWith(option, least - 1), Has.One.Items.And.One.StartsWith(option + " must be"));
        Assert.That(ProblemsWith(option, most + 1), Has.One.Items.And.One.StartsWith(option + " must be"));
    }

    [TestCase("BodyTimeout", 0.1, 600)]
    [TestCase("RememberedFor", 1, 30 * 86_400)]
    public void A_time_ends_where_it_says(string option, double least, double most)
    {
        Assert.That(ProblemsWith(option, TimeSpan.FromSeconds(least)), Is.Empty);
        Assert.That(ProblemsWith(option, TimeSpan.FromSeconds(most)), Is.Empty);
        Assert.That(ProblemsWith(option, TimeSpan.FromSeconds(least - 0.001)), Has.One.Items.And.One.StartsWith(option + " must be"));
        Assert.That(ProblemsWith(option, TimeSpan.FromSeconds(most + 0.001)), Has.One.Items.And.One.StartsWith(option + " must be"));
    }

    [Test]
    public void Sizes_end_where_they_say()
    {
        Assert.That(Options(o => o.MaxBodyBytes = 1024).Problems(), Is.Empty);
        Assert.That(Options(o => o.MaxBodyBytes = 1023).Problems(), Has.One.Items.And.One.StartsWith("MaxBodyBytes must be"));
        Assert.That(Options(o => (o.MaxBodyBytes, o.MaxConcurrentBodyBytes) = (100 << 20, 300 << 20)).Problems(), Is.Empty);
        Assert.That(Options(o => (o.MaxBodyBytes, o.MaxConcurrentBodyBytes) = ((100 << 20) + 1, 1L << 30)).Problems(), Has.One.Items.And.One.StartsWith("MaxBodyBytes must be"));
        Assert.That(Options(o => (o.MaxBodyBytes, o.MaxConcurrentBodyBytes) = (1000 * 1024, 3000 * 1024)).Problems(), Is.Empty);
        Assert.That(Options(o => (o.MaxBodyBytes, o.MaxConcurrentBodyBytes) = (1000 * 1024, (3000 * 1024) - 1)).Problems(), Has.One.Items.And.One.StartsWith("MaxConcurrentBodyBytes must be"));
        Assert.That(Options(o => o.MaxConcurrentBodyBytes = 16L << 30).Problems(), Is.Empty);
        Assert.That(Options(o => o.MaxConcurrentBodyBytes = (16L << 30) + 1).Problems(), Has.One.Items.And.One.StartsWith("MaxConcurrentBodyBytes must be"));
    }

    [Test]
    public void A_copy_has_every_option_and_its_own_lists()
    {
        var options = Options(o =>
        {
            (o.Path, o.MaxBodyBytes, o.MaxConcurrentBodyBytes, o.BodyTimeout, o.MaxRefusalsPerMinute) = ("/x", 7777, 77777, TimeSpan.FromSeconds(7), 77);
            (o.RelayRedeliveries, o.RememberedDeliveries, o.RememberedFor) = (true, 7, TimeSpan.FromSeconds(77));
            (o.ApiToken, o.ApiBase) = ("token", new Uri("https://github.acme.example/api/v3/"));
            o.AllowedEventTypes.Add("push");
        });

        var copy = options.Copy();

        foreach (var property in typeof(GitHubWebhookOptions).GetProperties())
        {
            Assert.That(property.GetValue(copy), Is.EqualTo(property.GetValue(options)), property.Name);
            Assert.That(property.GetValue(copy), Is.Not.EqualTo(property.GetValue(new GitHubWebhookOptions())), property.Name);
            if (property.PropertyType.IsAssignableTo(typeof(IEnumerable)) && property.PropertyType != typeof(string))
                Assert.That(property.GetValue(copy), Is.Not.SameAs(property.GetValue(options)), property.Name);
        }
    }

    private static GitHubWebhookOptions Options(Action<GitHubWebhookOptions>? change = null)
    {
        var options = new GitHubWebhookOptions { Secrets = { "a secret of ours" } };
        change?.Invoke(options);
        return options;
    }

    private static IEnumerable<string> ProblemsWith(string option, object value) =>
        Options(o => typeof(GitHubWebhookOptions).GetProperty(option)!.SetValue(o, value)).Problems();
}
