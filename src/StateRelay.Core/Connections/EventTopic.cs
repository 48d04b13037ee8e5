namespace StateRelay.Connections;

/// <summary>The events that one server's clients may follow, and who says who these clients are. Immutable.</summary>
/// <param name="Name">What v1 clients ask for.</param>
/// <param name="Hub">Where the events are.</param>
/// <param name="Authenticator">Finds out who a client is.</param>
internal sealed record EventTopic(string Name, Hub Hub, IClientAuthenticator Authenticator)
{
    /// <summary>The name of the topic, unless the host gives it another.</summary>
    public const string DefaultName = "events";

    /// <summary>Will find out who shows <paramref name="token"/>, and go on asking.</summary>
    public Authentication Authenticate(Secret token, Outbox outbox, AlarmClock alarms) =>
        new(Authenticator, token, Hub.Options, outbox, alarms, Hub.Logger);
}
