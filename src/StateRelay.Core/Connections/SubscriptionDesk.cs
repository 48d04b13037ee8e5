namespace StateRelay.Connections;

/// <summary>Why a client is not let in on a topic of events. Immutable.</summary>
/// <param name="Code">The protocol's error code.</param>
/// <param name="Message">What is wrong, for the client.</param>
/// <param name="Ending">How a connection ends that has nothing else to do.</param>
internal sealed record EventRefusal(string Code, string Message, DisconnectReason Ending)
{
    /// <summary>The events have ended.</summary>
    public static readonly EventRefusal Stopped = new("temporarily_unavailable", "the events are stopping", DisconnectReason.Shutdown);

    public bool IsTemporary => Ending.MayReturn;
}

/// <summary>Decides whether a subscription to events may be, first for itself and then for whose it is.</summary>
internal static class SubscriptionDesk
{
    /// <summary>What can be said of a subscription before it is known whose it is; null when it may be.</summary>
    public static EventRefusal? Check(Subscription asked, IReadOnlyList<string> allowedTypes)
    {
        if (asked.Validate() is { } problem)
            return Refuse(problem);
        return allowedTypes.Count > 0 && asked.EventTypes.FirstOrDefault(type => !allowedTypes.Contains(type)) is { } other
            ? new("event_type_not_allowed", $"event_types: {other} is not relayed here", DisconnectReason.NotAllowed)
            : null;
    }

    /// <summary>What comes into force of a subscription that was asked for by somebody; or why nothing does.</summary>
    public static (Subscription? InForce, EventRefusal? Refusal) Settle(Subscription asked, AuthenticationResult result, IReadOnlyList<string> allowedTypes)
    {
        if (result.Identity is not { } identity)
            return (null, new(result.Code!, result.Message, EndingOf(result)));

        var inForce = asked.For(identity);
        if (inForce.EventTypes.Count == 0 && allowedTypes.Count > 0)
            inForce = inForce.WithEventTypes(allowedTypes);
        return inForce.ValidateFor(identity) switch
        {
            null => (inForce, null),
            { Reason: "not_a_member" or "pull_requests_out_of_reach" } problem => (null, new("access_denied", problem.Message, DisconnectReason.NotAllowed)),
            var problem => (null, Refuse(problem)),
        };
    }

    private static EventRefusal Refuse(SubscriptionProblem problem) =>
        new("invalid_subscription", problem.Message, DisconnectReason.BadSubscription);

    /// <summary>How a connection ends of somebody who was not let in.</summary>
    public static DisconnectReason EndingOf(AuthenticationResult result) => result.Failure switch
    {
        AuthenticationFailure.AuthenticationFailed => DisconnectReason.NotAuthenticated,
        _ when result.IsTemporary => DisconnectReason.TryLater,
        _ => DisconnectReason.NotAllowed,
    };
}
