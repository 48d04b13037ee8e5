using System.Text.Json;

using StateRelay.Connections;
using StateRelay.Diagnostics;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Connections;

/// <summary>Real outboxes without sockets, many at once, while events are broadcast from several threads.</summary>
public sealed class EventStressTests
{
    private const int Broadcasters = 4, Organizations = 20;

    [TestCase(100, 10_000)]
    [TestCase(1000, 100_000, Category = "Slow")]
    public async Task Every_client_that_stays_has_exactly_the_matching_events_in_order_while_others_come_and_go(int clients, int events)
    {
        using var scene = new Scene(events);
        var staying = Enumerable.Range(0, clients).Select(number => scene.Join($"org-{number % Organizations}")).ToArray();
        await Task.WhenAll(staying.Select(client => client.Confirmed)).WaitAsync(TestTimeouts.Guard);
        using var stop = new CancellationTokenSource();
        var churning = Enumerable.Range(0, 2).Select(_ => Task.Run(() => scene.ChurnAsync(stop.Token))).ToArray();

        await Task.WhenAll(Enumerable.Range(0, Broadcasters).Select(_ => Task.Run(() =>
        {
            for (var number = 0; number < events / Broadcasters; number++)
                scene.Broadcast($"org-{Random.Shared.Next(Organizations)}");
        })));
        await stop.CancelAsync();
        await Task.WhenAll(churning).WaitAsync(TestTimeouts.Guard);
        await scene.SettleAsync(staying).WaitAsync(TestTimeouts.Guard);

        foreach (var client in staying)
            Assert.That(client.Seqs, Is.EqualTo(scene.SeqsOf(client.Organization)));
        foreach (var client in staying)
            await client.LeaveAsync();
        Assert.That(scene.Hub.ClientCount, Is.Zero);
    }

    private sealed class Scene : IDisposable
    {
        private readonly ManualClock _clock = new();
        private readonly Instruments _instruments = new();
        private readonly CollectingLogger _logger = new();
        private readonly AlarmClock _alarms;
        private readonly Hub _hub;
        private readonly Roster _roster;

        public Scene(int events)
        {
            _alarms = new AlarmClock(_clock);
            _roster = new Roster(_instruments);
            var people = new TokenTable();
            people.People["all"] = new ClientIdentity("all") { Organizations = [.. Enumerable.Range(0, Organizations).Select(number => $"org-{number}")] };
            _hub = new Hub(new HubOptions { RetainedEvents = 2 * events, RetainedEventBytes = 1L << 30 }, _logger, _clock);
            _roster.AddEvents(new EventTopic("events", _hub, people));
        }

        public Hub Hub => _hub;

        public void Broadcast(string organization) => _hub.Broadcast(new Event("push"), EventAudience.ForOrganization(organization));

        public Listener Join(string organization) =>
            new(new V1Outbox("s", _clock.GetUtcNow(), _roster, new Proof(IsViewer: true, new Secret("all")), new WebServerOptions(), _alarms), organization);

        public async Task ChurnAsync(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                var client = Join($"org-{Random.Shared.Next(Organizations)}");
                if (Random.Shared.Next(2) == 0)
                    await client.Confirmed;
                await client.LeaveAsync();
            }
        }

        public IEnumerable<long> SeqsOf(string organization) =>
            _hub.Log.After(0, int.MaxValue).Where(logged => logged.Audience.Organization == organization).Select(logged => logged.Seq);

        /// <summary>Waits until each has read everything: one more event for each, and its number.</summary>
        public async Task SettleAsync(Listener[] clients)
        {
            var last = new Dictionary<string, long>();
            foreach (var organization in clients.Select(client => client.Organization).Distinct())
                last[organization] = _hub.Broadcast(new Event("push"), EventAudience.ForOrganization(organization));
            await Task.WhenAll(clients.Select(client => client.HasAsync(last[client.Organization])));
        }

        public void Dispose()
        {
            _hub.Dispose();
            _roster.Dispose();
            _alarms.Dispose();
            _instruments.Dispose();
            _logger.Dispose();
        }
    }

    /// <summary>A client without a socket: it takes what its outbox has and keeps the numbers.</summary>
    private sealed class Listener
    {
        private readonly Outbox _outbox;
        private readonly TaskCompletionSource _confirmed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _life;
        private long _awaited = long.MaxValue;
        private long _last;

        public Listener(Outbox outbox, string organization)
        {
            _outbox = outbox;
            Organization = organization;
            _life = Task.Run(LiveAsync);
        }

        public string Organization { get; }

        public List<long> Seqs { get; } = [];

        public Task Confirmed => _confirmed.Task;

        public Task HasAsync(long seq)
        {
            Interlocked.Exchange(ref _awaited, seq);
            if (Interlocked.Read(ref _last) >= seq)
                _caughtUp.TrySetResult();
            return _caughtUp.Task;
        }

        public Task LeaveAsync()
        {
            _outbox.Close(DisconnectReason.ClientLeft);
            return _life.WaitAsync(TestTimeouts.Guard);
        }

        private async Task LiveAsync()
        {
            foreach (var message in Protocol.ClientMessage.Parse(System.Text.Encoding.UTF8.GetBytes($$$"""{"type":"subscribe","topic":"events","filter":{"organization":"{{{Organization}}}"}}""")))
                await _outbox.PostAsync(message);
            while (true)
            {
                var frame = _outbox.Next();
                if (!frame.IsEmpty)
                {
                    Take(frame);
                    continue;
                }

                if (_outbox.Reason is not null)
                    break;
                await _outbox.Bell.WaitAsync();
            }

            _outbox.Dispose();
        }

        private void Take(ReadOnlyMemory<byte> frame)
        {
            using var document = JsonDocument.Parse(frame);
            foreach (var message in document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray()] : new[] { document.RootElement })
            {
                switch (message.GetProperty("type").GetString())
                {
                    case "subscription_confirmed":
                        _confirmed.SetResult();
                        break;
                    case "event":
                        var seq = message.GetProperty("seq").GetInt64();
                        Seqs.Add(seq);
                        Interlocked.Exchange(ref _last, seq);
                        if (seq >= Interlocked.Read(ref _awaited))
                            _caughtUp.TrySetResult();
                        break;
                    case "gap" or "error":
                        _caughtUp.TrySetException(new InvalidOperationException(message.GetRawText()));
                        break;
                }
            }
        }
    }
}
