using StateRelay.Http;

namespace StateRelay.Tests.Http;

public sealed class HeaderListTests
{
    [TestCase("upgrade", true)]
    [TestCase("keep-alive, Upgrade", true)]
    [TestCase("UPGRADE,close", true)]
    [TestCase("upgraded", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void A_list_has_a_token_whatever_its_case(string? list, bool has)
    {
        Assert.That(HeaderList.Contains(list, "upgrade"), Is.EqualTo(has));
    }

    [TestCase("gzip", true)]
    [TestCase("br, GZIP;q=0.5", true)]
    [TestCase("*", true)]
    [TestCase("br, *;q=0.1", true)]
    [TestCase("gzip;q=0", false)]
    [TestCase("gzip; q=0.000", false)]
    [TestCase("*, gzip;q=0", false)]
    [TestCase("gzip;q=0, *", false)]
    [TestCase("*;q=0", false)]
    [TestCase("identity", false)]
    [TestCase("x-gzip", false)]
    [TestCase("gzip;q=nonsense", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void A_coding_is_accepted_when_it_has_weight(string? header, bool accepted)
    {
        Assert.That(HeaderList.Accepts(header, "gzip"), Is.EqualTo(accepted));
    }

    [TestCase("\"a:1\"", true)]
    [TestCase("W/\"a:1\"", true)]
    [TestCase("\"b\", \"a:1\"", true)]
    [TestCase("*", true)]
    [TestCase("\"a:2\"", false)]
    [TestCase("a:1", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void An_entity_tag_matches_weak_or_strong(string? header, bool matches)
    {
        Assert.That(HeaderList.Matches(header, "\"a:1\""), Is.EqualTo(matches));
    }
}
