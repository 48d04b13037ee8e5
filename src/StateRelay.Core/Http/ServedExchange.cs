namespace StateRelay.Http;

/// <summary>An exchange of a transport's: takes one of its slots until it is answered or has become a WebSocket, and can be cut off.</summary>
internal abstract class ServedExchange : HttpExchange
{
    private RequestSlots.Slot? _slot;

    /// <summary>Takes a slot; false when all are taken.</summary>
    public bool TryTakeSlot(RequestSlots slots) => (_slot = slots.TryTake()) is not null;

    /// <summary>Gives the slot back: a WebSocket is no request under way any more. May be called more than once.</summary>
    public void ReturnSlot() => Interlocked.Exchange(ref _slot, null)?.Dispose();

    /// <summary>Ends the connection now, whatever it is doing. Any thread; never throws.</summary>
    public abstract void Abort();

    /// <summary>Frees what is left of the exchange when its endpoint has returned. Never throws.</summary>
    public abstract void End();
}
