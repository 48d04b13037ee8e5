namespace StateRelay.Tests.Reliability.Faults;

/// <summary>The sockets that this process holds open, as the system counts them.</summary>
internal static class OpenSockets
{
    private const string Descriptors = "/proc/self/fd";

    /// <summary>How many there are now. Those whose owner is gone but not collected are counted, for they are leaks.</summary>
    public static int Count() => Directory.EnumerateFileSystemEntries(Descriptors).Count(IsSocket);

    /// <summary>Waits until there are no more than <paramref name="most"/>.</summary>
    public static async Task FallToAsync(int most)
    {
        var guard = Task.Delay(TestTimeouts.Guard);
        while (Count() > most)
        {
            Assert.That(guard.IsCompleted, Is.False, () => $"{Count()} sockets are open, of {most}");
            await Task.Delay(10);
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
            return false;   // closed meanwhile
        }
    }
}
