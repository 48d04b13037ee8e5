namespace StateRelay.Tests.Security;

public sealed class ClientIdentityTests
{
    [TestCase("acme", true)]
    [TestCase("ACME", true)]
    [TestCase("amy", true)]
    [TestCase("AMY", true)]
    [TestCase("initech", false)]
    [TestCase("", false)]
    public void A_client_belongs_to_its_organizations_and_to_itself(string organization, bool expected)
    {
        var amy = new ClientIdentity("amy") { Organizations = ["Acme"] };

        Assert.That(amy.BelongsTo(organization), Is.EqualTo(expected));
    }

    [Test]
    public void Private_repositories_come_with_the_paid_tiers()
    {
        var may = Enum.GetValues<ClientTier>().Where(tier => new ClientIdentity("amy") { Tier = tier }.CanAccessPrivateRepos);

        Assert.That(may, Is.EqualTo(new[] { ClientTier.Pro, ClientTier.Flock }));
        Assert.That(new ClientIdentity("amy").CanAccessPrivateRepos, Is.False);
    }

    [Test]
    public void A_refusal_has_the_code_of_the_protocol_and_says_whether_to_try_again()
    {
        var refusals = Enum.GetValues<AuthenticationFailure>().Select(failure => AuthenticationResult.Refused(failure, "no"));

        Assert.That(refusals.Select(refusal => (refusal.Code, refusal.IsTemporary)), Is.EqualTo(new[]
        {
            ("authentication_failed", false),
            ("access_denied", false),
            ("rate_limit_exceeded", true),
            ("temporarily_unavailable", true),
        }));
    }
}
