using System.Collections.Frozen;

using StateRelay.Security;

namespace StateRelay;

/// <summary>
/// Knows its clients by a table of tokens, for hosts without GitHub. Tokens are compared by their hashes, so the time that takes tells
/// nothing about them. Immutable; safe for use by any thread.
/// </summary>
public sealed class StaticTokenAuthenticator : IClientAuthenticator
{
    private const int MaxTokenChars = 4096;

    private readonly FrozenDictionary<string, AuthenticationResult> _results;

    /// <summary>Takes the table over.</summary>
    /// <exception cref="ArgumentException">Two entries have the same token.</exception>
    public StaticTokenAuthenticator(IEnumerable<KeyValuePair<Secret, ClientIdentity>> identities)
    {
        var table = new Dictionary<string, AuthenticationResult>(StringComparer.Ordinal);
        foreach (var (token, identity) in identities)
        {
            if (!table.TryAdd(TokenHash.Of(token), AuthenticationResult.Admitted(identity)))
                throw new ArgumentException($"Two entries have the same token; one of them is {identity.UserName}'s.", nameof(identities));
        }

        _results = table.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public bool IsWellFormed(string token) => token.Length is > 0 and <= MaxTokenChars;

    /// <inheritdoc/>
    public ValueTask<AuthenticationResult> AuthenticateAsync(Secret token, CancellationToken cancellationToken) => new(
        _results.TryGetValue(TokenHash.Of(token), out var admitted)
            ? admitted
            : AuthenticationResult.Refused(AuthenticationFailure.AuthenticationFailed, "The token is not valid."));
}
