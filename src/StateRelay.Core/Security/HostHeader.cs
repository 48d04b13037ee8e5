using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StateRelay.Security;

/// <summary>A host and, where one was named, a port, as a <c>Host</c> header or the authority of an origin carries them. Immutable.</summary>
/// <param name="Name">A name, an IPv4 address, or an IPv6 address in brackets; as it was written.</param>
/// <param name="Port">The port, null when none was named.</param>
internal sealed record HostHeader(string Name, int? Port)
{
    private const int MaxNameLength = 255;

    /// <summary>Reads <c>name</c> or <c>name:port</c>; whatever else stands there is refused, two hosts in one line too.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out HostHeader? host)
    {
        host = null;
        var end = text is ['[', ..] ? text.IndexOf(']') + 1 : text.IndexOf(':');
        var name = end < 0 ? text : text[..end];
        if (!IsName(name))
            return false;

        var rest = text[name.Length..];
        if (rest.IsEmpty || rest is ":")
        {
            host = new HostHeader(name.ToString(), null);
            return true;
        }

        // NUL characters behind a number are passed over by .NET's parser.
        if (rest[0] != ':' || rest.Contains('\0') || !ushort.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        host = new HostHeader(name.ToString(), port);
        return true;
    }

    private static bool IsName(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxNameLength)
            return false;
        if (name[0] == '[')
            return IPAddress.TryParse(name[1..^1], out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_'))
                return false;
        }

        return true;
    }
}
