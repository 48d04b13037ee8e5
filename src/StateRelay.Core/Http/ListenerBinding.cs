using System.Net;
using System.Net.Sockets;

namespace StateRelay.Http;

/// <summary>
/// What <see cref="WebServerOptions.Host"/> means to the listener: which prefixes to register and which host names to answer to.
/// Immutable.
/// </summary>
/// <param name="PrefixHosts">The hosts of the prefixes; all of them share one socket.</param>
/// <param name="DisplayHost">The host of the address that is shown.</param>
/// <param name="Names">The hosts that a request may name without being on <see cref="WebServerOptions.AllowedHosts"/>.</param>
internal sealed record ListenerBinding(IReadOnlyList<string> PrefixHosts, string DisplayHost, IReadOnlyList<string> Names)
{
    private const string LocalName = "localhost", LocalAddress = "127.0.0.1";

    public static ListenerBinding Of(string host) => host switch
    {
        // Each prefix answers only its own name, so both are registered.
        _ when host.Equals(LocalName, StringComparison.OrdinalIgnoreCase) || host == LocalAddress =>
            new([LocalName, LocalAddress], LocalName, [LocalName, LocalAddress]),
        "*" or "0.0.0.0" => new(["*"], LocalName, [LocalName, LocalAddress, .. OwnNames()]),
        _ => new([host], host, [host]),
    };

    /// <summary>Whether requests from other machines can arrive.</summary>
    public bool IsExposed => DisplayHost != LocalName || PrefixHosts is ["*"];

    public Uri Address(int port) => new($"http://{DisplayHost}:{port}/");

    /// <summary>
    /// The same, answering to one more name, where the listener can: a name leads to the socket only if it resolves to one of
    /// the addresses listened on. Null where it cannot.
    /// </summary>
    public ListenerBinding? With(string name)
    {
        if (PrefixHosts is ["*"] || PrefixHosts.Contains(name, StringComparer.OrdinalIgnoreCase))
            return this with { Names = [.. Names, name] };
        return Resolve(name) is { } address && PrefixHosts.Any(host => address.Equals(Resolve(host)))
            ? this with { PrefixHosts = [.. PrefixHosts, name], Names = [.. Names, name] }
            : null;
    }

    // The listener takes the first address that a name resolves to.
    private static IPAddress? Resolve(string name)
    {
        try
        {
            return Dns.GetHostAddresses(name) is [var first, ..] ? first : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static IEnumerable<string> OwnNames()
    {
        var name = Dns.GetHostName();
        return System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(address => address.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork)
            .Select(address => address.ToString())
            .Append(name)
            .Append(name.Split('.')[0])
            .Distinct(StringComparer.OrdinalIgnoreCase);
    }
}
