namespace StateRelay;

/// <summary>
/// What is particular to a relay that a host runs. Set by <c>services.Configure</c>, under the relay's name where it has one, or in the
/// configuration section <c>StateRelay</c>, beside <see cref="WebServerOptions"/>. Read when the host starts.
/// </summary>
public sealed class StateRelayHostOptions
{
    /// <summary>
    /// Whether a host or port that cannot be had stops the host's start. Default true; false logs why, and the host runs without a page.
    /// </summary>
    public bool RequirePort { get; set; } = true;
}
