using System.Globalization;
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
    private static readonly string[] Tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

    // Their columns, and the state of a socket that listens.
    private const string Listening = "0A";
    private const int LocalAddressColumn = 1, StateColumn = 3, InodeColumn = 9;

    /// <summary>Sets the option on this process's listening sockets of the port; returns how many there were.</summary>
    public static int Apply(int port)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        try
        {
            var links = ListeningInodes(port).Select(inode => $"socket:[{inode}]").ToHashSet(StringComparer.Ordinal);
            return links.Count == 0 ? 0 : Descriptors(links).Count(TrySet);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static IEnumerable<string> ListeningInodes(int port)
    {
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return Tables
            .Where(File.Exists)
            .SelectMany(Listeners)
            .Where(columns => columns[LocalAddressColumn].EndsWith(suffix, StringComparison.Ordinal))
            .Select(columns => columns[InodeColumn]);
    }

    // They come first in the system's tables, before connections, of which there may be tens of thousands.
    private static IEnumerable<string[]> Listeners(string table) => File.ReadLines(table)
        .Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .TakeWhile(columns => columns.Length > InodeColumn && columns[StateColumn] == Listening);

    private static IEnumerable<nint> Descriptors(HashSet<string> links) =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Where(path => LinkTarget(path) is { } target && links.Contains(target))
            .Select(path => nint.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture));

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (IOException)
        {
            return null;    // a descriptor closed meanwhile
        }
    }

    private static bool TrySet(nint descriptor)
    {
        try
        {
            // The descriptor stays the listener's: disposing this view of it does not close it.
            using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false)) { NoDelay = true };
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
