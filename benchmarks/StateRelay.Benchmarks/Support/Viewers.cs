using StateRelay.Connections;
using StateRelay.Diagnostics;
using StateRelay.Protocol;

namespace StateRelay.Benchmarks.Support;

/// <summary>Clients of v1 without sockets, each subscribed to one topic and up to date.</summary>
internal sealed class Viewers : IDisposable
{
    private static readonly Secret Token = new("token");

    private readonly AlarmClock _alarms;
    private readonly Roster _roster;
    private readonly V1Outbox[] _outboxes;

    /// <summary>Viewers of a state.</summary>
    public Viewers(StateTopic topic, int count, Instruments instruments)
        : this(count, instruments)
    {
        _roster.AddTopic(topic);
        Subscribe(topic.Timeline.Topic, new Subscription());
    }

    /// <summary>Followers of all events of an organization.</summary>
    public Viewers(Hub hub, string organization, int count, Instruments instruments)
        : this(count, instruments)
    {
        var identity = new ClientIdentity("amy") { Organizations = [organization] };
        _roster.AddEvents(new EventTopic(EventTopic.DefaultName, hub, new StaticTokenAuthenticator([new(Token, identity)])));
        Subscribe(EventTopic.DefaultName, new Subscription { Organization = organization });
        SpinWait.SpinUntil(() =>
        {
            Drain();
            return hub.ClientCount == count;
        });
        Drain();
    }

    private Viewers(int count, Instruments instruments)
    {
        _alarms = new AlarmClock(new SteppingClock());
        _roster = new Roster(instruments);
        _outboxes = new V1Outbox[count];
    }

    /// <summary>Takes out of each outbox what it owes; gives how many frames that were.</summary>
    public int Drain()
    {
        var frames = 0;
        foreach (var outbox in _outboxes)
        {
            while (!outbox.Next().IsEmpty)
                frames++;
        }

        return frames;
    }

    public void Dispose()
    {
        foreach (var outbox in _outboxes)
            outbox.Dispose();
        _alarms.Dispose();
    }

    private void Subscribe(string topic, Subscription filter)
    {
        var subscribe = new ClientMessage.Subscribe(1, topic, null, TimeSpan.Zero, Paused: false, filter);
        for (var index = 0; index < _outboxes.Length; index++)
        {
            var outbox = new V1Outbox($"viewer{index}", DateTimeOffset.UnixEpoch, _roster, new Proof(IsViewer: true, Token), new WebServerOptions(), _alarms);
            _outboxes[index] = outbox;
            if (!outbox.PostAsync(subscribe).AsTask().GetAwaiter().GetResult())
                throw new InvalidOperationException("The outbox took no message.");
        }

        Drain();
    }
}
