using StateRelay.Security;

namespace StateRelay.Tests.Security;

public sealed class OriginRulesTests
{
    private readonly OriginRules _rules = new(["https://tools.example", "http://localhost:3000"]);

    [Test]
    public void Whoever_sends_no_origin_is_no_page_and_may_go_on()
    {
        Assert.That(_rules.Allows(null, "localhost:8080", isSecure: false), Is.True);
    }

    [TestCase("http://localhost:8080", "localhost:8080", false)]
    [TestCase("http://LOCALHOST:8080", "localhost:8080", false)]
    [TestCase("http://relay.example", "relay.example:80", false)]
    [TestCase("http://relay.example:80", "relay.example", false)]
    [TestCase("https://relay.example", "relay.example", true)]
    [TestCase("https://relay.example:443", "relay.example", true)]
    public void The_servers_own_pages_may(string origin, string host, bool secure)
    {
        Assert.That(_rules.Allows(origin, host, secure), Is.True);
    }

    [TestCase("http://localhost:8081", "localhost:8080", false)]
    [TestCase("http://127.0.0.1:8080", "localhost:8080", false)]
    [TestCase("https://localhost:8080", "localhost:8080", false)]
    [TestCase("http://relay.example", "relay.example", true)]
    [TestCase("http://evil.example", "localhost:8080", false)]
    [TestCase("http://localhost:8080.evil.example", "localhost:8080", false)]
    [TestCase("http://localhost:8080", null, false)]
    [TestCase("http://localhost:8080", "two, hosts", false)]
    public void Pages_of_others_may_not(string origin, string? host, bool secure)
    {
        Assert.That(_rules.Allows(origin, host, secure), Is.False);
    }

    [TestCase("https://tools.example")]
    [TestCase("HTTPS://Tools.Example")]
    [TestCase("http://localhost:3000")]
    public void Origins_on_the_list_may(string origin)
    {
        Assert.That(_rules.Allows(origin, "localhost:8080", isSecure: false), Is.True);
    }

    [TestCase("https://tools.example:443")]
    [TestCase("https://tools.example/")]
    [TestCase("http://tools.example")]
    [TestCase("https://sub.tools.example")]
    [TestCase("https://tools.example https://tools.example")]
    public void The_list_is_compared_word_for_word(string origin)
    {
        Assert.That(_rules.Allows(origin, "localhost:8080", isSecure: false), Is.False);
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("localhost:8080")]
    [TestCase("//localhost:8080")]
    [TestCase("file://")]
    [TestCase("http://")]
    [TestCase("http://localhost:8080/")]
    [TestCase("http://localhost:8080\0")]
    [TestCase("http://user@localhost:8080")]
    [TestCase("http://localhost:8080, http://localhost:8080")]
    [TestCase("ws://localhost:8080")]
    public void What_is_no_origin_may_not(string origin)
    {
        Assert.That(_rules.Allows(origin, "localhost:8080", isSecure: false), Is.False);
    }
}
