using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StateRelay.Http;

/// <summary>
/// Turns Nagle's algorithm off for the connections of a listening port. <c>HttpListener</c> leaves it on and shows nobody its
/// sockets, and with it the second of two small messages waits for the client's delayed acknowledgement, some 40 ms. Accepted
/// sockets inherit the option from the listening one, which Linux lets a process find among its own descriptors. Where that
/// does not work, nothing happens.
/// </summary>
internal static class NoDelay
{
    private const string Descriptors = "/proc/self/fd";

    /// <summary>Sets the option on this process's listening sockets of the port; returns how many there were.</summary>
    public static int Apply(int port)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        try
        {
            var found = 0;
            foreach (var path in Directory.GetFileSystemEntries(Descriptors))
            {
                if (IsSocket(path) && TrySet(nint.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture), port))
                    found++;
            }

            return found;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static bool IsSocket(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false;   // a descriptor closed meanwhile
        }
    }

    private static bool TrySet(nint descriptor, int port)
    {
        try
        {
            // The descriptor stays the listener's: disposing this view of it does not close it.
            using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
            if (socket.LocalEndPoint is not IPEndPoint local || local.Port != port || !IsListening(socket))
                return false;
            socket.NoDelay = true;
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool IsListening(Socket socket) => socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 0;
}
