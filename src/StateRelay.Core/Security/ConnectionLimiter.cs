using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace StateRelay.Security;

/// <summary>What came of asking for a place.</summary>
internal enum LeaseOutcome
{
    /// <summary>There is a place; the lease holds it.</summary>
    Granted,

    /// <summary>As many connections are open as may be in all.</summary>
    TooManyInAll,

    /// <summary>As many connections are open from this address as may be from one.</summary>
    TooManyFromAddress,
}

/// <summary>
/// Counts connections, in all and by address, and lets no more in than may be. A place is taken before the handshake and held
/// until the connection is gone, so a limit is never passed, not even for a moment. An IPv6 address counts as its /64, which is
/// what one site gets; an IPv4 address written as IPv6 counts as itself. Only addresses that hold a place are remembered.
/// Safe for use by any thread.
/// </summary>
internal sealed class ConnectionLimiter(int maxInAll, int maxPerAddress)
{
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly Dictionary<AddressKey, int> _held = [];
    private int _heldInAll;

    /// <summary>How many places are taken now.</summary>
    public int Held
    {
        get
        {
            lock (_gate)
                return _heldInAll;
        }
    }

    /// <summary>How many addresses are remembered now.</summary>
    internal int Addresses
    {
        get
        {
            lock (_gate)
                return _held.Count;
        }
    }

    /// <summary>Takes a place for a connection from <paramref name="address"/>; dispose the lease to give it back.</summary>
    public LeaseOutcome TryAcquire(IPAddress address, out ConnectionLease? lease)
    {
        var key = AddressKey.Of(address);
        lease = null;
        lock (_gate)
        {
            if (_heldInAll >= maxInAll)
                return LeaseOutcome.TooManyInAll;
            var held = _held.GetValueOrDefault(key);
            if (held >= maxPerAddress)
                return LeaseOutcome.TooManyFromAddress;

            _held[key] = held + 1;
            _heldInAll++;
        }

        lease = new ConnectionLease(this, key);
        return LeaseOutcome.Granted;
    }

    internal void Return(AddressKey key)
    {
        lock (_gate)
        {
            _heldInAll--;
            if (--_held[key] == 0)
                _held.Remove(key);
        }
    }

    /// <summary>What counts as one address: the four bytes of IPv4, or the first eight of IPv6.</summary>
    internal readonly record struct AddressKey(AddressFamily Family, ulong Prefix)
    {
        public static AddressKey Of(IPAddress address)
        {
            if (address.IsIPv4MappedToIPv6)
                address = address.MapToIPv4();
            Span<byte> bytes = stackalloc byte[16];
            address.TryWriteBytes(bytes, out var length);
            return length == 4
                ? new AddressKey(AddressFamily.InterNetwork, BinaryPrimitives.ReadUInt32BigEndian(bytes))
                : new AddressKey(AddressFamily.InterNetworkV6, BinaryPrimitives.ReadUInt64BigEndian(bytes));
        }
    }
}

/// <summary>One place of a <see cref="ConnectionLimiter"/>. Disposing it gives the place back, once, however often it is done.</summary>
internal sealed class ConnectionLease : IDisposable
{
    private readonly ConnectionLimiter.AddressKey _key;
    private ConnectionLimiter? _owner;

    internal ConnectionLease(ConnectionLimiter owner, ConnectionLimiter.AddressKey key)
    {
        _owner = owner;
        _key = key;
    }

    public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Return(_key);
}
