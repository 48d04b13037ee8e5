using System.Reflection;

namespace StateRelay.Tests.Architecture;

/// <summary>The public surface of each package is a text file, so that a change of it shows in review.</summary>
public sealed class PublicApiTests
{
    private const string Folder = "tests/StateRelay.Core.Tests/Architecture/";

    // Those that are here: this file is a part of more than one test project, and not every one has them all.
    private static IEnumerable<string> Packages =>
        new[] { "StateRelay.Core", "StateRelay.Hosting", "StateRelay.AspNetCore", "StateRelay.Connect" }.Where(package => File.Exists(Path.Combine(AppContext.BaseDirectory, package + ".dll")));

    [TestCaseSource(nameof(Packages))]
    public void The_public_surface_is_the_approved_one(string package)
    {
        var approvedFile = $"{Folder}PublicApi.{package}.approved.txt";
        var surface = PublicSurface.Of(Assembly.Load(package));
        var approved = File.Exists(Repository.PathOf(approvedFile)) ? Repository.Read(approvedFile) : "";
        if (surface == approved)
            return;

        var received = Repository.PathOf($"artifacts/PublicApi.{package}.received.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(received)!);
        File.WriteAllText(received, surface);

        Assert.Fail(
            $"""
            The public surface of {package} is not the approved one.
            {Difference(approved, surface)}
            If this is meant, approve it from the repository's root and commit:
              cp artifacts/PublicApi.{package}.received.txt {approvedFile}
            """);
    }

    private static string Difference(string approved, string surface)
    {
        var before = approved.Split('\n');
        var now = surface.Split('\n');
        return string.Join('\n', [.. before.Except(now).Select(line => "- " + line.Trim()), .. now.Except(before).Select(line => "+ " + line.Trim())]);
    }
}
