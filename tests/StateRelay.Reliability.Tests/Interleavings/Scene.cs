using System.Text.Json;

using StateRelay.Connections;
using StateRelay.Diagnostics;
using StateRelay.Http;
using StateRelay.Security;
using StateRelay.State;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Reliability.Interleavings;

/// <summary>A relay of a state and of events on a pushed clock; its tasks run as they do in a program.</summary>
internal sealed class Scene : IDisposable
{
    private readonly Instruments _instruments = new();
    private readonly WebServerOptions _options = new() { RetainedVersions = 4 };
    private readonly WebSocketEndpoint _endpoint;
    private readonly List<Guest> _guests = [];
    private readonly Lock _gate = new();

    public Scene()
    {
        Alarms = new AlarmClock(Clock);
        Hub = new Hub(clock: Clock);
        Store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet, null, Clock, Logger);
        Topic = new StateTopic("state", Store, _options, Clock, _instruments, Logger);
        Roster = new Roster(_instruments);
        Roster.AddTopic(Topic);
        Roster.AddEvents(new EventTopic("events", Hub, new TokenTable()));
        Limiter = new ConnectionLimiter(_options.MaxConnections, _options.MaxConnectionsPerAddress);
        var door = new Doorkeeper(new HostRules(["localhost"]), new ViewerGate(null, "8080"), null, Logger);
        var handler = new WebSocketHandler(Roster, _options, Alarms, Clock, _instruments, Logger);
        _endpoint = new WebSocketEndpoint(handler, Roster, door, new OriginRules([]), Limiter, new AddressRates(1_000_000, Clock), _options, _instruments, Logger);
    }

    public ManualClock Clock { get; } = new();

    public CollectingLogger Logger { get; } = new();

    public AlarmClock Alarms { get; }

    public Hub Hub { get; }

    public StateStore<Fleet> Store { get; }

    public StateTopic Topic { get; }

    public Roster Roster { get; }

    public ConnectionLimiter Limiter { get; }

    /// <summary>Connects a client of v1, who follows the state and the events; null when the server is stopping.</summary>
    public Guest? Connect(int capacity = 16 * 1024)
    {
        var pair = new SocketPair(capacity, "staterelay.v1.json");
        var exchange = CannedExchange.Handshake("/ws", pair.Server)
            .With("Sec-WebSocket-Protocol", "staterelay.v1.json")
            .With("Authorization", "Bearer amy");
        var life = exchange.ServeAsync(_endpoint.HandleAsync);
        if (exchange.Answer is { Status: 503 })
        {
            pair.Dispose();
            return null;
        }

        var guest = new Guest(pair, life);
        lock (_gate)
            _guests.Add(guest);
        return guest;
    }

    public void Write(Moments moments, int times)
    {
        for (var time = 0; time < times; time++)
        {
            Store.Update(fleet => fleet.With($"T{moments.Next(5)}", moments.Next(1000)), moments.Next(4) == 0 ? new StateEvent("said") : null);
            moments.Pass();
        }
    }

    public void Publish(Moments moments, int times)
    {
        for (var time = 0; time < times; time++)
        {
            Hub.Broadcast(new Event("push"), EventAudience.ForOrganization(moments.Next(2) == 0 ? "acme" : "initech"));
            moments.Pass();
        }
    }

    public void Push(Moments moments, int times)
    {
        for (var time = 0; time < times; time++)
        {
            Clock.Push(moments.Next(120));
            moments.Pass();
        }
    }

    /// <summary>Waits until every guest who stayed shows the newest state and has had every event, pushing the clock meanwhile.</summary>
    public void AwaitAllAtHead()
    {
        foreach (var guest in _guests.Where(guest => !guest.HasLeft))
        {
            Await(
                () => guest.Reading.IsFaulted || (guest.Seq == Topic.Timeline.Head!.Seq && IsNewest(Topic.Timeline.Head) && guest.Events == guest.EventsOwed(Hub)),
                () => $"A guest shows {guest.Seq} of {Topic.Timeline.Head!.Seq}, the store is at {Store.Version}; it had {guest.Events} events of {guest.EventsOwed(Hub)}.");
        }
    }

    // By its text, not by its number: changes that were taken back before they were written make no version.
    private bool IsNewest(StateVersion version) => version.Utf8.Span.SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(Store.Current, TestFleetJson.Default.Fleet));

    /// <summary>Lets everybody go, and sees that nothing is left.</summary>
    public void End()
    {
        foreach (var guest in _guests)
            guest.Leave();
        foreach (var guest in _guests)
        {
            Await(() => guest.Life.IsCompleted);
            guest.Life.GetAwaiter().GetResult();
            guest.Reading.GetAwaiter().GetResult();
        }

        Hub.Stop();
        Must(Hub.Completion.Wait(TestTimeouts.Guard), "The hub completes.");
        Must(Roster.ClientCount == 0 && Hub.ClientCount == 0, "Nobody is left.");
        Must(Limiter is { Held: 0, Addresses: 0 }, "Every place was given back.");
        Must(Alarms.Count == 0, "No alarm is left.");
        Must(!Logger.Lines.Any(line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error), string.Join('\n', Logger.Lines.Where(line => line.Error is not null).Select(line => line.Error)));
    }

    public void Await(Func<bool> holds, Func<string>? otherwise = null)
    {
        var came = SpinWait.SpinUntil(
            () =>
            {
                if (holds())
                    return true;
                Clock.Push(10);
                return false;
            },
            TestTimeouts.Guard);
        if (!came)
            throw new InvalidOperationException($"It never comes. {otherwise?.Invoke()}");
    }

    public void Dispose()
    {
        foreach (var guest in _guests)
            guest.Dispose();
        Roster.Dispose();
        Hub.Dispose();
        Alarms.Dispose();
        _instruments.Dispose();
        Logger.Dispose();
    }

    public static void Must(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException(what);
    }
}
