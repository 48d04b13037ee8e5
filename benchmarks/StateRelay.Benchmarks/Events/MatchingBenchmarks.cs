using BenchmarkDotNet.Attributes;

using StateRelay.Benchmarks.Support;
using StateRelay.Connections;
using StateRelay.Events;

namespace StateRelay.Benchmarks.Events;

/// <summary>Finding whom one event is for: among so many who follow something else, and so many whom it concerns.</summary>
public class MatchingBenchmarks
{
    private readonly SubscriptionIndex<EventReader> _index = new();
    private readonly List<EventReader> _found = [];
    private readonly EventAudience _audience = Followers.Audience;
    private Hub _hub = null!;
    private LoggedEvent _logged = null!;

    [Params(10, 1000, 100_000)]
    public int Others { get; set; }

    [Params(0, 1, 1000)]
    public int Matching { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _hub = new Hub(clock: new SteppingClock());
        _logged = new LoggedEvent(1, Followers.Happened, _audience, DateTimeOffset.UnixEpoch);
        foreach (var reader in Followers.Elsewhere(_hub, Others).Concat(Followers.Concerned(_hub, Matching)))
            _index.Add(reader, reader.Subscription, reader.Identity);
    }

    [GlobalCleanup]
    public void Cleanup() => _hub.Dispose();

    [Benchmark]
    public int Match()
    {
        _index.Find(Followers.Happened.Type, _audience, _found);
        var matched = 0;
        foreach (var reader in _found)
        {
            if (reader.Decide(_logged) == EventVerdict.Theirs)
                matched++;
        }

        _found.Clear();
        return matched == Matching ? matched : throw new InvalidOperationException($"{matched} matched, not {Matching}.");
    }
}
