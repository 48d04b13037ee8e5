namespace StateRelay;

/// <summary>Finds out who a client is by its token. Safe for use by any thread.</summary>
public interface IClientAuthenticator
{
    /// <summary>Whether a token has a shape that could be right: asked before the upgrade, so that nobody else is asked about nonsense.</summary>
    bool IsWellFormed(string token);

    /// <summary>
    /// Who it is. What goes wrong is a result, not an exception; an exception counts as
    /// <see cref="AuthenticationFailure.TemporarilyUnavailable"/>.
    /// </summary>
    /// <param name="token">What the client showed, well formed.</param>
    /// <param name="cancellationToken">Cancelled when the client has waited long enough or is gone.</param>
    ValueTask<AuthenticationResult> AuthenticateAsync(Secret token, CancellationToken cancellationToken);
}
