namespace StateRelay.Tests.Reliability.Hostile;

/// <summary>
/// A group of hostile cases on one relay, while a <see cref="Witness"/> is served by it. A case says what really happens on each
/// transport, so that where the two differ both are named.
/// </summary>
[TestFixture(Transport.Listener)]
[TestFixture(Transport.Kestrel)]
public abstract class HostileTests(Transport transport)
{
    // To wait for the witness costs as long as a version may take.
    private const int CasesBetweenLooks = 16;

    private ServedRelay? _relay;
    private Witness? _witness;
    private int _tried;

    private protected ServedRelay Relay => _relay!;

    private protected Transport Transport => transport;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _relay = await ServedRelay.StartAsync(transport, Configure);
        _witness = Witness.Of(_relay);
    }

    [TearDown]
    public Task The_witness_is_served_on() => ++_tried % CasesBetweenLooks == 0 ? _witness!.SeesTheNextAsync() : _witness!.IsWellAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        var (versions, events) = await _witness!.EndAsync();
        Assert.That((versions, events), Is.EqualTo((Relay.State.Version, Relay.Hub.Head.Seq)));
        _witness.Dispose();
        await _relay!.DisposeAsync();
    }

    /// <summary>Sets what the group needs of the server.</summary>
    private protected virtual void Configure(WebServerOptions options)
    {
    }

    /// <summary>One NUnit case for each, named as it is.</summary>
    private protected static IEnumerable<TestCaseData> Named<TCase>(IEnumerable<TCase> cases, Func<TCase, string> name) =>
        cases.Select(one => new TestCaseData(one).SetArgDisplayNames(name(one)));
}
