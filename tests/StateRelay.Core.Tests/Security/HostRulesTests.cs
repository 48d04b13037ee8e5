using StateRelay.Security;

namespace StateRelay.Tests.Security;

public sealed class HostRulesTests
{
    private readonly HostRules _rules = new(["localhost", "127.0.0.1", "relay.example", "[::1]"]);

    [TestCase("localhost")]
    [TestCase("LOCALHOST")]
    [TestCase("localhost:8080")]
    [TestCase("localhost:1")]
    [TestCase("localhost:")]
    [TestCase("127.0.0.1:65535")]
    [TestCase("Relay.Example:80")]
    [TestCase("[::1]")]
    [TestCase("[::1]:8080")]
    public void A_configured_host_is_allowed_whatever_its_port(string host)
    {
        Assert.That(_rules.Check(host), Is.EqualTo(HostCheck.Allowed));
        Assert.That(_rules.Allows(host), Is.True);
    }

    [TestCase("evil.example")]
    [TestCase("evil.example:8080")]
    [TestCase("localhost.evil.example")]
    [TestCase("localhost.")]
    [TestCase("127.0.0.2")]
    [TestCase("127.1")]
    [TestCase("2130706433")]
    [TestCase("0.0.0.0")]
    [TestCase("[::2]")]
    public void Another_host_is_unknown(string host)
    {
        Assert.That(_rules.Check(host), Is.EqualTo(HostCheck.Unknown));
        Assert.That(_rules.Allows(host), Is.False);
    }

    [TestCase(null)]
    [TestCase("")]
    public void No_host_is_missing(string? host)
    {
        Assert.That(_rules.Check(host), Is.EqualTo(HostCheck.Missing));
    }

    [TestCase("localhost, localhost")]
    [TestCase("localhost,evil.example")]
    [TestCase("localhost evil.example")]
    [TestCase(" localhost")]
    [TestCase("localhost:abc")]
    [TestCase("localhost:-1")]
    [TestCase("localhost:+80")]
    [TestCase("localhost:65536")]
    [TestCase("localhost:80:80")]
    [TestCase("localhost/")]
    [TestCase("user@localhost")]
    [TestCase("http://localhost")]
    [TestCase(":8080")]
    [TestCase("::1")]
    [TestCase("[::1")]
    [TestCase("[]")]
    [TestCase("[127.0.0.1]")]
    [TestCase("[::1]x")]
    [TestCase("löcalhost")]
    [TestCase("localhost\0")]
    public void What_is_not_one_host_with_at_most_one_port_is_malformed(string host)
    {
        Assert.That(_rules.Check(host), Is.EqualTo(HostCheck.Malformed));
    }

    [Test]
    public void A_name_longer_than_a_name_can_be_is_malformed()
    {
        Assert.That(_rules.Check(new string('a', 256)), Is.EqualTo(HostCheck.Malformed));
    }
}
