using StateRelay.Security;

namespace StateRelay.Tests.Security;

public sealed class ClientSoftwareTests
{
    private const string Of64 = "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    private const string Of32 = "1.2.3-beta+build.2026.11.27.1234";

    [TestCase("my-tool/1.0", "my-tool", "1.0")]
    [TestCase("a/1", "a", "1")]
    [TestCase("My_Tool-2/v1.2.3-beta+4", "My_Tool-2", "v1.2.3-beta+4")]
    [TestCase("my-tool/1.0 (linux; x64) library/2.0", "my-tool", "1.0")]
    [TestCase("my-tool/1.0\tmore", "my-tool", "1.0")]
    [TestCase("my-tool/1.0 ", "my-tool", "1.0")]
    [TestCase("my-tool/1.0/2", "my-tool", "1.0/2")]
    [TestCase("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Mozilla", "5.0")]
    [TestCase(Of64 + "/1.0", Of64, "1.0")]
    [TestCase("my-tool/" + Of32, "my-tool", Of32)]
    public void A_name_and_a_version_are_read_from_the_first_word(string userAgent, string name, string version)
    {
        var software = ClientSoftware.Of(userAgent);

        Assert.That(software, Is.EqualTo(new ClientSoftware(name, version)));
        Assert.That($"{software}", Is.EqualTo($"{name}/{version}"));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(" ")]
    [TestCase("my-tool")]
    [TestCase("my-tool/")]
    [TestCase("my-tool/ 1.0")]
    [TestCase("my-tool /1.0")]
    [TestCase("/1.0")]
    [TestCase("/")]
    [TestCase(" my-tool/1.0")]
    [TestCase("my.tool/1.0")]
    [TestCase("my:tool/1.0")]
    [TestCase("(my-tool/1.0)")]
    [TestCase("töol/1.0")]
    [TestCase("tool٥/1.0")]
    [TestCase("my-tool/1.ö")]
    [TestCase("my-tool/1\u00a00")]
    [TestCase("my-tool/1\n0")]
    [TestCase("my-tool\n/1.0")]
    [TestCase("my-tool/1\u007f")]
    [TestCase("my-tool/1\0")]
    [TestCase("x" + Of64 + "/1.0")]
    [TestCase("my-tool/1" + Of32)]
    public void Anything_else_is_none(string? userAgent) => Assert.That(ClientSoftware.Of(userAgent), Is.Null);
}
