using System.Net;

using StateRelay.Http;
using StateRelay.Security;

namespace StateRelay.Tests.Reliability.Fuzz;

/// <summary>Headers that decide whether a request is let in, and from where it comes.</summary>
public sealed class HeaderFuzzTests
{
    [Test]
    public void Only_a_host_of_ours_is_let_in()
    {
        var rules = new HostRules(["localhost", "relay.example.org", "[::1]"]);
        string[] hosts = ["localhost", "localhost:8080", "relay.example.org:443", "[::1]:8080", "evil.example", "localhost@evil.example", "localhost:99999", "[::1", ""];

        FuzzLoop.Run(Corpus.Of(hosts), ["localhost", "[::1]", ":", "[", "]", "@", ",", ".", "example.org", "%00"], input =>
        {
            var text = Corpus.Text(input);
            if (rules.Allows(text))
            {
                var name = text.LastIndexOf(':') is > 0 and var colon && !text.EndsWith(']') ? text[..colon] : text;
                Corpus.Must(name.ToUpperInvariant() is "LOCALHOST" or "RELAY.EXAMPLE.ORG" or "[::1]", "Its name is one of ours.");
            }
        });
    }

    [Test]
    public void Only_an_origin_of_ours_may_read()
    {
        var rules = new OriginRules(["https://tools.example"]);
        string[] origins = ["http://localhost:8080", "https://localhost:8080", "https://tools.example", "https://tools.example:443", "null", "http://localhost:8080/", "http://localhost:8080.evil.example"];

        FuzzLoop.Run(Corpus.Of(origins), ["http://", "https://", "localhost", ":8080", "/", "@", "null", ".evil", "#", "\\"], input =>
        {
            var origin = Corpus.Text(input);
            if (rules.Allows(origin, "localhost:8080", isSecure: false))
                Corpus.Must(origin.ToUpperInvariant() is "HTTP://LOCALHOST:8080" or "HTTPS://TOOLS.EXAMPLE" || IsSamePort(origin), "It is this server's own, or on the list.");
            rules.Allows(origin, origin, isSecure: true);
        });
    }

    [Test]
    public void Only_what_trusted_proxies_say_tells_where_a_client_is()
    {
        var rules = new ProxyRules(["10.0.0.0/8", "::1"]);
        var proxy = IPAddress.Parse("10.1.2.3");
        var stranger = IPAddress.Parse("192.0.2.7");
        string[] headers = ["203.0.113.5", "203.0.113.5, 10.0.0.9", "[2001:db8::1]:443, 10.0.0.1", "203.0.113.5:80", "unknown, 1", "0x7f.1, ::ffff:10.0.0.1", "fe80::1%eth0"];

        FuzzLoop.Run(Corpus.Of(headers), [",", "10.0.0.1", "::1", "[", "]", ":80", "%1", "::ffff:", "127.1", " "], input =>
        {
            var text = Corpus.Text(input);
            var client = rules.ClientOf(proxy, text);
            Corpus.Must(!client.IsIPv4MappedToIPv6, "An address is in one form.");
            Corpus.Must(rules.ClientOf(stranger, text).Equals(stranger), "A stranger's word does not count.");
            Corpus.Must(!rules.IsSecure(stranger, text), "Nor does it for TLS.");
            ProxyRules.IsNetwork(text);
        });
    }

    [Test]
    public void Any_list_in_a_header_is_read()
    {
        string[] lists = ["gzip;q=0.5, br;q=1.0, *;q=0", "keep-alive, Upgrade", "W/\"k3:7\", \"k3:8\", *", "staterelay.v1.json, bearer.YQ"];

        FuzzLoop.Run(Corpus.Of(lists), ["q=", ";", ",", "*", "W/", "\"k3:8\"", "gzip", "upgrade"], input =>
        {
            var text = Corpus.Text(input);
            Corpus.Must(!HeaderList.Contains(text, "upgrade") || text.Contains("upgrade", StringComparison.OrdinalIgnoreCase), "A token that is there stands there.");
            HeaderList.Accepts(text, "gzip");
            Corpus.Must(!HeaderList.Matches(text, "\"k3:8\"") || text.Contains("\"k3:8\"", StringComparison.Ordinal) || text.Contains('*', StringComparison.Ordinal), "So does a tag.");
        });
    }

    private static bool IsSamePort(string origin) => origin.StartsWith("http://localhost:", StringComparison.OrdinalIgnoreCase) && origin["http://localhost:".Length..].TrimStart('0') == "8080";
}
