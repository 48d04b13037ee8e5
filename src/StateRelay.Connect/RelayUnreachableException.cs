namespace StateRelay;

/// <summary>As many attempts in a row have failed as <see cref="RelayConnectionOptions.MaxAttempts"/> allows.</summary>
public sealed class RelayUnreachableException : Exception
{
    /// <summary>Made by a connection; this is for tests of programs that use one.</summary>
    /// <param name="message">Why the last attempt failed, in one sentence.</param>
    /// <param name="innerException">What the last attempt failed with, where that was an exception.</param>
    public RelayUnreachableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
