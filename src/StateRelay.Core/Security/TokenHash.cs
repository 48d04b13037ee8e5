using System.Security.Cryptography;
using System.Text;

namespace StateRelay.Security;

/// <summary>What stands for a token wherever something is remembered about it: nobody can find the token by it.</summary>
internal static class TokenHash
{
    /// <summary>SHA-256 of the token, in hexadecimal.</summary>
    public static string Of(Secret token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token.Reveal())));
}
