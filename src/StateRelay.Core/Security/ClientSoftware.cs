using System.Buffers;

namespace StateRelay.Security;

/// <summary>
/// The program that a client says it is: the first word of its <c>User-Agent</c>, a name and a version. Nobody checks that it is true; it
/// can be written into a log as it is. Immutable.
/// </summary>
/// <param name="Name">1 to 64 letters, digits, <c>-</c> and <c>_</c>, all of ASCII.</param>
/// <param name="Version">1 to 32 visible characters of ASCII.</param>
internal sealed record ClientSoftware(string Name, string Version)
{
    private const int MaxNameLength = 64;
    private const int MaxVersionLength = 32;

    private static readonly SearchValues<char> NameChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Reads the header; null where it does not begin with a name and a version.</summary>
    public static ClientSoftware? Of(string? userAgent)
    {
        var word = userAgent.AsSpan();
        if (word.IndexOfAny(' ', '\t') is var end and >= 0)
            word = word[..end];
        if (word.IndexOf('/') is not (> 0 and <= MaxNameLength and var slash))
            return null;

        var name = word[..slash];
        var version = word[(slash + 1)..];
        return !name.ContainsAnyExcept(NameChars) && version.Length is > 0 and <= MaxVersionLength && !version.ContainsAnyExceptInRange('!', '~')
            ? new ClientSoftware(name.ToString(), version.ToString())
            : null;
    }

    /// <summary>As the client wrote it.</summary>
    public override string ToString() => $"{Name}/{Version}";
}
