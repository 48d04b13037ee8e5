using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

using StateRelay.Connections;
using StateRelay.Dashboard;
using StateRelay.Diagnostics;
using StateRelay.Http;
using StateRelay.Security;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Reliability.Model;

/// <summary>
/// A relay of a state and of events, its clients, and the truth beside it. After each step everything comes to rest before the next, so
/// a sequence always leads to the same end; then the invariants of the protocol must hold.
/// </summary>
internal sealed class World : IDisposable
{
    public const int RetainedStateEvents = 6;

    private const int RetainedEvents = 12, RetainedVersions = 4, MaxViews = 6;

    private static readonly TimeSpan RecheckInterval = TimeSpan.FromSeconds(20);
    private static readonly string?[] Tokens = ["amy", "amy", "bob", "bob", "amy", null];
    private static readonly int[] Waits = [0, 5, 50, 100, 250, 1000, 3000, 11_000, 30_000];
    private static readonly int[] Rates = [0, 0, 250, 1000];

    private readonly ManualClock _clock = new();
    private readonly CollectingLogger _logger = new();
    private readonly WebServerOptions _options = new() { RetainedVersions = RetainedVersions, RetainedStateEvents = RetainedStateEvents };
    private readonly StateStore<Fleet> _store;
    private readonly TokenTable _people = new();
    private readonly ClientIdentity[] _amys;
    private readonly ModelClient?[] _clients = new ModelClient?[Step.Slots];
    private readonly List<ModelClient> _former = [];
    private readonly HashSet<string> _epochs = [];
    private Hub _hub;
    private Instruments _instruments = null!;
    private AlarmClock _alarms = null!;
    private Roster _roster = null!;
    private StateTopic _topic = null!;
    private ConnectionLimiter _limiter = null!;
    private WebSocketEndpoint _endpoint = null!;
    private Task? _drain;
    private int _joined;

    public World()
    {
        _amys = [_people.People["amy"], _people.People["amy"] with { Organizations = ["acme"] }];
        _store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet, null, _clock);
        History.Add(_store.Current);
        _hub = NewHub();
        Serve();
    }

    public History History { get; } = new();

    /// <summary>Where each client had come to, by slot and filter; -1 is the state.</summary>
    public Dictionary<(int Slot, int Filter), Bookmark> Bookmarks { get; } = [];

    public TimeSpan Now => _clock.GetUtcNow() - DateTimeOffset.UnixEpoch;

    public string EventEpoch => _hub.Head.Epoch;

    /// <summary>The oldest event that a hub holds; of one that is gone nobody knows.</summary>
    public long FirstHeld(string epoch) => epoch == EventEpoch ? _hub.Log.FirstHeld : long.MaxValue;

    /// <summary>All that clients heard, without what is random in it.</summary>
    public string Transcript
    {
        get
        {
            var text = new StringBuilder();
            foreach (var client in _former.Concat(_clients.OfType<ModelClient>()).OrderBy(client => client.Number))
                text.AppendLine(CultureInfo.InvariantCulture, $"{client.Slot} {client.Speech}").Append(client.Transcript);
            var index = 0;
            foreach (var epoch in _epochs)
                text.Replace(epoch, $"epoch{index++}");
            return string.Join('\n', text.ToString().Split('\n').Where(line => !line.Contains("\"hello\"", StringComparison.Ordinal)));
        }
    }

    /// <summary>What the person of a slot may see; empty when it is nobody.</summary>
    public IEnumerable<ClientIdentity> RightsOf(int slot) =>
        Tokens[slot] is { } token && _people.People.TryGetValue(token, out var person) ? [person] : [];

    /// <summary>Runs a sequence to its end, and everything to rest after it.</summary>
    public static string Run(IEnumerable<Step> steps)
    {
        using var world = new World();
        try
        {
            foreach (var step in steps)
                world.Take(step);
            world.Finish();
            return world.Transcript;
        }
        catch (ViolationException violation)
        {
            var told = $"{violation.Message}\nAt {world._clock.GetUtcNow():O}, timers {world._clock.TimerCount}, next due in {world._clock.NextDueIn}:\n{string.Join('\n', world._clients.OfType<ModelClient>())}\nWhat clients heard:\n{world.Transcript}";
            throw violation is RestlessException ? new RestlessException(told) : new ViolationException(told);
        }
    }

    public void Dispose()
    {
        foreach (var client in _former.Concat(_clients.OfType<ModelClient>()))
            client.Dispose();
        _roster.Dispose();
        _hub.Dispose();
        _alarms.Dispose();
        _instruments.Dispose();
        _logger.Dispose();
    }

    private void Take(Step step)
    {
        var client = _clients[step.Slot];
        switch (step.Kind)
        {
            case StepKind.Join when client is null:
                Join(step.Slot, step.Value);
                break;
            case StepKind.Subscribe when client is { Speech: Speech.V1 }:
                Subscribe(client, step.Value, since: null);
                break;
            case StepKind.Return when client is { Speech: Speech.V1 }:
                Return(client, step.Value);
                break;
            case StepKind.Unsubscribe when client is { Speech: Speech.V1 }:
                client.Unsubscribe(step.Value);
                break;
            case StepKind.Refilter when client is { Speech: Speech.V1 }:
                if (client.Events.Count == 0 || !client.Unsubscribe(step.Value))
                    break;
                Settle();
                Return(client, step.Value | 1);
                break;
            case StepKind.Pause:
                client?.Update(step.Value, paused: true, rate: null);
                break;
            case StepKind.Resume:
                client?.Update(step.Value, paused: false, rate: null);
                break;
            case StepKind.Rate:
                client?.Update(step.Value, paused: null, Rates[step.Value / 8 % Rates.Length]);
                break;
            case StepKind.Leave:
                client?.Leave();
                break;
            case StepKind.Drop:
                client?.Drop();
                break;
            case StepKind.Stall:
                client?.Stall();
                break;
            case StepKind.Unstall:
                Unstall(client);
                break;
            case StepKind.Update:
                Update(step.Value, said: null);
                break;
            case StepKind.Say:
                Say(step.Value);
                break;
            case StepKind.Publish:
                Publish(step.Value);
                break;
            case StepKind.Push:
                Advance(TimeSpan.FromMilliseconds(Waits[step.Value % Waits.Length]));
                break;
            case StepKind.Kick:
                Kick(step.Value % 2 == 0 ? "amy" : "bob");
                break;
            case StepKind.Admit:
                Admit();
                break;
            case StepKind.ChangeRights:
                ChangeRights();
                break;
            case StepKind.Stop:
                Stop();
                break;
            case StepKind.Restart:
                Restart(withHub: step.Value % 2 == 1);
                break;
            case StepKind.Ask:
                Ask(step.Slot);
                break;
        }

        Settle();
        Check();
    }

    /// <summary>Lets everybody read, waits a while, and sees that all have everything; then lets everybody go.</summary>
    private void Finish()
    {
        foreach (var client in _clients)
        {
            if (client is { IsStalled: true })
                Unstall(client);
        }

        foreach (var client in _clients.OfType<ModelClient>().ToArray())
        {
            for (var view = 0; view < client.States.Count + client.Events.Count; view++)
            {
                client.Update(view, paused: false, rate: null);
                Settle();
            }
        }

        Advance(TimeSpan.FromSeconds(2));
        Check();
        foreach (var client in _clients.OfType<ModelClient>().Where(client => !client.IsOver))
        {
            foreach (var view in client.States)
                Must(view.Seq == _topic.Timeline.Head!.Seq && JsonPatchClient.Same(view.State, History.At(History.Version)), $"After quiet time client {client.Slot} is at {view.Seq}, the head is {_topic.Timeline.Head.Seq}.");
        }

        foreach (var client in _clients.OfType<ModelClient>().Where(client => !client.IsOver).ToArray())
            client.Leave();
        Settle();
        Stop();
        Must(_hub.ClientCount == 0, "Nobody is left behind in the hub.");
        Must(_alarms.Count == 0, "No alarm is left behind.");
        Must(_limiter is { Held: 0, Addresses: 0 }, "Every place was given back.");
    }

    private void Join(int slot, int value)
    {
        var speech = (value % 4) switch
        {
            0 => Speech.PlainState,
            1 when Tokens[slot] is not null => Speech.PlainEvents,
            _ => Speech.V1,
        };
        var client = new ModelClient(this, speech, slot, ++_joined);
        var target = speech switch
        {
            Speech.PlainState => "/ws?mode=state",
            Speech.PlainEvents => "/ws?mode=events",
            _ => "/ws",
        };
        var exchange = CannedExchange.Handshake(target, client.Server)
            .With("Sec-WebSocket-Protocol", speech == Speech.V1 ? "staterelay.v1.json" : null)
            .With("Authorization", Tokens[slot] is { } token ? "Bearer " + token : null);
        var before = Rest.ClientsOf(_roster);
        var life = exchange.ServeAsync(_endpoint.HandleAsync);
        if (exchange.Answer is not null)
        {
            Must(_drain is not null && exchange.Answer.Status == 503, $"Refused with {exchange.Answer.Status}.");
            client.Dispose();
            return;
        }

        Must(_drain is null, "Nobody is let in any more.");
        _clients[slot] = client;
        client.Joined(life, Rest.ClientsOf(_roster).Except(before).Single().Outbox);
        if (speech == Speech.PlainEvents)
            client.Follow(value / 4 % Interest.Filters.Length);
    }

    private void Subscribe(ModelClient client, int value, Bookmark? since)
    {
        if (client.States.Count + client.Events.Count >= MaxViews)
            return;
        var isState = value % 2 == 0;
        var filter = isState ? -1 : value / 2 % Interest.Filters.Length;
        var rate = isState ? Rates[value / 2 % Rates.Length] : 0;
        var paused = value % 11 == 10;
        var members = $"""
            "topic":"{(isState ? "state" : "events")}","rate":{rate},"paused":{(paused ? "true" : "false")}
            """;
        if (!isState)
            members += $""","filter":{Interest.Filters[filter]}""";
        if (since is not null)
            members += $$""","since":{"epoch":"{{since.Epoch}}","seq":{{since.Seq}},"n":{{since.N}}}""";
        client.Subscribe(
            new Request
            {
                Filter = filter,
                Since = since,
                HeadWhenAsked = _topic.Timeline.Head!.Seq,
                Paused = paused,
                Rate = TimeSpan.FromMilliseconds(rate),
                Rights = [.. RightsOf(client.Slot)],
            },
            members);
    }

    private void Return(ModelClient client, int value)
    {
        client.Keep();
        var key = (client.Slot, value % 2 == 0 ? -1 : value / 2 % Interest.Filters.Length);
        var since = Bookmarks.GetValueOrDefault(key);
        if (since is not null && value % 2 == 1)
        {
            since = (value / 12 % 4) switch
            {
                0 => since with { Seq = Math.Max(0, since.Seq - 2) },
                1 => since with { Epoch = "another" },
                _ => since,
            };
        }

        Subscribe(client, value, since);
    }

    private void Unstall(ModelClient? client)
    {
        if (client is not { IsStalled: true })
            return;
        client.Unstall();
        Settle();
        foreach (var view in client.Events)
            view.Settle();
    }

    private void Update(int value, StateEvent? said)
    {
        // Now and then nothing is different, and now and then everything is.
        _store.Update(
            fleet => (value % 9) switch
            {
                0 => fleet,
                1 => fleet with { Trucks = fleet.Trucks.Count > 0 ? fleet.Trucks.RemoveAt(value % fleet.Trucks.Count) : fleet.Trucks },
                2 => fleet with { Trucks = [.. fleet.Trucks.Reverse()] },
                3 => fleet with { Name = new string('x', value / 9) },
                _ => fleet.With($"T{value % 8}", value),
            },
            said);
        History.Add(_store.Current);
        if (said is not null)
            History.Say(said.Type);
    }

    private void Say(int value)
    {
        var said = new StateEvent($"said_{value}", value % 3 == 0 ? StateEventClass.Milestone : StateEventClass.Notice);
        if (value % 2 == 0)
        {
            Update(value, said);
            return;
        }

        _store.Announce(said);
        History.Add(_store.Current);
        History.Say(said.Type);
    }

    private void Publish(int value)
    {
        for (var count = value % 17 == 0 ? RetainedEvents + 3 : 1; count > 0; count--)
        {
            var concerned = (Concerned)(value / 2 % 7);
            var published = new Published(History.Events.Count + 1, value % 2 == 0 ? "push" : "check_run", concerned);
            History.Events.Add(published);
            foreach (var view in _clients.OfType<ModelClient>().SelectMany(client => client.Events))
                view.Add(published);
            var seq = _hub.Broadcast(new Event(published.Type) { DeliveryId = published.DeliveryId }, Interest.Audience(concerned));
            Settle();
            Must(seq == published.Seq, $"Events are numbered without holes: {seq}, not {published.Seq}.");
        }
    }

    private void Kick(string person)
    {
        _people.People.Remove(person);
        ModelClient[] theirs = [.. Of(person)];
        foreach (var client in theirs)
            client.MayEnd = true;
        ModelClient[] following = [.. theirs.Where(client => client.Events.Count > 0 && !client.IsStalled)];
        Advance(RecheckInterval);
        foreach (var client in following)
            Must(client.IsOver, $"client {client.Slot} follows events and is nobody any more.");
    }

    private void Admit()
    {
        foreach (var person in new[] { "amy", "bob" })
        {
            if (_people.People.ContainsKey(person))
                continue;
            _people.People[person] = person == "amy" ? _amys[0] : new ClientIdentity("bob") { Organizations = ["acme"] };
            foreach (var client in Of(person))
                client.MayBecome(_people.People[person]);
        }
    }

    private void ChangeRights()
    {
        if (!_people.People.TryGetValue("amy", out var amy))
            return;
        var other = ReferenceEquals(amy, _amys[0]) ? _amys[1] : _amys[0];
        _people.People["amy"] = other;
        foreach (var client in Of("amy"))
            client.MayBecome(other);
        Advance(RecheckInterval);
        foreach (var view in Of("amy").Where(client => !client.IsStalled).SelectMany(client => client.Events))
            view.Settle();
    }

    private IEnumerable<ModelClient> Of(string person) => _clients.OfType<ModelClient>().Where(client => Tokens[client.Slot] == person && !client.IsOver);

    private void Stop()
    {
        if (_drain is not null)
            return;
        foreach (var client in _clients.OfType<ModelClient>())
            client.MayEnd = true;
        using var deadline = new CancellationTokenSource(_options.ShutdownTimeout, _clock);
        _drain = _roster.DrainAsync(deadline.Token);
        Settle();
        if (_clients.OfType<ModelClient>().All(client => !client.IsStalled || client.Life.IsCompleted))
            Await(_drain, "Nobody is left who does not read, and the stop still waits.");
        Advance(_options.ShutdownTimeout);
        Await(_drain, "The stop does not end at its deadline.");
        Must(_roster.ClientCount == 0, "Nobody is connected after the stop.");

        // Places are given back by the requests that the clients came with, when the roster has let them go.
        Settle();
        Must(_limiter is { Held: 0 }, "Every place was given back at the stop.");
    }

    private void Restart(bool withHub)
    {
        Stop();
        _roster.Dispose();
        _alarms.Dispose();
        _instruments.Dispose();
        if (withHub)
        {
            _hub.Stop();
            Await(_hub.Completion, "The hub does not complete.");
            _hub.Dispose();
            _hub = NewHub();
        }

        Serve();
    }

    private Hub NewHub()
    {
        var hub = new Hub(new HubOptions { RetainedEvents = RetainedEvents, RecheckInterval = RecheckInterval, RetainedEventAge = TimeSpan.FromSeconds(50) }, _logger, _clock);
        _epochs.Add(hub.Head.Epoch);
        History.BeginEvents(hub.Head.Epoch);
        return hub;
    }

    private void Serve()
    {
        _drain = null;
        _instruments = new Instruments();
        _alarms = new AlarmClock(_clock);
        _roster = new Roster(_instruments);
        _topic = new StateTopic("state", _store, _options, _clock, _instruments, _logger);
        _roster.AddTopic(_topic);
        _roster.AddEvents(new EventTopic("events", _hub, _people));
        _limiter = new ConnectionLimiter(_options.MaxConnections, _options.MaxConnectionsPerAddress);
        var door = new Doorkeeper(new HostRules(["localhost"]), new ViewerGate(null, "8080"), null, _logger);
        var handler = new WebSocketHandler(_roster, _options, _alarms, _clock, _instruments, _logger);
        _endpoint = new WebSocketEndpoint(handler, _roster, door, new OriginRules([]), _limiter, new AddressRates(_options.MaxConnectsPerMinute, _clock), _options, _instruments, _logger);
        _epochs.Add(_topic.Timeline.Epoch);
        History.BeginEpoch(_topic.Timeline.Epoch);
    }

    /// <summary>Asks over HTTP what has changed since a client's position.</summary>
    private void Ask(int slot)
    {
        _clients[slot]?.Keep();
        var since = Bookmarks.GetValueOrDefault((slot, -1));
        var exchange = new CannedExchange("GET", "/api/state" + (since is null ? "" : $"?since={since.Epoch}:{since.Seq}"));
        new StateEndpoint([_topic.Timeline], new OriginRules([])).Route.Endpoint(exchange).GetAwaiter().GetResult();

        var seq = long.Parse(exchange.Answered("ETag")!.Trim('"').Split(':')[1], CultureInfo.InvariantCulture);
        var answer = JsonNode.Parse(exchange.AnsweredText)!.AsObject();
        var state = (string?)answer["type"] == "state_delta"
            ? JsonPatchClient.Apply(since!.State!.DeepClone(), answer["patch"]!.DeepClone())
            : answer["state"];
        Must(JsonPatchClient.Same(state, History.At(seq)), $"The state at {seq} was {History.At(seq).ToJsonString()}, not {state?.ToJsonString()}.");
    }

    /// <summary>Pushes the clock from one thing that is due to the next, with everything at rest in between.</summary>
    private void Advance(TimeSpan by)
    {
        Settle();
        var target = Now + by;
        while (_clock.NextDueIn is { } due && Now + due <= target)
        {
            _clock.Push(due);
            Settle();
        }

        _clock.Push(target - Now);
        Settle();
    }

    /// <summary>Comes back when nobody has anything to do any more.</summary>
    private void Settle()
    {
        var begun = Stopwatch.GetTimestamp();
        var spins = new SpinWait();
        for (var quiet = 0; quiet < 2;)
        {
            var isQuiet = true;
            for (var slot = 0; slot < _clients.Length; slot++)
            {
                if (_clients[slot] is not { } client)
                    continue;
                while (client.Hear())
                    isQuiet = false;
                isQuiet &= client.IsAtRest();
                if (!client.Life.IsCompleted || !client.IsOver)
                    continue;
                Must(client.Life.IsCompletedSuccessfully, $"{client.Life.Exception}");
                _former.Add(client);
                _clients[slot] = null;
            }

            quiet = isQuiet ? quiet + 1 : 0;
            if (isQuiet)
                continue;
            spins.SpinOnce(sleep1Threshold: -1);
            if (Stopwatch.GetElapsedTime(begun) > TestTimeouts.Guard)
                throw new RestlessException("It never comes to rest.");
        }
    }

    private static void Await(Task task, string what)
    {
        Must(task.Wait(TestTimeouts.Guard), what);
    }

    private void Check()
    {
        var head = _topic.Timeline.Head!;
        foreach (var client in _clients.OfType<ModelClient>())
        {
            Must(client.Owed() <= Outbox.MaxUnanswered + ((MaxViews + 1) * (RetainedEvents + RetainedStateEvents + 2)), $"client {client.Slot} is owed {client.Owed()} messages at once.");
            if (client.IsOver || client.IsStalled)
                continue;
            foreach (var view in client.States.Where(view => view is { Paused: false, Rate.Ticks: 0 }))
                Must(view.Seq == head.Seq, $"client {client.Slot} is at {view.Seq} and not told of {head.Seq}.");
            foreach (var view in client.Events.Where(view => !view.Paused))
                Must(view.Owed == 0, $"client {client.Slot} was not told of event {view.Owed}.");
        }

        Must(_hub.Log.Count <= RetainedEvents, "No more events are held than may be.");
        Must(_topic.Timeline.EventsAfter(0).Length <= RetainedStateEvents, "No more is held that was said than may be.");
        Must(_alarms.Count <= _roster.ClientCount, "There is an alarm a client at most.");
        Must(_roster.ClientCount <= _clients.Count(client => client is not null), "Only those are connected who are.");
        Must(_clock.TimerCount <= 5, $"{_clock.TimerCount} timers are set.");
        var failure = _logger.Lines.FirstOrDefault(line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
        Must(failure.Text is null, $"{failure.Text} {failure.Error}");
    }

    private static void Must(bool holds, string what)
    {
        if (!holds)
            throw new ViolationException(what);
    }
}
