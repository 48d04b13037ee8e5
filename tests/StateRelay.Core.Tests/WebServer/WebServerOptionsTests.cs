using System.Collections;

using StateRelay.Tests.Support;

namespace StateRelay.Tests;

public sealed class WebServerOptionsTests
{
    [Test]
    public void The_defaults_break_no_rule()
    {
        Assert.That(new WebServerOptions().Problems(), Is.Empty);
    }

    [TestCase("localhost")]
    [TestCase("127.0.0.1")]
    [TestCase("*")]
    [TestCase("0.0.0.0")]
    [TestCase("10.1.2.3")]
    [TestCase("relay.example")]
    public void A_name_or_an_IPv4_address_may_be_listened_on(string host)
    {
        Assert.That(Some.Options(o => o.Host = host).Problems(), Is.Empty);
    }

    [TestCase("::1", "IPv6")]
    [TestCase("[::1]", "IPv6")]
    [TestCase("::", "IPv6")]
    [TestCase("https://localhost", "TLS")]
    [TestCase("http://localhost", "without scheme")]
    [TestCase("localhost:8080", "without scheme")]
    [TestCase("localhost/relay", "without scheme")]
    [TestCase("+", "without scheme")]
    [TestCase("", "must name")]
    [TestCase(" ", "must name")]
    [TestCase(null, "must name")]
    public void Another_host_is_refused_with_a_reason(string? host, string reason)
    {
        var problems = Some.Options(o => o.Host = host!).Problems();

        Assert.That(problems, Has.One.Items.And.One.Contains(reason));
    }

    [TestCase("relay.example:80")]
    [TestCase("http://relay.example")]
    [TestCase("*")]
    [TestCase("")]
    [TestCase(null)]
    public void An_allowed_host_is_a_name_without_port(string? name)
    {
        Assert.That(Some.Options(o => o.AllowedHosts.Add(name!)).Problems(), Has.One.Contains("AllowedHosts"));
    }

    [TestCase("https://tools.example/")]
    [TestCase("tools.example")]
    [TestCase("*")]
    [TestCase("null")]
    [TestCase("")]
    [TestCase(null)]
    public void An_allowed_origin_is_an_origin(string? origin)
    {
        Assert.That(Some.Options(o => o.AllowedOrigins.Add(origin!)).Problems(), Has.One.Contains("AllowedOrigins"));
    }

    [TestCase("proxy.example")]
    [TestCase("10.0.0.1/8")]
    [TestCase("*")]
    [TestCase("")]
    [TestCase(null)]
    public void A_trusted_proxy_is_an_address_or_a_network(string? proxy)
    {
        Assert.That(Some.Options(o => o.TrustedProxies.Add(proxy!)).Problems(), Has.One.Contains("TrustedProxies"));
        Assert.That(Some.Options(o => o.TrustedProxies.Add("10.0.0.0/8")).Problems(), Is.Empty);
    }

    private static IEnumerable<TestCaseData> Edges()
    {
        yield return Edge("CoalescingInterval", TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(1));
        yield return Edge("RetainedVersions", 1, 4096, 1);
        yield return Edge("RetainedBytes", 0L, 1L << 30, 1L);
        yield return Edge("RetainedStateEvents", 1, 65_536, 1);
        yield return Edge("MaxConnections", 1, 100_000, 1);
        yield return Edge("MaxConnectionsPerAddress", 1, 100_000, 1);
        yield return Edge("MaxConnectsPerMinute", 1, 1_000_000, 1);
        yield return Edge("MaxConcurrentRequests", 1, 10_000, 1);
        yield return Edge("MaxMessageBytes", 1024, 1 << 20, 1);
        yield return Edge("MaxSubscriptions", 1, 1024, 1);
        yield return Edge("FirstMessageTimeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), TimeSpan.FromMilliseconds(1));
        yield return Edge("WriteTimeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), TimeSpan.FromMilliseconds(1));
        yield return Edge("PingInterval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(1));
        yield return Edge("PongTimeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(1));
        yield return Edge("ShutdownTimeout", TimeSpan.Zero, TimeSpan.FromMinutes(10), TimeSpan.FromMilliseconds(1));
        yield return Edge("Port", 1024, 65_535, 1);

        static TestCaseData Edge(string option, object least, object most, object step) => new TestCaseData(option, least, most, step).SetArgDisplayNames(option);
    }

    [TestCaseSource(nameof(Edges))]
    public void A_range_ends_where_it_says(string option, object least, object most, object step)
    {
        Assert.That(ProblemsWith(option, least), Is.Empty);
        Assert.That(ProblemsWith(option, most), Is.Empty);
        Assert.That(ProblemsWith(option, Add(least, step, -1)), Has.One.Items.And.One.StartsWith(option + " must be"));
        Assert.That(ProblemsWith(option, Add(most, step, +1)), Has.One.Items.And.One.StartsWith(option + " must be"));
    }

    [Test]
    public void Every_broken_rule_is_named_at_once()
    {
        var options = Some.Options(o =>
        {
            o.Host = "::1";
            o.Port = 80;
            o.MaxConnections = 0;
            o.AllowedOrigins.Add("nonsense");
        });

        Assert.That(options.Problems(), Has.Exactly(4).Items);
    }

    [Test]
    public void A_copy_has_every_option_and_its_own_lists()
    {
        var options = new WebServerOptions { ViewerToken = "token", AuthorizeViewer = _ => ValueTask.FromResult(true) };
        options.AllowedHosts.Add("relay.example");
        options.AllowedOrigins.Add("https://tools.example");
        options.TrustedProxies.Add("10.0.0.0/8");
        foreach (var property in typeof(WebServerOptions).GetProperties().Where(property => property.PropertyType == typeof(int)))
            property.SetValue(options, 77);
        foreach (var property in typeof(WebServerOptions).GetProperties().Where(property => property.PropertyType == typeof(TimeSpan)))
            property.SetValue(options, TimeSpan.FromSeconds(77));
        foreach (var property in typeof(WebServerOptions).GetProperties().Where(property => property.PropertyType == typeof(bool)))
            property.SetValue(options, true);
        (options.Host, options.Port, options.RetainedBytes) = ("*", 7777, 77);

        var copy = options.Copy();

        foreach (var property in typeof(WebServerOptions).GetProperties())
        {
            Assert.That(property.GetValue(copy), Is.EqualTo(property.GetValue(options)), property.Name);
            if (property.PropertyType.IsAssignableTo(typeof(IEnumerable)) && property.PropertyType != typeof(string))
                Assert.That(property.GetValue(copy), Is.Not.SameAs(property.GetValue(options)), property.Name);
        }
    }

    private static IEnumerable<string> ProblemsWith(string option, object value)
    {
        var options = Some.Options();
        typeof(WebServerOptions).GetProperty(option)!.SetValue(options, value);
        return options.Problems();
    }

    private static object Add(object value, object step, int sign) => value switch
    {
        int number => number + (sign * (int)step),
        long number => number + (sign * (long)step),
        TimeSpan time => time + (sign * (TimeSpan)step),
        _ => throw new NotSupportedException(),
    };
}
