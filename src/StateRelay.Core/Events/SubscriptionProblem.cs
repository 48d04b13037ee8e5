namespace StateRelay.Events;

/// <summary>The rule that a subscription breaks. Immutable.</summary>
/// <param name="Reason">The rule's name, for example <c>org_too_long</c>.</param>
/// <param name="Message">The member at fault and what is wrong with it, for the client.</param>
internal sealed record SubscriptionProblem(string Reason, string Message);
