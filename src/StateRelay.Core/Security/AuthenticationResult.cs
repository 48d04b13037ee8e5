namespace StateRelay;

/// <summary>Why somebody was not let in.</summary>
public enum AuthenticationFailure
{
    /// <summary>The token is not valid; the same one will not become so.</summary>
    AuthenticationFailed,

    /// <summary>The token is valid but may not do this.</summary>
    AccessDenied,

    /// <summary>Whoever knows has been asked too often; later it may work.</summary>
    RateLimitExceeded,

    /// <summary>Whoever knows cannot be asked now; later it may work.</summary>
    TemporarilyUnavailable,
}

/// <summary>Who somebody is, or why that is not said. Immutable.</summary>
public sealed record AuthenticationResult
{
    private AuthenticationResult()
    {
    }

    /// <summary>Who it is; null when they are not let in.</summary>
    public ClientIdentity? Identity { get; private init; }

    /// <summary>Why not; null when they are let in.</summary>
    public AuthenticationFailure? Failure { get; private init; }

    /// <summary>What the client is told; holds no token and no answer of others.</summary>
    public string Message { get; private init; } = "";

    /// <summary>When trying again may make sense; null when that is not known.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Whether the same token may be let in later.</summary>
    public bool IsTemporary => Failure is AuthenticationFailure.RateLimitExceeded or AuthenticationFailure.TemporarilyUnavailable;

    /// <summary>The failure's name on the wire; null when there is none.</summary>
    public string? Code => Failure switch
    {
        null => null,
        AuthenticationFailure.AuthenticationFailed => "authentication_failed",
        AuthenticationFailure.RateLimitExceeded => "rate_limit_exceeded",
        AuthenticationFailure.TemporarilyUnavailable => "temporarily_unavailable",
        _ => "access_denied",
    };

    /// <summary>They are let in.</summary>
    /// <param name="identity">Who it is.</param>
    public static AuthenticationResult Admitted(ClientIdentity identity) => new() { Identity = identity };

    /// <summary>They are not let in.</summary>
    /// <param name="failure">Why not.</param>
    /// <param name="message">What the client is told; it must hold no token and no answer of others.</param>
    /// <param name="retryAfter">When trying again may make sense; null when that is not known.</param>
    public static AuthenticationResult Refused(AuthenticationFailure failure, string message, TimeSpan? retryAfter = null) =>
        new() { Failure = failure, Message = message, RetryAfter = retryAfter };
}
