namespace StateRelay.Tests.Contract;

/// <summary>Which hosts a request may name: what keeps another site's page from making this server its own.</summary>
public abstract class HostContract : ContractTests
{
    [TestCase("localhost")]
    [TestCase("127.0.0.1")]
    [TestCase("LOCALHOST")]
    public async Task This_machines_own_hosts_are_answered_whatever_the_port(string host)
    {
        var relay = await StartAsync();

        foreach (var port in new[] { $":{relay.Address.Port}", ":1", "" })
        {
            var answer = await relay.AskRawAsync($"GET /api/state HTTP/1.1\r\nHost: {host}{port}\r\n\r\n");
            Assert.That(answer.Status, Is.EqualTo(200), port);
        }
    }

    [TestCase("evil.example")]
    [TestCase("localhost.evil.example")]
    [TestCase("127.0.0.1.evil.example")]
    [TestCase("127.0.0.2")]
    [TestCase("0.0.0.0")]
    public async Task A_foreign_host_is_refused_and_learns_nothing(string host)
    {
        var relay = await StartAsync();

        foreach (var path in new[] { "/", "/api/state", "/ws", "/healthz", "/nothing" })
        {
            var answer = await relay.AskRawAsync($"GET {path} HTTP/1.1\r\nHost: {host}:{relay.Address.Port}\r\n\r\n");

            Assert.That(answer.Status, Is.AnyOf([.. ForeignHostStatuses]), path);
            Assert.That(answer.Text, Does.Not.Contain("nightly"), path);
        }
    }

    [TestCase("evil.example")]
    [TestCase("evil.example:80")]
    [TestCase("localhost.")]
    [TestCase("[::2]")]
    public async Task A_relay_for_everybody_refuses_foreign_hosts_itself(string host)
    {
        var relay = await StartAsync(o => o.Host = "*");

        var answer = await relay.AskRawAsync($"GET /api/state HTTP/1.1\r\nHost: {host}\r\n\r\n");

        if (answer.Header("Server") == "StateRelay")
            AssertRefusal(answer, 421, "host_unknown");
        else
            Assert.That(answer.Status, Is.EqualTo(400));
    }

    [TestCase("localhost:abc")]
    [TestCase("localhost:99999")]
    [TestCase("localhost:1:2")]
    [TestCase("localhost, localhost")]
    public async Task A_host_that_is_none_is_refused(string host)
    {
        foreach (var binding in new[] { "localhost", "*" })
        {
            var relay = await StartAsync(o => o.Host = binding);

            var answer = await relay.AskRawAsync($"GET /api/state HTTP/1.1\r\nHost: {host}\r\n\r\n");

            Assert.That(answer.Status, Is.AnyOf([400, .. ForeignHostStatuses]));
            Assert.That(answer.Text, Does.Not.Contain("nightly"));
        }
    }

    [Test]
    public async Task A_request_without_a_host_is_refused()
    {
        var relay = await StartAsync(o => o.Host = "*");

        Assert.That((await relay.AskRawAsync("GET /api/state HTTP/1.1\r\n\r\n")).Status, Is.EqualTo(400));
        Assert.That((await relay.AskRawAsync("GET /api/state HTTP/1.1\r\nHost:\r\n\r\n")).Status, Is.EqualTo(400));
        Assert.That((await relay.AskRawAsync("GET /api/state HTTP/1.0\r\n\r\n")).Status, Is.EqualTo(400));
    }

    [Test]
    public async Task A_listed_host_is_answered()
    {
        var relay = await StartAsync(o =>
        {
            o.Host = "*";
            o.AllowedHosts.Add("relay.example");
        });

        Assert.That((await relay.AskRawAsync("GET /api/state HTTP/1.1\r\nHost: relay.example\r\n\r\n")).Status, Is.EqualTo(200));
        Assert.That((await relay.AskRawAsync("GET /api/state HTTP/1.1\r\nHost: Relay.Example:443\r\n\r\n")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task The_host_of_an_absolute_target_counts()
    {
        var relay = await StartAsync(o => o.Host = "*");

        var foreign = await relay.AskRawAsync("GET http://evil.example/api/state HTTP/1.1\r\nHost: @HOST@\r\n\r\n");
        var own = await relay.AskRawAsync("GET http://@HOST@/api/state HTTP/1.1\r\nHost: @HOST@\r\n\r\n");

        Assert.That(foreign.Status, Is.AnyOf([400, .. ForeignHostStatuses]));
        Assert.That(own.Status, Is.EqualTo(200));
    }
}
