using BenchmarkDotNet.Attributes;

using StateRelay.Benchmarks.Support;

namespace StateRelay.Benchmarks.Connections;

/// <summary>
/// An event through whole clients, each with its sending task, to sockets that take everything at once: until the last of 1,000 was
/// written to.
/// </summary>
public class ClientBenchmarks
{
    private const int Clients = 1000;
    private const string Organization = "acme";

    private readonly Event _happened = new("pull_request") { Url = "https://github.com/acme/rocket/pull/7" };
    private readonly EventAudience _audience = EventAudience.ForOrganization(Organization);
    private readonly ManualResetEventSlim _done = new();
    private readonly List<Task> _running = [];
    private Hub _hub = null!;
    private int _left;

    [GlobalSetup]
    public void Setup()
    {
        _hub = new Hub();
        Begin();
        for (var index = 0; index < Clients; index++)
        {
            var identity = new ClientIdentity($"person{index}") { Organizations = [Organization] };
            _running.Add(new Client(_hub, new NullSocket(Sent), new Subscription { Organization = Organization }, identity).RunAsync());
        }

        _done.Wait();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _hub.Dispose();
        Task.WaitAll(_running);
    }

    [Benchmark(OperationsPerInvoke = Clients)]
    public void Event()
    {
        Begin();
        _hub.Broadcast(_happened, _audience);
        _done.Wait();
    }

    private void Begin()
    {
        _done.Reset();
        Volatile.Write(ref _left, Clients);
    }

    private void Sent()
    {
        if (Interlocked.Decrement(ref _left) == 0)
            _done.Set();
    }
}
