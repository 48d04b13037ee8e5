using System.Collections.Concurrent;

using StateRelay.Diagnostics;

namespace StateRelay.Connections;

/// <summary>Who is connected, and to what they may subscribe. Safe for use by any thread.</summary>
internal sealed class Roster(Instruments instruments) : IDisposable
{
    private readonly ConcurrentDictionary<string, StateTopic> _topics = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly HashSet<Client> _clients = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopping;

    /// <summary>One of events alone.</summary>
    public static Roster Of(EventTopic events, Instruments instruments)
    {
        var roster = new Roster(instruments);
        roster.AddEvents(events);
        return roster;
    }

    public int ClientCount
    {
        get
        {
            lock (_gate)
                return _clients.Count;
        }
    }

    /// <summary>Whether no more clients are let in.</summary>
    public bool IsStopping
    {
        get
        {
            lock (_gate)
                return _stopping;
        }
    }

    /// <summary>The states by name.</summary>
    public IReadOnlyDictionary<string, StateTopic> Topics => _topics;

    /// <summary>The state that whoever names none means; null where there are no states.</summary>
    public StateTopic? FirstTopic { get; private set; }

    /// <summary>Adds a state to subscribe to, before anybody connects.</summary>
    /// <exception cref="ArgumentException">There is one of that name already.</exception>
    public void AddTopic(StateTopic topic)
    {
        if (!_topics.TryAdd(topic.Timeline.Topic, topic))
            throw new ArgumentException($"There is a state named '{topic.Timeline.Topic}' already.", nameof(topic));
        FirstTopic ??= topic;
    }

    /// <summary>The events to subscribe to; null where none are relayed.</summary>
    public EventTopic? Events { get; private set; }

    /// <summary>Adds the events to subscribe to, once, before anybody connects.</summary>
    public void AddEvents(EventTopic topic) => Events = topic;

    /// <summary>Lets a client in; false when the roster is stopping.</summary>
    public bool Join(Client client)
    {
        lock (_gate)
        {
            if (_stopping)
                return false;
            _clients.Add(client);
        }

        instruments.Connections.Add(1);
        return true;
    }

    public void Leave(Client client)
    {
        lock (_gate)
        {
            if (!_clients.Remove(client))
                return;
            if (_stopping && _clients.Count == 0)
                _empty.TrySetResult();
        }

        instruments.Connections.Add(-1);
    }

    /// <summary>
    /// Lets nobody in any more, says goodbye to all clients at once, behind the last state, and completes when all are gone. Those who
    /// are still there at the deadline are cut off. May be called more than once.
    /// </summary>
    public async Task DrainAsync(CancellationToken deadline)
    {
        var clients = StopAndList();
        foreach (var topic in _topics.Values)
            topic.Timeline.Finish();
        foreach (var client in clients)
            client.Outbox.Close(DisconnectReason.Shutdown);

        try
        {
            await _empty.Task.WaitAsync(deadline).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            foreach (var client in StopAndList())
                client.Abort(DisconnectReason.Shutdown);
            await _empty.Task.ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        foreach (var topic in _topics.Values)
            topic.Dispose();
    }

    private Client[] StopAndList()
    {
        lock (_gate)
        {
            _stopping = true;
            if (_clients.Count == 0)
                _empty.TrySetResult();
            return [.. _clients];
        }
    }
}
