namespace StateRelay;

/// <summary>The rule that a subscription breaks. Immutable.</summary>
/// <param name="Reason">The rule's name, for example <c>org_too_long</c>.</param>
/// <param name="Message">The member at fault and what is wrong with it, for the client.</param>
public sealed record SubscriptionProblem(string Reason, string Message);
