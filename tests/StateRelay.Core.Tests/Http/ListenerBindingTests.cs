using StateRelay.Http;

namespace StateRelay.Tests.Http;

public sealed class ListenerBindingTests
{
    [TestCase("localhost")]
    [TestCase("LocalHost")]
    [TestCase("127.0.0.1")]
    public void This_machine_is_reached_by_name_and_by_address(string host)
    {
        var binding = ListenerBinding.Of(host);

        Assert.That(binding.PrefixHosts, Is.EqualTo(["localhost", "127.0.0.1"]));
        Assert.That(binding.Names, Is.EqualTo(["localhost", "127.0.0.1"]));
        Assert.That(binding.Address(8080), Is.EqualTo(new Uri("http://localhost:8080/")));
        Assert.That(binding.IsExposed, Is.False);
    }

    [TestCase("*")]
    [TestCase("0.0.0.0")]
    public void Everywhere_answers_to_the_machines_own_names_and_addresses(string host)
    {
        var binding = ListenerBinding.Of(host);

        Assert.That(binding.PrefixHosts, Is.EqualTo(["*"]));
        Assert.That(binding.Names, Is.SupersetOf(new[] { "localhost", "127.0.0.1", System.Net.Dns.GetHostName() }));
        Assert.That(binding.IsExposed, Is.True);
        Assert.That(binding.With("relay.example")!.Names, Does.Contain("relay.example"));
    }

    [Test]
    public void One_address_answers_to_itself()
    {
        var binding = ListenerBinding.Of("10.1.2.3");

        Assert.That(binding.PrefixHosts, Is.EqualTo(["10.1.2.3"]));
        Assert.That(binding.Names, Is.EqualTo(["10.1.2.3"]));
        Assert.That(binding.IsExposed, Is.True);
    }

    [Test]
    public void A_name_that_leads_elsewhere_cannot_be_answered_to()
    {
        var binding = ListenerBinding.Of("localhost");

        Assert.That(binding.With("10.1.2.3"), Is.Null);
        Assert.That(binding.With("no-such-name.invalid"), Is.Null);
        Assert.That(binding.With("LOCALHOST")!.PrefixHosts, Has.Exactly(2).Items);
    }
}
