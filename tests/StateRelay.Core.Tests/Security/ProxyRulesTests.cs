using System.Net;

using StateRelay.Security;

namespace StateRelay.Tests.Security;

public sealed class ProxyRulesTests
{
    private const string Client = "203.0.113.9";

    private readonly ProxyRules _rules = new(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]);

    [TestCase("10.1.2.3", Client, Client, Description = "one proxy")]
    [TestCase("192.0.2.7", Client, Client, Description = "one proxy, by its address")]
    [TestCase("::ffff:10.1.2.3", Client, Client, Description = "an IPv4 address written as IPv6")]
    [TestCase("2001:db8::5", Client, Client, Description = "a proxy with an IPv6 address")]
    [TestCase("10.1.2.3", "203.0.113.9, 10.9.9.9", Client, Description = "two proxies")]
    [TestCase("10.1.2.3", "203.0.113.9,192.0.2.7 , 2001:db8::1", Client, Description = "three proxies")]
    [TestCase("10.1.2.3", "203.0.113.9:51234", Client, Description = "with a port")]
    [TestCase("10.1.2.3", "[2001:db9::1]:51234", "2001:db9::1", Description = "IPv6 with a port")]
    [TestCase("10.1.2.3", "2001:db9::1", "2001:db9::1", Description = "IPv6")]
    [TestCase("10.1.2.3", "::ffff:203.0.113.9", Client, Description = "a client's IPv4 address written as IPv6")]
    [TestCase("10.1.2.3", "10.0.0.5", "10.0.0.5", Description = "nobody but proxies")]
    [TestCase("10.1.2.3", null, "10.1.2.3", Description = "a proxy that names nobody")]
    [TestCase("10.1.2.3", "", "10.1.2.3")]
    public void Behind_trusted_proxies_the_client_is_the_last_that_is_none(string connection, string? forwardedFor, string client)
    {
        Assert.That(_rules.ClientOf(IPAddress.Parse(connection), forwardedFor), Is.EqualTo(IPAddress.Parse(client)));
    }

    [TestCase("203.0.113.9", "198.51.100.1", "203.0.113.9", Description = "a client that names another")]
    [TestCase("203.0.113.9", "10.0.0.1", "203.0.113.9", Description = "a client that says it is a proxy")]
    [TestCase("192.0.2.8", "198.51.100.1", "192.0.2.8", Description = "a neighbour of a proxy")]
    [TestCase("10.1.2.3", "198.51.100.1, 203.0.113.9", Client, Description = "made up before what the proxy appended")]
    [TestCase("10.1.2.3", "10.0.0.1, 203.0.113.9", Client, Description = "a proxy made up")]
    [TestCase("10.1.2.3", "198.51.100.1, 203.0.113.9, 10.9.9.9", Client, Description = "made up before two proxies")]
    public void What_a_client_makes_up_is_not_believed(string connection, string forwardedFor, string client)
    {
        Assert.That(_rules.ClientOf(IPAddress.Parse(connection), forwardedFor), Is.EqualTo(IPAddress.Parse(client)));
    }

    [TestCase("unknown")]
    [TestCase("1")]
    [TestCase("0x7f.0.0.1")]
    [TestCase("010.0.0.1")]
    [TestCase("_hidden")]
    [TestCase("203.0.113.9:")]
    [TestCase("203.0.113.9:99999")]
    [TestCase("203.0.113.9 198.51.100.1")]
    [TestCase(",")]
    [TestCase("198.51.100.1, unknown")]
    public void For_what_is_no_address_the_nearest_proxy_stands(string forwardedFor)
    {
        Assert.That(_rules.ClientOf(IPAddress.Parse("10.1.2.3"), forwardedFor), Is.EqualTo(IPAddress.Parse("10.1.2.3")));
    }

    [TestCase("10.1.2.3", "https", true)]
    [TestCase("10.1.2.3", "HTTPS", true)]
    [TestCase("10.1.2.3", "http, https", true)]
    [TestCase("10.1.2.3", "https, http", false)]
    [TestCase("10.1.2.3", "http", false)]
    [TestCase("10.1.2.3", "", false)]
    [TestCase("10.1.2.3", null, false)]
    [TestCase("203.0.113.9", "https", false)]
    public void Whether_a_client_speaks_TLS_is_the_word_of_the_nearest_proxy(string connection, string? forwardedProto, bool isSecure)
    {
        Assert.That(_rules.IsSecure(IPAddress.Parse(connection), forwardedProto), Is.EqualTo(isSecure));
    }

    [Test]
    public void Where_nobody_is_trusted_no_header_counts()
    {
        Assert.That(ProxyRules.None.ClientOf(IPAddress.Loopback, Client), Is.EqualTo(IPAddress.Loopback));
        Assert.That(ProxyRules.None.IsSecure(IPAddress.Loopback, "https"), Is.False);
    }

    [TestCase("10.0.0.1", true)]
    [TestCase("10.0.0.0/8", true)]
    [TestCase("::1", true)]
    [TestCase("2001:db8::/32", true)]
    [TestCase("10.0.0.1/8", false)]
    [TestCase("10.0.0.0/33", false)]
    [TestCase("10", false)]
    [TestCase("proxy.example", false)]
    [TestCase("*", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void A_network_is_an_address_or_a_prefix_of_some(string? text, bool isNetwork)
    {
        Assert.That(ProxyRules.IsNetwork(text), Is.EqualTo(isNetwork));
    }
}
