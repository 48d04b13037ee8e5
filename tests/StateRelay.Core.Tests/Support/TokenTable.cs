namespace StateRelay.Tests.Support;

/// <summary>Knows people by tokens that are their names; asks nobody. Some tokens fail, each in its own way.</summary>
internal sealed class TokenTable : IClientAuthenticator
{
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _asked;

    /// <summary>How often it was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public IDictionary<string, ClientIdentity> People { get; } = new Dictionary<string, ClientIdentity>
    {
        ["amy"] = new("amy") { Organizations = ["acme", "globex"], Tier = ClientTier.Pro },
        ["bob"] = new("bob") { Organizations = ["acme"] },
        ["app"] = new("app[installation]") { Organizations = ["acme"], HomeOrganization = "acme" },
    };

    /// <summary>Lets those with the token <c>slow</c> in, as Amy.</summary>
    public void Answer() => _answer.TrySetResult();

    /// <summary>What everybody is answered instead; null for what is true of them.</summary>
    public AuthenticationResult? Instead { get; set; }

    public bool IsWellFormed(string token) => !token.Contains(' ', StringComparison.Ordinal);

    public async ValueTask<AuthenticationResult> AuthenticateAsync(Secret token, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        if (Instead is { } instead)
            return instead;
        if (token.Matches("throws"))
            throw new FormatException("mine");
        if (token.Matches("busy"))
            return AuthenticationResult.Refused(AuthenticationFailure.RateLimitExceeded, "Asked too often.");
        if (token.Matches("denied"))
            return AuthenticationResult.Refused(AuthenticationFailure.AccessDenied, "Not you.");
        if (token.Matches("slow"))
        {
            await _answer.Task.WaitAsync(cancellationToken);
            return AuthenticationResult.Admitted(People["amy"]);
        }

        return People.Where(person => token.Matches(person.Key)).Select(person => AuthenticationResult.Admitted(person.Value)).FirstOrDefault()
            ?? AuthenticationResult.Refused(AuthenticationFailure.AuthenticationFailed, "This token is not valid.");
    }
}
