namespace StateRelay.Security;

/// <summary>What was found about the host that a request names.</summary>
internal enum HostCheck
{
    /// <summary>It is one of ours.</summary>
    Allowed,

    /// <summary>It was not sent.</summary>
    Missing,

    /// <summary>It is not one host with at most one port.</summary>
    Malformed,

    /// <summary>It is a host, but not one of ours: a DNS name that somebody else pointed at us, or one that nobody configured.</summary>
    Unknown,
}

/// <summary>
/// Decides which hosts a request may name. Without it a page of another site could point its own DNS name at this machine and
/// read the state as "its own server" (DNS rebinding). Names are compared without case; a port is checked for its form only,
/// for port forwarding changes it. Immutable.
/// </summary>
internal sealed class HostRules(IEnumerable<string> names)
{
    private readonly HashSet<string> _names = new(names, StringComparer.OrdinalIgnoreCase);

    public HostCheck Check(string? hostHeader)
    {
        if (string.IsNullOrEmpty(hostHeader))
            return HostCheck.Missing;
        if (!HostHeader.TryParse(hostHeader, out var host))
            return HostCheck.Malformed;
        return _names.Contains(host.Name) ? HostCheck.Allowed : HostCheck.Unknown;
    }

    public bool Allows(string? hostHeader) => Check(hostHeader) == HostCheck.Allowed;
}
