using StateRelay.Connections;
using StateRelay.Diagnostics;
using StateRelay.Protocol;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.Reliability.Fuzz;

/// <summary>What clients say, from bytes to what is answered.</summary>
public sealed class MessageFuzzTests
{
    private static readonly string[] Words =
    [
        "subscribe", "unsubscribe", "update", "ping", "pong", "keepalive", "heartbeat", "completion_ack", "type", "id", "topic", "state", "events", "since", "epoch",
        "seq", "n", "rate", "paused", "sub", "filter", "organization", "event_types", "pull_requests", "user_events_only", "\"acme\"", "\"*\"", "\"globex\"",
        "https://github.com/acme/site/pull/5", "TYPE", "t\\u0079pe", "\"EPOCH\"",
    ];

    private static readonly string[] Messages =
    [
        """{"type":"subscribe","id":1,"topic":"state"}""",
        """{"type":"subscribe","id":7,"topic":"state","since":{"epoch":"k3f9","seq":1063,"n":12},"rate":500,"paused":false}""",
        """{"type":"subscribe","id":2,"topic":"events","filter":{"organization":"acme","event_types":["pull_request","push"]}}""",
        """{"type":"subscribe","id":5,"topic":"events","filter":{"organization":"*","user_events_only":true},"since":{"epoch":"k3f9","seq":140}}""",
        """{"type":"subscribe","topic":"events","filter":{"pull_requests":["https://github.com/acme/site/pull/5"]}}""",
        """{"type":"unsubscribe","id":3,"sub":2}""",
        """{"type":"update","sub":1,"rate":1000,"paused":true}""",
        """{"type":"completion_ack","sub":1,"seq":1063}""",
        """[{"type":"ping","seq":"a"},{"type":"pong","seq":4},{"type":"keepalive"},{"type":"something"}]""",
        "null", "[]", "{}", "7", "\"subscribe\"",
    ];

    private static readonly string[] Subscriptions =
    [
        """{"organization":"acme","event_types":["pull_request","check_run"]}""",
        """{"organization":"*","user_events_only":true}""",
        """{"pull_requests":["https://github.com/acme/site/pull/5","https://github.com/globex/x.y/pull/9223372036854775807/files#r1"]}""",
        """{"Organization":"ACME","EVENT_TYPES":[],"pull_requests":null,"user_events_only":false}""",
        "{}", "[]",
    ];

    [Test]
    public void A_ping_whose_seq_is_not_UTF_8_breaks_the_protocol()
    {
        byte[] ping = [.. """{"type":"ping","seq":"x"""u8, 0x80, .. "\"}"u8];

        var message = ClientMessage.Parse(ping).Single();

        Assert.That(message, Is.EqualTo(new ClientMessage.Bad(null, "seq: not a text")));
    }

    [Test]
    public void Any_message_is_read_or_refused_with_a_reason()
    {
        FuzzLoop.Run(Corpus.Of(Messages), Words, input =>
        {
            foreach (var message in ClientMessage.Parse(input))
            {
                switch (message)
                {
                    case ClientMessage.Bad bad:
                        Corpus.Must(bad.Problem.Length is > 0 and < 200, "A problem has a text, and a short one.");
                        break;
                    case ClientMessage.Ping ping:
                        Corpus.MustBeJson(V1Frames.Pong(ping.Seq));
                        break;
                    case ClientMessage.Subscribe subscribe:
                        Corpus.Must(subscribe.Id is null or >= 0 and <= ClientMessage.MaxNumber, "An id is one that every reader keeps.");
                        Corpus.Must(subscribe.Rate >= TimeSpan.Zero, "A rate is no time that has passed.");
                        break;
                }
            }
        });
    }

    [Test]
    public void Any_subscription_is_taken_or_refused_with_a_reason()
    {
        var amy = new ClientIdentity("amy") { Organizations = ["acme", "globex"] };

        FuzzLoop.Run(Corpus.Of(Subscriptions), Words, input =>
        {
            if (ClientMessage.ParseFollow(input) is not ClientMessage.Follow { Filter: var filter })
                return;
            if (SubscriptionDesk.Check(filter, []) is { } refusal)
            {
                Corpus.MustBeJson(PlainEventFrames.Error(refusal.Code, refusal.Message));
                return;
            }

            Corpus.Must(filter.PullRequestKeys.Count <= filter.PullRequests.Count, "Every pull request taken can be read.");
            Corpus.Must(filter.PullRequests.Count == 0 || filter.PullRequestKeys.Count > 0, "A list of pull requests is one of some.");
            var (inForce, no) = SubscriptionDesk.Settle(filter, AuthenticationResult.Admitted(amy), []);
            Corpus.Must(inForce is null != no is null, "Either it is in force, or there is a reason.");
            Corpus.MustBeJson(inForce is null ? PlainEventFrames.Error(no!.Code, no.Message) : PlainEventFrames.SubscriptionConfirmed(inForce, amy, enforcesTiers: false));
        });
    }

    [Test]
    public void Any_conversation_is_answered_in_JSON_and_leaves_nothing_behind()
    {
        using var talk = new Conversation();

        FuzzLoop.Run(Corpus.Of(Messages), [.. Words, .. talk.Epochs], talk.Say, cost: 2);

        talk.End();
        Assert.That(talk.Hub.ClientCount, Is.Zero);
        Assert.That(talk.Alarms.Count, Is.Zero);
    }

    /// <summary>Outboxes without sockets, one after the other, each for a few messages.</summary>
    private sealed class Conversation : IDisposable
    {
        private const int MessagesEach = 24;

        private readonly ManualClock _clock = new();
        private readonly Instruments _instruments = new();
        private readonly CollectingLogger _logger = new();
        private readonly WebServerOptions _options = new() { MaxSubscriptions = 8 };
        private readonly StateStore<Fleet> _store;
        private readonly Roster _roster;
        private V1Outbox? _outbox;
        private int _said;

        public Conversation()
        {
            Alarms = new AlarmClock(_clock);
            // Whoever asks for all that there was is sent that: no more than an input should take.
            Hub = new Hub(new HubOptions { RetainedEvents = 256 }, clock: _clock);
            _store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet, clock: _clock);
            _roster = new Roster(_instruments);
            _roster.AddTopic(new StateTopic("state", _store, _options, _clock, _instruments, _logger));
            _roster.AddEvents(new EventTopic("events", Hub, new TokenTable()));
        }

        public AlarmClock Alarms { get; }

        public Hub Hub { get; }

        public IEnumerable<string> Epochs => [_roster.Topics["state"].Timeline.Epoch, Hub.Head.Epoch];

        public void Say(byte[] input)
        {
            if (_outbox is null || _said++ % MessagesEach == 0 || _outbox.Reason is not null)
            {
                End();
                _outbox = new V1Outbox("s", _clock.GetUtcNow(), _roster, new Proof(IsViewer: true, new Secret("amy")), _options, Alarms);
            }

            if (_said % 3 == 0)
                _store.Update(fleet => fleet.With($"T{_said % 7}", _said));
            if (_said % 4 == 0)
                Hub.Broadcast(new Event("push"), EventAudience.ForOrganization("acme"));
            _clock.Push(20);

            foreach (var message in ClientMessage.Parse(input).Take(Outbox.MaxUnanswered))
                Corpus.Must(_outbox.PostAsync(message).AsTask().IsCompleted, "There is room for one frame's messages.");
            Hear();
        }

        public void End()
        {
            if (_outbox is null)
                return;
            _outbox.Close(DisconnectReason.ClientLeft);
            Hear();
            _outbox.Dispose();
        }

        public void Dispose()
        {
            _roster.Dispose();
            Hub.Dispose();
            Alarms.Dispose();
            _instruments.Dispose();
            _logger.Dispose();
        }

        private void Hear()
        {
            while (_outbox!.Next() is { IsEmpty: false } frame)
                Corpus.MustBeJson(frame);
        }
    }
}
