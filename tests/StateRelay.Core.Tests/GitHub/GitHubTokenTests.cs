using StateRelay.GitHub;

namespace StateRelay.Tests.GitHub;

public sealed class GitHubTokenTests
{
    [TestCase("ghp_", 36, GitHubTokenKind.User)]
    [TestCase("gho_", 36, GitHubTokenKind.User)]
    [TestCase("ghu_", 36, GitHubTokenKind.User)]
    [TestCase("ghs_", 36, GitHubTokenKind.Installation)]
    [TestCase("ghs_", 516, GitHubTokenKind.Installation)]
    [TestCase("ghs_", 4092, GitHubTokenKind.Installation)]
    [TestCase("ghs_", 4093, GitHubTokenKind.None)]
    [TestCase("ghp_", 35, GitHubTokenKind.None)]
    [TestCase("ghr_", 36, GitHubTokenKind.None)]
    [TestCase("GHP_", 36, GitHubTokenKind.None)]
    [TestCase("github_pat_", 36, GitHubTokenKind.User)]
    [TestCase("github_pat_", 82, GitHubTokenKind.User)]
    [TestCase("github_pat_", 4085, GitHubTokenKind.User)]
    [TestCase("github_pat_", 4086, GitHubTokenKind.None)]
    [TestCase("github_pat_", 35, GitHubTokenKind.None)]
    [TestCase("", 40, GitHubTokenKind.User)]
    [TestCase("", 39, GitHubTokenKind.None)]
    [TestCase("", 41, GitHubTokenKind.None)]
    [TestCase("", 0, GitHubTokenKind.None)]
    public void The_beginning_and_the_length_tell_whose_token_it_is(string beginning, int more, object kind)
    {
        Assert.That(GitHubToken.KindOf(beginning + new string('a', more)), Is.EqualTo(kind));
    }

    [Test]
    public void An_installations_token_may_hold_a_signed_document()
    {
        var token = $"ghs_1234567_{new string('a', 40)}.{new string('b', 380)}-_.{new string('c', 86)}";

        Assert.That(GitHubToken.KindOf(token), Is.EqualTo(GitHubTokenKind.Installation));
    }

    [TestCase("+")]
    [TestCase("/")]
    [TestCase(" ")]
    [TestCase("\n")]
    [TestCase("é")]
    [TestCase("\0")]
    public void A_letter_that_no_token_has_makes_it_none(string odd)
    {
        Assert.That(GitHubToken.KindOf("ghp_" + new string('a', 36) + odd), Is.EqualTo(GitHubTokenKind.None));
        Assert.That(GitHubToken.KindOf("github_pat_" + new string('a', 50) + odd), Is.EqualTo(GitHubTokenKind.None));
        Assert.That(GitHubToken.KindOf(new string('a', 39) + odd), Is.EqualTo(GitHubTokenKind.None));
    }
}
