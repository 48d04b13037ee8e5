namespace StateRelay;

/// <summary>
/// The server has refused for good: asking again would be answered the same. One of <see cref="StatusCode"/>, <see cref="CloseCode"/> and
/// <see cref="Error"/> says how; the message is for people.
/// </summary>
public sealed class RelayRefusedException : Exception
{
    /// <summary>Made by a connection; this is for tests of programs that use one.</summary>
    /// <param name="message">One sentence.</param>
    public RelayRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>The status of the answer to the handshake, for example 401; null where it was not refused there.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The code that the connection was closed with, for example 4403; null where it was not ended so.</summary>
    public int? CloseCode { get; init; }

    /// <summary>
    /// The protocol's name of the error that refused one subscription, for example <c>access_denied</c>; null where none did.
    /// </summary>
    public string? Error { get; init; }
}
