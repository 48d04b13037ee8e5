using System.Buffers.Text;
using System.Text;

using StateRelay.Security;

namespace StateRelay.Tests.Security;

public sealed class ViewerGateTests
{
    private const string Token = "s3cret-Tökén";

    private readonly ViewerGate _gate = new(Token, "8080");

    [Test]
    public void Without_a_token_everybody_is_admitted()
    {
        var gate = new ViewerGate(null, "8080");

        Assert.That(gate.AsksForToken, Is.False);
        Assert.That(gate.Check(null, null, null), Is.EqualTo(ViewerCheck.Admitted));
        Assert.That(gate.Link(new Uri("http://localhost:8080/")), Is.Null);
        Assert.That(gate.Opens(Token), Is.False);
    }

    [Test]
    public void Whoever_shows_nothing_is_told_so()
    {
        Assert.That(_gate.Check(null, "staterelay.v1.json", "theme=dark"), Is.EqualTo(ViewerCheck.Missing));
    }

    [TestCase("Bearer " + Token)]
    [TestCase("bearer " + Token)]
    [TestCase("BEARER   " + Token + " ")]
    public void The_authorization_header_admits(string authorization)
    {
        Assert.That(_gate.Check(authorization, null, null), Is.EqualTo(ViewerCheck.Admitted));
    }

    [TestCase("Bearer")]
    [TestCase("Bearer ")]
    [TestCase("Bearer wrong")]
    [TestCase(Token)]
    [TestCase("Basic " + Token)]
    [TestCase("Bearer s3cret-Tökén2")]
    [TestCase("Bearer s3cret-Töké")]
    public void A_wrong_authorization_header_does_not(string authorization)
    {
        Assert.That(_gate.Check(authorization, null, null), Is.EqualTo(ViewerCheck.Wrong));
    }

    [Test]
    public void The_subprotocol_admits()
    {
        var offered = "staterelay.v1.json, bearer." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Token));

        Assert.That(_gate.Check(null, offered, null), Is.EqualTo(ViewerCheck.Admitted));
    }

    [TestCase("bearer.")]
    [TestCase("bearer.!!!")]
    [TestCase("bearer.A")]
    [TestCase("bearer." + Token)]
    public void A_wrong_subprotocol_does_not(string offered)
    {
        Assert.That(_gate.Check(null, offered, null), Is.EqualTo(ViewerCheck.Wrong));
    }

    [Test]
    public void The_cookie_admits_and_does_not_hold_the_token()
    {
        var cookie = _gate.Cookie(isSecure: false);

        Assert.That(cookie, Does.Match("^staterelay-viewer-8080=[A-Za-z0-9_-]{43}; HttpOnly; SameSite=Strict$"));
        Assert.That(cookie, Does.Not.Contain("s3cret"));
        Assert.That(_gate.Check(null, null, "theme=dark; " + cookie.Split(';')[0]), Is.EqualTo(ViewerCheck.Admitted));
        Assert.That(_gate.Cookie(isSecure: true), Does.EndWith("; Secure"));
    }

    [Test]
    public void A_cookie_of_another_server_does_not()
    {
        var cookie = new ViewerGate(Token, "8080").Cookie(isSecure: false).Split(';')[0];

        Assert.That(_gate.Check(null, null, cookie), Is.EqualTo(ViewerCheck.Wrong));
        Assert.That(_gate.Check(null, null, "staterelay-viewer-8080=" + Token), Is.EqualTo(ViewerCheck.Wrong));
        Assert.That(_gate.Check(null, null, "staterelay-viewer-8081=x"), Is.EqualTo(ViewerCheck.Missing));
    }

    [Test]
    public void One_right_proof_is_enough()
    {
        Assert.That(_gate.Check("Bearer " + Token, "bearer.AAAA", "staterelay-viewer-8080=old"), Is.EqualTo(ViewerCheck.Admitted));
    }

    [Test]
    public void The_link_opens()
    {
        var link = _gate.Link(new Uri("http://localhost:8080/"))!;

        Assert.That(link.GetLeftPart(UriPartial.Path), Is.EqualTo("http://localhost:8080/"));
        Assert.That(_gate.Opens(Uri.UnescapeDataString(link.Query["?token=".Length..])), Is.True);
        Assert.That(_gate.Opens("other"), Is.False);
        Assert.That(_gate.Opens(""), Is.False);
    }

    [Test]
    public void The_gate_does_not_print_its_token()
    {
        Assert.That(_gate.ToString(), Does.Not.Contain("s3cret"));
    }
}
