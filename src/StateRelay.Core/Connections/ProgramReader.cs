using System.Runtime.CompilerServices;

using StateRelay.Protocol;

namespace StateRelay.Connections;

/// <summary>One reader of events in this program: a position in the log like any client's, and no socket.</summary>
internal sealed class ProgramReader : IFollower
{
    private volatile bool _ended;

    private ProgramReader()
    {
    }

    public string Id => "program";

    public Bell Bell { get; } = new(wakesHost: true);

    public bool IsServed => true;

    public void Close(DisconnectReason reason)
    {
        _ended = true;
        Bell.Ring();
    }

    /// <summary>Reads what comes after a position, until the hub has stopped and everything is read, or the token is cancelled.</summary>
    public static async IAsyncEnumerable<HubEvent> ReadAsync(
        Hub hub, Subscription wanted, EventPosition since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var self = new ProgramReader();
        var reader = new EventReader(hub, self, wanted, ClientIdentity.Program);
        await using var ending = cancellationToken.UnsafeRegister(static self => ((ProgramReader)self!).Bell.Ring(), self).ConfigureAwait(false);
        var position = new Position(since.Epoch, since.Seq, null);
        if (hub.Join(reader, position) is null)
        {
            // Stopped since it was called: what is held is still to be read.
            self._ended = true;
            reader.StartAfter(EventStart.Of(position, hub.Log.Epoch, hub.Log.FirstHeld, hub.Log.Head).Seq);
        }

        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                self.Bell.Take();
                if (reader.TryRead(out var read))
                {
                    if (read.Event is null)
                        hub.CountGap();
                    yield return new HubEvent(new EventPosition(hub.Log.Epoch, read.Seq), read.Event?.Event);
                    continue;
                }

                if (self._ended)
                    yield break;
                await self.Bell.WaitAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            hub.Leave(reader);
        }
    }
}
