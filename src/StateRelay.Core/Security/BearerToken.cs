using System.Buffers.Text;
using System.Text;

namespace StateRelay.Security;

/// <summary>Finds the token that a client shows: in the <c>Authorization</c> header, or, as browsers cannot set that, in a <c>bearer.</c> subprotocol.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";
    private const string Subprotocol = "bearer.";
    private const int MaxChars = 4096;

    /// <summary>The token; null when none is shown, or nothing that could be one.</summary>
    /// <param name="authorization">The <c>Authorization</c> header.</param>
    /// <param name="subprotocols">The subprotocols offered.</param>
    public static string? Read(string? authorization, IEnumerable<string> subprotocols)
    {
        if (authorization is not null)
            return authorization.StartsWith(Scheme, StringComparison.Ordinal) && authorization.Length is > 7 and <= MaxChars ? authorization[Scheme.Length..] : null;

        var offered = subprotocols.FirstOrDefault(name => name.StartsWith(Subprotocol, StringComparison.Ordinal))?[Subprotocol.Length..];
        return offered is { Length: > 0 and <= MaxChars } && Base64Url.IsValid(offered) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(offered)) : null;
    }
}
