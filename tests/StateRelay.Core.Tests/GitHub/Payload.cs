using StateRelay.Tests.Architecture;

namespace StateRelay.Tests.GitHub;

/// <summary>The deliveries in <c>Payloads/</c>: written for these tests after GitHub's documentation, one file a case, <c>TYPE.CASE.json</c>.</summary>
internal static class Payload
{
    private const string Folder = "tests/StateRelay.Core.Tests/Payloads/";

    /// <summary>The names of all of them, without the ending.</summary>
    public static IEnumerable<string> All { get; } =
        [.. Repository.Files.Where(path => path.StartsWith(Folder, StringComparison.Ordinal)).Select(path => Path.GetFileNameWithoutExtension(path))];

    public static byte[] Bytes(string name) => File.ReadAllBytes(Repository.PathOf($"{Folder}{name}.json"));

    public static string TypeOf(string name) => name[..name.IndexOf('.', StringComparison.Ordinal)];
}
