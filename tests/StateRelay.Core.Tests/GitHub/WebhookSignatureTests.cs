using System.Text;

using StateRelay.GitHub;

namespace StateRelay.Tests.GitHub;

public sealed class WebhookSignatureTests
{
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"zen":"Keep it simple."}""");
    private static readonly Secret Ours = new("a secret of ours");
    private static readonly Secret Older = new("an older one");

    [Test]
    public void The_signature_that_a_known_secret_makes_is_accepted()
    {
        // Worked out with another program: printf '%s' '{"zen":"Keep it simple."}' | openssl dgst -sha256 -hmac 'a secret of ours'
        const string Known = "sha256=5d6626a2ca49191747ffba32140690f410f9468fa15b98359fb1eb7659ea17ff";

        Assert.That(WebhookSignature.Of(Body, Ours), Is.EqualTo(Known));
        Assert.That(WebhookSignature.Check(Body, Known, [Ours]), Is.EqualTo(SignatureCheck.Valid));
    }

    [Test]
    public void While_a_secret_is_replaced_the_old_and_the_new_one_are_accepted()
    {
        Secret[] both = [Ours, Older];

        Assert.That(WebhookSignature.Check(Body, WebhookSignature.Of(Body, Ours), both), Is.EqualTo(SignatureCheck.Valid));
        Assert.That(WebhookSignature.Check(Body, WebhookSignature.Of(Body, Older), both), Is.EqualTo(SignatureCheck.Valid));
        Assert.That(WebhookSignature.Check(Body, WebhookSignature.Of(Body, Older), [Ours]), Is.EqualTo(SignatureCheck.Mismatch));
    }

    [Test]
    public void Without_a_secret_nothing_is_accepted()
    {
        Assert.That(WebhookSignature.Check(Body, WebhookSignature.Of(Body, Ours), []), Is.EqualTo(SignatureCheck.Mismatch));
    }

    [Test]
    public void One_changed_byte_of_the_body_is_noticed()
    {
        var signature = WebhookSignature.Of(Body, Ours);

        for (var i = 0; i < Body.Length; i++)
        {
            var changed = Body.ToArray();
            changed[i] ^= 1;
            Assert.That(WebhookSignature.Check(changed, signature, [Ours]), Is.EqualTo(SignatureCheck.Mismatch));
        }
    }

    [TestCase(null, SignatureCheck.Missing)]
    [TestCase("", SignatureCheck.Missing)]
    [TestCase("sha256=", SignatureCheck.Malformed)]
    [TestCase("sha256=00", SignatureCheck.Malformed)]
    [TestCase("sha1=0000000000000000000000000000000000000000", SignatureCheck.Malformed)]
    [TestCase("0000000000000000000000000000000000000000000000000000000000000000", SignatureCheck.Malformed)]
    [TestCase("SHA256=0000000000000000000000000000000000000000000000000000000000000000", SignatureCheck.Malformed)]
    [TestCase("sha256=000000000000000000000000000000000000000000000000000000000000000g", SignatureCheck.Malformed)]
    [TestCase("sha256=00000000000000000000000000000000000000000000000000000000000000000", SignatureCheck.Malformed)]
    [TestCase("sha256=0000000000000000000000000000000000000000000000000000000000000000", SignatureCheck.Mismatch)]
    public void What_is_no_signature_of_ours_is_refused_by_name(string? header, object expected)
    {
        Assert.That(WebhookSignature.Check(Body, header, [Ours]), Is.EqualTo(expected));
    }

    [Test]
    public void Only_lower_case_hexadecimal_is_a_signature()
    {
        var upper = "sha256=" + WebhookSignature.Of(Body, Ours)["sha256=".Length..].ToUpperInvariant();

        Assert.That(WebhookSignature.Check(Body, upper, [Ours]), Is.EqualTo(SignatureCheck.Malformed));
    }
}
