using System.Buffers.Text;
using System.Text;

namespace StateRelay.Security;

/// <summary>Finds the tokens that a client shows: in the <c>Authorization</c> header, or, as browsers cannot set that, in <c>bearer.</c> subprotocols.</summary>
internal static class BearerToken
{
    private const string Scheme = "Bearer ";
    private const string Subprotocol = "bearer.";
    private const int MaxChars = 4096;

    /// <summary>The token of an <c>Authorization</c> header; null when there is none.</summary>
    public static string? Of(string? authorization) =>
        authorization is { Length: > 7 and <= MaxChars } && authorization.StartsWith(Scheme, StringComparison.Ordinal) ? authorization[Scheme.Length..] : null;

    /// <summary>Every token shown, the header's first.</summary>
    /// <param name="authorization">The <c>Authorization</c> header.</param>
    /// <param name="subprotocols">The subprotocols offered.</param>
    public static IEnumerable<string> All(string? authorization, IEnumerable<string> subprotocols)
    {
        if (Of(authorization) is { } token)
            yield return token;

        foreach (var name in subprotocols)
        {
            if (name.Length is > 7 and <= MaxChars && name.StartsWith(Subprotocol, StringComparison.Ordinal) && Base64Url.IsValid(name.AsSpan(Subprotocol.Length)))
                yield return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(name.AsSpan(Subprotocol.Length)));
        }
    }
}
