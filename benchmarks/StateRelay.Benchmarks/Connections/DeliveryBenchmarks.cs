using BenchmarkDotNet.Attributes;

using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Benchmarks.Support;
using StateRelay.Connections;
using StateRelay.Diagnostics;

namespace StateRelay.Benchmarks.Connections;

/// <summary>
/// What a delivered message costs besides the transport, for each of 1,000 clients: from what happened until the frame is ready to be
/// written. What is made once for all clients is in it, a thousandth for each.
/// </summary>
public class DeliveryBenchmarks
{
    private const int Clients = 1000, Burst = 16;
    private const string Organization = "acme";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    private readonly SteppingClock _clock = new();
    private readonly Instruments _instruments = new();
    private readonly List<PlainEventOutbox> _plain = [];
    private readonly Event _happened = new("pull_request") { Url = "https://github.com/acme/rocket/pull/7", DeliveryId = "72d3162e-cc78-11e3-81ab-4c9367dc0958" };
    private readonly EventAudience _audience = EventAudience.ForOrganization(Organization);
    private readonly Harbour _one = Harbour.Of(100);
    private Harbour _other = null!;
    private Hub _plainHub = null!, _hub = null!;
    private Viewers _followers = null!, _viewers = null!;
    private StateStore<Harbour> _store = null!;
    private StateTopic _topic = null!;

    [GlobalSetup]
    public void Setup()
    {
        (_plainHub, _hub) = (new Hub(clock: _clock), new Hub(clock: _clock));
        for (var index = 0; index < Clients; index++)
        {
            var identity = new ClientIdentity($"person{index}") { Organizations = [Organization] };
            var outbox = new PlainEventOutbox($"client{index}", _plainHub, new Subscription { Organization = Organization }, identity);
            outbox.Enter();
            _plain.Add(outbox);
        }

        _followers = new Viewers(_hub, Organization, Clients, _instruments);
        _other = _one.WithMoved(1);
        _store = new StateStore<Harbour>(_one, HarbourJson.Default.Harbour, clock: _clock);
        _topic = new StateTopic("state", _store, new WebServerOptions { CoalescingInterval = Interval }, _clock, _instruments, NullLogger.Instance);
        _viewers = new Viewers(_topic, Clients, _instruments);
        DrainPlain();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (var outbox in _plain)
            outbox.Dispose();
        _followers.Dispose();
        _viewers.Dispose();
        _topic.Dispose();
        _plainHub.Dispose();
        _hub.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Clients)]
    public int PlainEvent()
    {
        _plainHub.Broadcast(_happened, _audience);
        return Expect(Clients, DrainPlain());
    }

    [Benchmark(OperationsPerInvoke = Clients * Burst)]
    public int PlainEventOfABurst()
    {
        for (var index = 0; index < Burst; index++)
            _plainHub.Broadcast(_happened, _audience);
        return Expect(Clients * Burst, DrainPlain());
    }

    [Benchmark(OperationsPerInvoke = Clients)]
    public int V1Event()
    {
        _hub.Broadcast(_happened, _audience);
        return Expect(Clients, _followers.Drain());
    }

    [Benchmark(OperationsPerInvoke = Clients * Burst)]
    public int V1EventOfABurst()
    {
        for (var index = 0; index < Burst; index++)
            _hub.Broadcast(_happened, _audience);
        return Expect(Clients, _followers.Drain());
    }

    [Benchmark(OperationsPerInvoke = Clients)]
    public int V1StateDelta()
    {
        _store.Update(value => ReferenceEquals(value, _one) ? _other : _one);
        _clock.Step(Interval);
        _topic.Timeline.Latest();
        return Expect(Clients, _viewers.Drain());
    }

    private int DrainPlain()
    {
        var frames = 0;
        foreach (var outbox in _plain)
        {
            while (!outbox.Next().IsEmpty)
                frames++;
        }

        return frames;
    }

    private static int Expect(int expected, int frames) =>
        frames == expected ? frames : throw new InvalidOperationException($"{frames} frames, not {expected}.");
}
