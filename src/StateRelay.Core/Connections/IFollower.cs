namespace StateRelay.Connections;

/// <summary>Whoever has a reader read events for it: a connection's outbox, or a reader of this program.</summary>
internal interface IFollower
{
    /// <summary>Names it to people.</summary>
    string Id { get; }

    /// <summary>Rung when there is something to read.</summary>
    Bell Bell { get; }

    /// <summary>Whether somebody sees to its end, once it is closed: it leaves by itself then, when it has read what it is owed.</summary>
    bool IsServed { get; }

    /// <summary>Ends it, for the first reason given. Any thread; returns at once.</summary>
    void Close(DisconnectReason reason);
}
