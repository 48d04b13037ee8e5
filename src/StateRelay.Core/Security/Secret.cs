using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StateRelay;

/// <summary>
/// A token, password or key that cannot be printed: its text, its JSON and its debugger view are always <c>***</c>, and it is
/// compared in constant time. Immutable.
/// </summary>
[DebuggerDisplay("***")]
[JsonConverter(typeof(Stars))]
public sealed class Secret
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly byte[] _utf8;

    /// <summary>Keeps <paramref name="value"/>.</summary>
    /// <exception cref="ArgumentException">The value is null or empty.</exception>
    public Secret(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        _utf8 = Encoding.UTF8.GetBytes(value);
    }

    /// <summary>Makes a secret of 128 random bits, in letters, digits, <c>-</c> and <c>_</c>.</summary>
    public static Secret Random() =>
        new(System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));

    /// <summary>Keeps a text as a secret.</summary>
    public static implicit operator Secret(string value) => new(value);

    /// <summary>The named form of the conversion from a text.</summary>
    public static Secret FromString(string value) => new(value);

    /// <summary>Whether <paramref name="candidate"/> is this secret; takes the same time whatever part of it is right.</summary>
    public bool Matches(ReadOnlySpan<char> candidate)
    {
        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(_utf8, expected);
        SHA256.HashData(Encoding.UTF8.GetBytes(candidate.ToString()), given);
        return CryptographicOperations.FixedTimeEquals(expected, given);
    }

    /// <summary>The value itself, for the one place that must send it.</summary>
    internal string Reveal() => Encoding.UTF8.GetString(_utf8);

    /// <summary>Always <c>***</c>.</summary>
    public override string ToString() => "***";

    private sealed class Stars : JsonConverter<Secret>
    {
        public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("A secret is not read from JSON: its JSON does not have it.");

        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
