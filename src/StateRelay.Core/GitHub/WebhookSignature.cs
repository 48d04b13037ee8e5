using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace StateRelay.GitHub;

/// <summary>What was found about the signature of a delivery.</summary>
internal enum SignatureCheck
{
    /// <summary>Made with one of the secrets, over exactly these bytes.</summary>
    Valid,

    /// <summary>None was sent.</summary>
    Missing,

    /// <summary>What was sent is not <c>sha256=</c> and 64 lower-case hexadecimal digits.</summary>
    Malformed,

    /// <summary>Made with another secret or over other bytes, or there is no secret to compare with.</summary>
    Mismatch,
}

/// <summary>
/// GitHub's proof that a delivery comes from somebody who knows the secret: HMAC-SHA256 over the raw bytes of the body, in the header
/// <c>X-Hub-Signature-256</c>. The older SHA-1 header is never looked at. Several secrets may be valid at once, so that one can be
/// replaced without losing a delivery; without a secret nothing is accepted.
/// </summary>
internal static class WebhookSignature
{
    private const string Prefix = "sha256=";
    private const int HexLength = 2 * HMACSHA256.HashSizeInBytes;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>Checks <paramref name="header"/>; takes the same time whichever secret fits and whatever part of it is right.</summary>
    /// <param name="body">The body as received, before anything was decoded.</param>
    /// <param name="header">The value of <c>X-Hub-Signature-256</c>; null when it was not sent.</param>
    /// <param name="secrets">The secrets that are valid now.</param>
    public static SignatureCheck Check(ReadOnlySpan<byte> body, string? header, IReadOnlyList<Secret> secrets)
    {
        if (string.IsNullOrEmpty(header))
            return SignatureCheck.Missing;
        if (!header.StartsWith(Prefix, StringComparison.Ordinal) || header.Length != Prefix.Length + HexLength
            || header.AsSpan(Prefix.Length).ContainsAnyExcept(LowerHex))
            return SignatureCheck.Malformed;

        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Convert.FromHexString(header.AsSpan(Prefix.Length), given, out _, out _);

        // All secrets are tried, also after one that fits: which of them it was is nobody's business.
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var valid = false;
        foreach (var secret in secrets)
        {
            Sign(body, secret, expected);
            valid |= CryptographicOperations.FixedTimeEquals(expected, given);
        }

        return valid ? SignatureCheck.Valid : SignatureCheck.Mismatch;
    }

    /// <summary>The header that <see cref="Check"/> accepts for <paramref name="body"/>.</summary>
    public static string Of(ReadOnlySpan<byte> body, Secret secret)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Sign(body, secret, hash);
        return Prefix + Convert.ToHexStringLower(hash);
    }

    private static void Sign(ReadOnlySpan<byte> body, Secret secret, Span<byte> hash) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()), body, hash);
}
