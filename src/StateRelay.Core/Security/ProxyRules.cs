using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace StateRelay.Security;

/// <summary>
/// Knows the proxies whose word counts, and so who a client behind them is. A header that names a client can be written by anybody, so it
/// is believed only of a connection that comes from such a proxy, and read from its end: what a proxy appended stands there, what a client
/// made up stands before it. Immutable.
/// </summary>
internal sealed class ProxyRules
{
    private readonly IPNetwork[] _trusted;

    /// <summary>Takes addresses and networks, each of which <see cref="IsNetwork"/>.</summary>
    public ProxyRules(IList<string> trusted)
    {
        _trusted = new IPNetwork[trusted.Count];
        for (var index = 0; index < _trusted.Length; index++)
            _trusted[index] = TryRead(trusted[index], out var network) ? network.Value : throw new ArgumentException($"'{trusted[index]}' is no network.", nameof(trusted));
    }

    /// <summary>Trusts nobody.</summary>
    public static ProxyRules None { get; } = new([]);

    /// <summary>Whether the text is an address, or a network such as <c>10.0.0.0/8</c>.</summary>
    public static bool IsNetwork(string? text) => TryRead(text, out _);

    /// <summary>Where a request comes from: the last address on its way that is not a trusted proxy's.</summary>
    /// <param name="connection">Where the connection comes from.</param>
    /// <param name="forwardedFor">The header <c>X-Forwarded-For</c>.</param>
    public IPAddress ClientOf(IPAddress connection, string? forwardedFor)
    {
        var client = Plain(connection);
        var rest = forwardedFor.AsSpan();
        while (!rest.IsEmpty && IsTrusted(client))
        {
            var comma = rest.LastIndexOf(',');
            if (!TryReadClient(rest[(comma + 1)..].Trim(), out var before))
                break;      // the nearest that can be read stands for whoever it is
            client = before;
            rest = comma < 0 ? default : rest[..comma];
        }

        return client;
    }

    /// <summary>Whether a trusted proxy says that the client speaks TLS to it.</summary>
    /// <param name="connection">Where the connection comes from.</param>
    /// <param name="forwardedProto">The header <c>X-Forwarded-Proto</c>.</param>
    public bool IsSecure(IPAddress connection, string? forwardedProto) =>
        forwardedProto is not null
        && forwardedProto.AsSpan(forwardedProto.LastIndexOf(',') + 1).Trim().Equals("https", StringComparison.OrdinalIgnoreCase)
        && IsTrusted(Plain(connection));

    private bool IsTrusted(IPAddress address) => Array.Exists(_trusted, network => network.Contains(address));

    private static bool TryRead(string? text, [NotNullWhen(true)] out IPNetwork? network)
    {
        // The framework cuts off what a prefix does not cover, as in 10.0.0.1/8; that is rather a slip.
        network = IPNetwork.TryParse(text, out var several) && TryReadAddress(text.AsSpan(0, text!.IndexOf('/')), out var first) && first.Equals(several.BaseAddress) ? several
            : TryReadAddress(text, out var one) ? new IPNetwork(Plain(one), Plain(one).AddressFamily == AddressFamily.InterNetwork ? 32 : 128)
            : null;
        return network is not null;
    }

    // Some proxies add the port.
    private static bool TryReadClient(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? client)
    {
        client = TryReadAddress(text, out var address) ? Plain(address)
            : text.LastIndexOf(':') is > 0 and var colon && IPEndPoint.TryParse(text, out var end) && TryReadAddress(text[..colon].Trim("[]"), out _) ? Plain(end.Address)
            : null;
        return client is not null;
    }

    // The framework also reads 1 as 0.0.0.1, and numbers in octal.
    private static bool TryReadAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.SequenceEqual(address.ToString()));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
