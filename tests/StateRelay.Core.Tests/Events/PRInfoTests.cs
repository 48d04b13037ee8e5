namespace StateRelay.Tests.Events;

public sealed class PRInfoTests
{
    [TestCase("https://github.com/acme/rocket/pull/5", "acme", "rocket", 5)]
    [TestCase("https://github.com/Acme-Corp/my.repo_2/pull/12345", "Acme-Corp", "my.repo_2", 12345)]
    [TestCase("https://github.com/acme/rocket/pull/5/files", "acme", "rocket", 5)]
    [TestCase("https://github.com/acme/rocket/pull/5/", "acme", "rocket", 5)]
    [TestCase("https://github.com/acme/rocket/pull/5?diff=split", "acme", "rocket", 5)]
    [TestCase("https://github.com/acme/rocket/pull/5#issuecomment-17", "acme", "rocket", 5)]
    [TestCase("https://github.com/acme/.github/pull/1", "acme", ".github", 1)]
    [TestCase("https://github.com/acme/rocket/pull/9223372036854775807", "acme", "rocket", long.MaxValue)]
    public void An_address_is_read(string url, string owner, string repository, long number)
    {
        Assert.That(PRInfo.TryParse(url, out var pullRequest), Is.True);

        Assert.That((pullRequest!.Owner, pullRequest.Repository, pullRequest.Number), Is.EqualTo((owner, repository, number)));
        Assert.That(pullRequest.Url, Is.EqualTo($"https://github.com/{owner}/{repository}/pull/{number}"));
        Assert.That(pullRequest.RepoUrl, Is.EqualTo($"https://github.com/{owner}/{repository}"));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("https://github.com/")]
    [TestCase("acme/rocket/pull/5")]
    [TestCase("github.com/acme/rocket/pull/5")]
    [TestCase("http://github.com/acme/rocket/pull/5")]
    [TestCase("https://http://github.com/acme/rocket/pull/5")]
    [TestCase("https://github.com/github.com/acme/rocket/pull/5")]
    [TestCase("HTTPS://github.com/acme/rocket/pull/5")]
    [TestCase("https://GitHub.com/acme/rocket/pull/5")]
    [TestCase("https://github.com.evil.example/acme/rocket/pull/5")]
    [TestCase("https://github.com/acme/rocket/Pull/5")]
    [TestCase("https://github.com/acme/rocket/pulls/5")]
    [TestCase("https://github.com/acme/rocket/issues/5")]
    [TestCase("https://github.com/acme/rocket/pull")]
    [TestCase("https://github.com/acme/rocket/pull/")]
    [TestCase("https://github.com/acme/rocket")]
    [TestCase("https://github.com/acme/rocket/pull/0")]
    [TestCase("https://github.com/acme/rocket/pull/05")]
    [TestCase("https://github.com/acme/rocket/pull/-5")]
    [TestCase("https://github.com/acme/rocket/pull/+5")]
    [TestCase("https://github.com/acme/rocket/pull/ 5")]
    [TestCase("https://github.com/acme/rocket/pull/5 ")]
    [TestCase("https://github.com/acme/rocket/pull/1.5")]
    [TestCase("https://github.com/acme/rocket/pull/12abc")]
    [TestCase("https://github.com/acme/rocket/pull/0x10")]
    [TestCase("https://github.com/acme/rocket/pull/٥")]
    [TestCase("https://github.com/acme/rocket/pull/9223372036854775808")]
    [TestCase("https://github.com/acme/rocket/pull/99999999999999999999999999")]
    [TestCase("https://github.com//rocket/pull/5")]
    [TestCase("https://github.com/acme//pull/5")]
    [TestCase("https://github.com/./rocket/pull/5")]
    [TestCase("https://github.com/acme/../pull/5")]
    [TestCase("https://github.com/ac me/rocket/pull/5")]
    [TestCase("https://github.com/acme/rock%65t/pull/5")]
    [TestCase("https://github.com/acmé/rocket/pull/5")]
    [TestCase("https://github.com/acme/rocket\n/pull/5")]
    [TestCase("https://github.com/acme/rocket/pull/5\n")]
    [TestCase("https://github.com/acme/rocket/pull/5/\tfiles")]
    [TestCase("https://github.com/acme/rocket/pull/5/é")]
    public void Nothing_sloppy_is_an_address(string? url)
    {
        Assert.That(PRInfo.TryParse(url, out var pullRequest), Is.False);
        Assert.That(pullRequest, Is.Null);
    }

    [Test]
    public void Names_are_compared_without_regard_to_case()
    {
        var key = new PullRequestKey("Acme", "Rocket", 5);

        Assert.That(key, Is.EqualTo(new PullRequestKey("acme", "ROCKET", 5)));
        Assert.That(key.GetHashCode(), Is.EqualTo(new PullRequestKey("acme", "ROCKET", 5).GetHashCode()));
        Assert.That(key, Is.Not.EqualTo(new PullRequestKey("acme", "rocket", 6)));
        Assert.That(key, Is.Not.EqualTo(new PullRequestKey("acme", "rocket2", 5)));
    }
}
