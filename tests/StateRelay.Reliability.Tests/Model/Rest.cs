using System.Reflection;
using System.Runtime.CompilerServices;

using StateRelay.Connections;

namespace StateRelay.Tests.Reliability.Model;

/// <summary>
/// Looks into a connection, which no production code needs to: whether its tasks have done all that there is to do and wait. Then the
/// next step of a sequence finds everything at rest, and a seed leads to the same end again.
/// </summary>
internal static class Rest
{
    private const int Awaited = 2;

    private static readonly FieldInfo Question =
        typeof(Authentication).GetField("_question", BindingFlags.Instance | BindingFlags.NonPublic) ?? throw new MissingFieldException("Authentication._question");

    /// <summary>Whether the sending task waits to be rung and has no question open about who the client is.</summary>
    public static bool SenderWaits(Outbox outbox) => Volatile.Read(ref StateOf(outbox.Bell)) == Awaited && !HasQuestion(outbox);

    /// <summary>Messages that were gathered and not sent. To be asked when the sending task waits.</summary>
    public static int OwedBy(Outbox outbox) => OwedOf(outbox).Count;

    /// <summary>Those who are connected.</summary>
    public static Client[] ClientsOf(Roster roster) => [.. SetOf(roster)];

    private static bool HasQuestion(Outbox outbox)
    {
        var authentication = outbox switch
        {
            V1Outbox v1 => AuthenticationOf(v1),
            PlainEventOutbox plain => AuthenticationOf(plain),
            _ => null,
        };
        return authentication is not null && Question.GetValue(authentication) is not null;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_state")]
    private static extern ref int StateOf(Bell bell);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_owed")]
    private static extern ref Queue<ReadOnlyMemory<byte>> OwedOf(Outbox outbox);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_authentication")]
    private static extern ref Authentication? AuthenticationOf(V1Outbox outbox);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_authentication")]
    private static extern ref Authentication? AuthenticationOf(PlainEventOutbox outbox);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_clients")]
    private static extern ref HashSet<Client> SetOf(Roster roster);
}
