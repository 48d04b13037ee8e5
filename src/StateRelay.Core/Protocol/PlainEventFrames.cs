using System.Text;

namespace StateRelay.Protocol;

/// <summary>The frames of <see cref="Dialect.PlainEvents"/>, with exactly the members that its clients know.</summary>
internal static class PlainEventFrames
{
    /// <summary>What happened, also the <c>event</c> of v1; empty members are left out.</summary>
    public static byte[] Event(Event happened) =>
        Frame.Write(Encoding.UTF8.GetBytes(happened.Type), happened, static (writer, happened) =>
        {
            if (!string.IsNullOrEmpty(happened.Url))
                writer.WriteString("url"u8, happened.Url);
            writer.WriteTime("timestamp"u8, happened.Timestamp);
            if (!string.IsNullOrEmpty(happened.DeliveryId))
                writer.WriteString("delivery_id"u8, happened.DeliveryId);
            if (!string.IsNullOrEmpty(happened.CommitSha))
                writer.WriteString("commit_sha"u8, happened.CommitSha);
        });

    /// <summary>The answer to a subscription that is in force.</summary>
    public static byte[] SubscriptionConfirmed(Subscription subscription, ClientIdentity identity, bool enforcesTiers) =>
        Frame.Write("subscription_confirmed"u8, (subscription, identity, enforcesTiers), static (writer, of) =>
        {
            writer.WriteSubscription(of.subscription, of.identity);
            writer.WriteString("tier"u8, of.identity.Tier switch
            {
                ClientTier.Pro => "pro"u8,
                ClientTier.Flock => "flock"u8,
                _ => "free"u8,
            });
            writer.WriteBoolean("private_repos_enabled"u8, of.identity.CanAccessPrivateRepos);
            writer.WriteBoolean("tier_enforcement_active"u8, of.enforcesTiers);
        });

    /// <summary>A refusal.</summary>
    public static byte[] Error(string error, string message) =>
        Frame.Write("error"u8, (error, message), static (writer, of) =>
        {
            writer.WriteString("error"u8, of.error);
            writer.WriteString("message"u8, of.message);
        });

    /// <summary>Asks for a sign of life.</summary>
    public static byte[] Ping(long seq) => Frame.Write("ping"u8, seq, static (writer, seq) => writer.WriteNumber("seq"u8, seq));

    /// <summary>The answer to a client's ping.</summary>
    public static byte[] Pong(string? seq) => V1Frames.Pong(seq);
}
