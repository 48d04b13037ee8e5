using System.Net;
using System.Net.Sockets;

namespace StateRelay.Benchmarks.FanOut.Peers;

/// <summary>Finds a port for an <see cref="HttpListener"/>, which cannot be told "any".</summary>
internal static class FreePort
{
    /// <summary>Starts the listener on a free port of this machine; gives the port.</summary>
    public static int Listen(HttpListener listener)
    {
        int port;
        using (var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        }

        listener.Prefixes.Add($"http://localhost:{port}/");
        listener.Start();
        return port;
    }
}
