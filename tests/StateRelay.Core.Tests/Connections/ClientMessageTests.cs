using System.Runtime.ExceptionServices;
using System.Text;

using StateRelay.Protocol;

namespace StateRelay.Tests.Connections;

public sealed class ClientMessageTests
{
    [TestCase("organization")]
    [TestCase("ORGANIZATION")]
    [TestCase("""org\u0061nization""")]
    [TestCase("""\u004frganizatio\u006E""")]
    public void Names_are_read_without_regard_to_case_and_escapes(string name) =>
        Assert.That(OrganizationOf($$"""{"{{name}}":"acme"}"""), Is.EqualTo("acme"));

    [TestCase("organizations")]
    [TestCase("organizatio")]
    [TestCase("")]
    [TestCase("""organization\n""")]
    [TestCase("""organization\u0000""")]
    [TestCase("""\u014frganization""")]
    [TestCase("""organizatio\u00ee""")]
    [TestCase("organizat\u0131on")]
    [TestCase("""\ud800organization""")]
    public void Another_name_is_another(string name) =>
        Assert.That(OrganizationOf($$"""{"{{name}}":"acme"}"""), Is.Empty);

    [Test]
    public void Names_that_are_no_text_are_passed_over_without_an_exception()
    {
        var message = "{" + string.Concat(Enumerable.Repeat("""
            "\ud800":1,
            """, 2000)) + """
            "organization":"acme"}
            """;
        var thread = Environment.CurrentManagedThreadId;
        var thrown = 0;
        void Count(object? sender, FirstChanceExceptionEventArgs happened) => thrown += Environment.CurrentManagedThreadId == thread ? 1 : 0;

        AppDomain.CurrentDomain.FirstChanceException += Count;
        var organization = OrganizationOf(message);
        AppDomain.CurrentDomain.FirstChanceException -= Count;

        Assert.That((organization, thrown), Is.EqualTo(("acme", 0)));
    }

    private static string OrganizationOf(string message) =>
        ((ClientMessage.Follow)ClientMessage.ParseFollow(Encoding.UTF8.GetBytes(message))).Filter.Organization;
}
