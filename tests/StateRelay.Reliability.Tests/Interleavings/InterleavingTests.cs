using System.Net.WebSockets;

using StateRelay.Connections;
using StateRelay.Protocol;

namespace StateRelay.Tests.Reliability.Interleavings;

/// <summary>What can happen at once to a connection, to its topics and to the server, with many seeds each: it ends well, and nothing is left.</summary>
public sealed class InterleavingTests
{
    private const int Usual = 60, Long = 5_000;

    [Test]
    public void Clients_join_while_the_state_is_written_and_all_come_to_its_head()
    {
        Chance.Try(Usual, Long, chance =>
        {
            using var scene = new Scene();

            chance.Together(
                moments => scene.Write(moments, 30),
                moments => scene.Publish(moments, 20),
                moments => scene.Push(moments, 20),
                moments => Connect(scene, moments, 3));

            scene.AwaitAllAtHead();
            scene.End();
        });
    }

    [Test]
    public void Connections_break_while_they_are_written_to_and_nothing_is_left_of_them()
    {
        Chance.Try(Usual, Long, chance =>
        {
            using var scene = new Scene();
            var guests = Enumerable.Range(0, 3).Select(_ => scene.Connect(capacity: 512)!).ToArray();

            chance.Together(
                moments => scene.Write(moments, 20),
                moments => scene.Publish(moments, 20),
                moments => scene.Push(moments, 20),
                moments => guests[0].Drop(),
                moments => guests[1].Leave());

            scene.AwaitAllAtHead();
            scene.End();
        });
    }

    [Test]
    public void Clients_connect_while_the_server_stops_and_each_is_refused_or_said_goodbye()
    {
        Chance.Try(Usual, Long, chance =>
        {
            using var scene = new Scene();
            scene.Connect();
            Task[] stops = [Task.CompletedTask, Task.CompletedTask];

            chance.Together(
                moments => Connect(scene, moments, 4),
                moments => Connect(scene, moments, 4),
                moments => scene.Write(moments, 5),
                moments => stops[0] = scene.Roster.DrainAsync(CancellationToken.None),
                moments => stops[1] = scene.Roster.DrainAsync(CancellationToken.None));

            scene.Await(() => Task.WhenAll(stops).IsCompletedSuccessfully);
            Scene.Must(scene.Roster.ClientCount == 0 && scene.Connect() is null, "Nobody is left, nor let in.");
            scene.End();
        });
    }

    [Test]
    public void Subscriptions_come_and_go_while_versions_are_made_and_events_matched()
    {
        Chance.Try(Usual, Long, chance =>
        {
            using var scene = new Scene();
            var guest = scene.Connect()!;
            var sub = 2;

            chance.Together(
                moments => scene.Write(moments, 20),
                moments => scene.Publish(moments, 20),
                moments => scene.Push(moments, 20),
                moments =>
                {
                    for (var time = 0; time < 8; time++)
                    {
                        var topic = moments.Next(2) == 0 ? "state" : "events";
                        guest.Say($$$"""[{"type":"subscribe","topic":"{{{topic}}}","paused":true,"filter":{"organization":"*"}},{"type":"unsubscribe","sub":{{{++sub}}}}]""");
                        moments.Pass();
                    }
                });

            scene.AwaitAllAtHead();
            Scene.Must(scene.Hub.ClientCount == 1, "One subscription to events is left.");
            scene.End();
        });
    }

    [Test]
    public void Followers_of_a_hub_enter_and_leave_while_events_are_matched_and_the_hub_stops()
    {
        Chance.Try(Usual, Long, chance =>
        {
            var clock = new ManualClock();
            using var hub = new Hub(clock: clock);
            using var pairs = new Pairs(3);
            var sockets = pairs.Select(pair => pair.Server).ToArray();
            var clients = sockets.Select(socket => new Client(hub, socket, new Subscription { Organization = "acme" }, new ClientIdentity("amy") { Organizations = ["acme"] })).ToArray();
            var lives = new Task[clients.Length];

            chance.Together(
                moments => Broadcast(hub, moments),
                moments => Broadcast(hub, moments),
                moments => lives[0] = RegisterAndRun(hub, clients[0], sockets[0], moments),
                moments => lives[1] = RegisterAndRun(hub, clients[1], sockets[1], moments),
                moments => lives[2] = RegisterAndRun(hub, clients[2], sockets[2], moments),
                moments => hub.Unregister(clients[0]),
                moments =>
                {
                    for (var pass = moments.Next(10); pass > 0; pass--)
                        moments.Pass();
                    hub.Stop();
                });

            Scene.Must(pairs.CloseAll(), "Every client is said goodbye.");
            Scene.Must(Task.WhenAll(lives).Wait(TestTimeouts.Guard), "Every connection ends.");
            Scene.Must(hub.Completion.Wait(TestTimeouts.Guard), "The hub completes.");
            Scene.Must(hub.ClientCount == 0 && hub.Alarms.Count == 0, "Nobody is left, and no alarm.");
        });
    }

    [Test]
    public void Readers_of_the_program_are_cancelled_while_events_are_matched_and_the_hub_stops()
    {
        Chance.Try(Usual, Long, chance =>
        {
            using var hub = new Hub(clock: new ManualClock());
            using var cancelled = new CancellationTokenSource();
            var readings = new Task<List<long>>[2];
            var begun = hub.Head;
            readings[0] = ReadAll(hub, begun, cancelled.Token);
            readings[1] = ReadAll(hub, begun, CancellationToken.None);

            chance.Together(
                moments => Broadcast(hub, moments),
                moments => Broadcast(hub, moments),
                moments => cancelled.Cancel(),
                moments => moments.Pass());
            hub.Stop();

            Scene.Must(Task.WhenAll(readings).Wait(TestTimeouts.Guard), "Every reader ends.");
            Assert.That(readings[1].Result, Is.EqualTo(Enumerable.Range(1, (int)hub.Head.Seq)));
            Assert.That(readings[0].Result, Is.EqualTo(readings[1].Result.Take(readings[0].Result.Count)));
            Scene.Must(hub.Completion.Wait(TestTimeouts.Guard) && hub.ClientCount == 0, "The hub completes.");
        });
    }

    [Test]
    public void Outboxes_leave_while_they_are_rung_and_the_clock_has_nothing_left_to_do()
    {
        Chance.Try(Usual, Long, chance =>
        {
            using var scene = new Scene();
            var outboxes = Enumerable.Range(0, 3).Select(_ => Subscribed(scene)).ToArray();

            chance.Together(
                moments => scene.Write(moments, 20),
                moments => scene.Push(moments, 20),
                moments => Hear(outboxes[0], moments),
                moments => Hear(outboxes[1], moments),
                moments => Hear(outboxes[2], moments));
            scene.Clock.Push(TimeSpan.FromSeconds(1));

            Scene.Must(scene.Hub.ClientCount == 0 && scene.Alarms.Count == 0, "Nobody is left, and no alarm.");
            scene.Store.Update(fleet => fleet.With("T9", 1));
            Scene.Must(scene.Clock.TimerCount == 0, "Nobody watches, so nothing waits for the clock.");
        });
    }

    private static void Connect(Scene scene, Moments moments, int times)
    {
        for (var time = 0; time < times; time++)
        {
            scene.Connect();
            moments.Pass();
        }
    }

    private static void Broadcast(Hub hub, Moments moments)
    {
        for (var time = 0; time < 20; time++)
        {
            hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
            moments.Pass();
        }
    }

    private static async Task RegisterAndRun(Hub hub, Client client, WebSocket socket, Moments moments)
    {
        if (moments.Next(2) == 0)
            hub.Register(client);
        moments.Pass();
        await client.RunAsync().ConfigureAwait(false);

        // A client waits a second for that when it has answered the goodbye.
        socket.Dispose();
    }

    private static async Task<List<long>> ReadAll(Hub hub, EventPosition since, CancellationToken cancelled)
    {
        var read = new List<long>();
        await foreach (var happened in hub.ReadAsync(since: since, cancellationToken: cancelled).ConfigureAwait(false))
            read.Add(happened.Position.Seq);
        return read;
    }

    private static V1Outbox Subscribed(Scene scene)
    {
        var outbox = new V1Outbox("s", scene.Clock.GetUtcNow(), scene.Roster, new Proof(IsViewer: true, null), new WebServerOptions(), scene.Alarms);
        foreach (var message in ClientMessage.Parse("""{"type":"subscribe","topic":"state"}"""u8.ToArray()))
            outbox.PostAsync(message).AsTask().Wait(TestTimeouts.Guard);
        return outbox;
    }

    // As a sending task does, but for the socket.
    private static void Hear(Outbox outbox, Moments moments)
    {
        for (var time = 0; time < 10; time++)
        {
            while (!outbox.Next().IsEmpty)
                moments.Pass();
            moments.Pass();
        }

        outbox.Close(DisconnectReason.ClientLeft);
        outbox.Dispose();
    }

    /// <summary>Sockets whose clients read until the end.</summary>
    private sealed class Pairs(int count) : IDisposable, IEnumerable<SocketPair>
    {
        private readonly SocketPair[] _pairs = [.. Enumerable.Range(0, count).Select(_ => new SocketPair())];

        /// <summary>Reads what has come, to the server's goodbye, and answers it.</summary>
        public bool CloseAll() => Task.WhenAll(_pairs.Select(CloseAsync)).Wait(TestTimeouts.Guard);

        public void Dispose()
        {
            foreach (var pair in _pairs)
                pair.Dispose();
        }

        public IEnumerator<SocketPair> GetEnumerator() => _pairs.AsEnumerable().GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        private static async Task CloseAsync(SocketPair pair)
        {
            while (await pair.Client.ReceiveTextAsync().ConfigureAwait(false) is not null)
            {
            }

            await pair.Client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
