namespace StateRelay.Tests.Security;

public sealed class StaticTokenAuthenticatorTests
{
    private static readonly ClientIdentity Amy = new("amy") { Organizations = ["acme"], Tier = ClientTier.Pro };

    [Test]
    public async Task A_token_of_the_table_is_its_owner()
    {
        var authenticator = new StaticTokenAuthenticator([KeyValuePair.Create(new Secret("amys token"), Amy)]);

        Assert.That((await authenticator.AuthenticateAsync(new("amys token"), default)).Identity, Is.SameAs(Amy));
    }

    [TestCase("amys toke")]
    [TestCase("amys token ")]
    [TestCase("AMYS TOKEN")]
    [TestCase("amys tokeñ")]
    public async Task Any_other_token_is_refused_for_good(string token)
    {
        var authenticator = new StaticTokenAuthenticator([KeyValuePair.Create(new Secret("amys token"), Amy)]);

        var result = await authenticator.AuthenticateAsync(new(token), default);

        Assert.That(result.Failure, Is.EqualTo(AuthenticationFailure.AuthenticationFailed));
        Assert.That(result.IsTemporary, Is.False);
    }

    [Test]
    public async Task An_empty_table_lets_nobody_in()
    {
        Assert.That((await new StaticTokenAuthenticator([]).AuthenticateAsync(new("x"), default)).Identity, Is.Null);
    }

    [Test]
    public void One_token_cannot_be_two_people()
    {
        Assert.That(
            () => new StaticTokenAuthenticator([KeyValuePair.Create(new Secret("same"), Amy), KeyValuePair.Create(new Secret("same"), new ClientIdentity("bob"))]),
            Throws.ArgumentException.With.Message.Contain("bob").And.Message.Not.Contain("same\""));
    }

    [Test]
    public void A_token_is_something_and_not_endless()
    {
        var authenticator = new StaticTokenAuthenticator([]);

        Assert.That(authenticator.IsWellFormed("x"), Is.True);
        Assert.That(authenticator.IsWellFormed(""), Is.False);
        Assert.That(authenticator.IsWellFormed(new string('x', 5000)), Is.False);
    }
}
