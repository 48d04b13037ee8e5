using System.Net;
using System.Net.Sockets;

namespace StateRelay.Tests.Reliability.Faults;

/// <summary>A port to listen on while others try to connect to it already.</summary>
internal static class FreePort
{
    /// <summary>
    /// Not one of those that the system gives to clients: who tries to connect to such a one while nobody listens there can come to hold it.
    /// </summary>
    public static int Take()
    {
        while (true)
        {
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, Random.Shared.Next(10_000, 30_000));
                probe.Start();
                return ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                continue;   // taken
            }
        }
    }
}
