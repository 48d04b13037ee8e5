using StateRelay.Events;

namespace StateRelay.Tests.Events;

public sealed class MentionsTests
{
    [TestCase("@amy")]
    [TestCase("@AMY please")]
    [TestCase("thanks @amy")]
    [TestCase("thanks @amy.")]
    [TestCase("thanks @amy...")]
    [TestCase("thanks @amy. Next")]
    [TestCase("(@amy)")]
    [TestCase("@amy, @bob")]
    [TestCase("@bob,@amy!")]
    [TestCase("@amyx and then @amy")]
    [TestCase("mail bob@amy or ask @amy")]
    [TestCase("one\n@amy\ntwo")]
    [TestCase("请@amy看")]
    [TestCase("@@amy")]
    [TestCase("\"@amy\"")]
    public void A_person_is_mentioned(string text)
    {
        Assert.That(Mentions.Name(text, "amy"), Is.True);
    }

    [TestCase("")]
    [TestCase("amy")]
    [TestCase("@")]
    [TestCase("@ amy")]
    [TestCase("@amyx")]
    [TestCase("@amy-2")]
    [TestCase("@amy_acme")]
    [TestCase("bob@amy")]
    [TestCase("bob@amy.example")]
    [TestCase("bob_@amy")]
    [TestCase("@amy.example")]
    [TestCase("@amy..x")]
    [TestCase("@amy/core")]
    [TestCase("https://social.example/@amy")]
    [TestCase("@-amy")]
    public void Nobody_of_that_name_is_mentioned(string text)
    {
        Assert.That(Mentions.Name(text, "amy"), Is.False);
    }

    [Test]
    public void A_managed_user_has_an_underscore_in_the_name()
    {
        Assert.That(Mentions.Name("@amy_acme", "amy_acme"), Is.True);
    }

    [Test]
    public void An_empty_name_is_never_mentioned()
    {
        Assert.That(Mentions.Name("@ @, @", ""), Is.False);
    }

    [Test]
    public void Everybody_mentioned_is_collected_once()
    {
        var people = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);

        Mentions.Collect("@bob: see @amy and @BOB, not @acme/core, not x@y.example", people);

        Assert.That(people, Is.EqualTo(new[] { "amy", "bob" }));
    }
}
