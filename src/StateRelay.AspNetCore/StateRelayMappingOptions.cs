namespace StateRelay;

/// <summary>How a relay is mapped into an ASP.NET Core application. Read once, when it is mapped.</summary>
public sealed class StateRelayMappingOptions
{
    /// <summary>The relay to map, where several were added; null for the one without a name. Default null.</summary>
    public string? RelayName { get; set; }

    /// <summary>
    /// Whether WebSockets are compressed for viewers that offer it and show nothing about who they are: no user, no token, no
    /// cookie. What others read is never compressed, because the length of compressed text tells of its content. Costs memory and
    /// time for each connection. Default false.
    /// </summary>
    public bool CompressWebSockets { get; set; }
}
