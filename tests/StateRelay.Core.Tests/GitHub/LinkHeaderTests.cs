using StateRelay.GitHub;

namespace StateRelay.Tests.GitHub;

public sealed class LinkHeaderTests
{
    [TestCase("<https://x.example/2>; rel=\"next\"", "https://x.example/2")]
    [TestCase("<https://x.example/9>; rel=\"last\", <https://x.example/2?a=1,2>; rel=\"next\"", "https://x.example/2?a=1,2")]
    [TestCase("<https://x.example/2>; title=\"t\"; rel=next, <https://x.example/9>; rel=\"last\"", "https://x.example/2")]
    [TestCase("<https://x.example/9>; rel=\"last\"", null)]
    [TestCase("<https://x.example/9>; rel=\"prev\", garbage", null)]
    [TestCase("<https://x.example/2; rel=\"next\"", null)]
    [TestCase("<relative>; rel=\"next\"", null)]
    [TestCase("<//\u202e/x|>; rel=\"next\"", null)]
    [TestCase("<ftp://x.example/2>; rel=\"next\"", null)]
    [TestCase("", null)]
    [TestCase(null, null)]
    public void The_next_page_is_found_among_the_links(string? header, string? next)
    {
        Assert.That(LinkHeader.Next(header)?.OriginalString, Is.EqualTo(next));
    }
}
