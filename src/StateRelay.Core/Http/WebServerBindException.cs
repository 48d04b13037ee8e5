using System.Net;

namespace StateRelay;

/// <summary>A server could not begin to listen. The message names host, port and the option to change.</summary>
public sealed class WebServerBindException : IOException
{
    // The codes of Linux, macOS and Windows, and of a listener that this program itself has open.
    private static readonly int[] Taken = [98, 48, 10048, 183, 32, 400];
    private static readonly int[] NotOurs = [99, 49, 10049];
    private static readonly int[] Unresolved = [50];
    private static readonly int[] Forbidden = [13, 5, 10013];

    private WebServerBindException(string message, string host, int? port, bool isPortTaken, Exception? inner)
        : base(message, inner)
    {
        Host = host;
        Port = port;
        IsPortTaken = isPortTaken;
    }

    /// <summary>The host as the options name it.</summary>
    public string Host { get; }

    /// <summary>The port; null when any free one was asked for and none was found.</summary>
    public int? Port { get; }

    /// <summary>Whether the reason is that somebody else has the port; another port, or the same one later, may do.</summary>
    public bool IsPortTaken { get; }

    internal static WebServerBindException Of(HttpListenerException error, string host, int port)
    {
        var code = error.ErrorCode;
        var taken = Taken.Contains(code);
        var message =
            code == 400 ? $"The port {port} on {host} is taken by another server of this program (WebServerOptions.Port)."
            : taken ? $"The port {port} on {host} is taken by another program (WebServerOptions.Port)."
            : NotOurs.Contains(code) ? $"The address {host} does not belong to this machine, so port {port} on it cannot be listened on (WebServerOptions.Host)."
            : Unresolved.Contains(code) ? $"The host {host} does not resolve to an address, so port {port} on it cannot be listened on (WebServerOptions.Host)."
            : Forbidden.Contains(code) ? $"This program may not listen on port {port} of {host} (WebServerOptions.Host, WebServerOptions.Port)."
            : $"Port {port} on {host} cannot be listened on; the system's code is {code} (WebServerOptions.Host, WebServerOptions.Port).";
        return new WebServerBindException(message, host, port, taken, error);
    }

    internal static WebServerBindException NoFreePort(string host, int attempts, Exception? last) => new(
        $"No free port was found on {host} in {attempts} attempts (WebServerOptions.Port is null).", host, null, isPortTaken: true, last);
}
