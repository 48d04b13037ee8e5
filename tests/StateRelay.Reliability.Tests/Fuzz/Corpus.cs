using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace StateRelay.Tests.Reliability.Fuzz;

/// <summary>What fuzzing begins with, and how inputs are looked at.</summary>
internal static class Corpus
{
    /// <summary>Texts as the bytes they are sent as.</summary>
    public static IEnumerable<byte[]> Of(params IEnumerable<string> texts) => texts.Select(Encoding.UTF8.GetBytes);

    /// <summary>Inputs that failed once, in base64.</summary>
    public static IEnumerable<byte[]> Kept(params IEnumerable<string> base64) => base64.Select(Convert.FromBase64String);

    /// <summary>The deliveries that Core's tests read, each with its type.</summary>
    public static IEnumerable<(string Type, byte[] Body)> Deliveries() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Payloads"), "*.json").Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileName(file).Split('.')[0], File.ReadAllBytes(file)));

    /// <summary>An input as a header carries it.</summary>
    public static string Text(ReadOnlySpan<byte> input) => Utf8.IsValid(input) ? Encoding.UTF8.GetString(input) : Encoding.Latin1.GetString(input);

    /// <summary>Sees that something is JSON as any reader takes it: every text in it is one.</summary>
    public static void MustBeJson(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 1100 });
        if (!Utf8.IsValid(utf8.Span))
            throw new JsonException("Not UTF-8.");
    }

    /// <summary>Sees that something holds.</summary>
    public static void Must(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException(what);
    }
}
