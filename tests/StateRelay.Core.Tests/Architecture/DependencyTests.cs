using System.Text.RegularExpressions;

namespace StateRelay.Tests.Architecture;

/// <summary>What the library rests on, and what may stand in no file.</summary>
public sealed partial class DependencyTests
{
    private const string Logging = "Microsoft.Extensions.Logging.Abstractions";

    // Put together, so that this file is not one of those it looks for.
    private static readonly string[] Registries =
        ["nuget" + ".org", "nuget" + ".pkg", "/v3/" + "index.json", "npmjs" + ".org", "npmjs" + ".com", "pypi" + ".org", "pkgs.dev" + ".azure", "yarnpkg" + ".com"];

    private static readonly string[] MachinePaths = ["/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/wo" + "rk/", "/tm" + "p/", "C:" + "\\", "C:" + "/"];

    private static IEnumerable<string> TextFiles => Repository.Files.Where(path => !path.EndsWith(".png", StringComparison.Ordinal) && !path.EndsWith(".ico", StringComparison.Ordinal));

    [Test]
    public void Core_references_the_framework_and_the_logging_abstractions_and_nothing_else()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

        var others = typeof(StateStore).Assembly.GetReferencedAssemblies()
            .Where(name => !File.Exists(Path.Combine(framework, name.Name + ".dll")))
            .Select(name => name.Name);

        Assert.That(others, Is.EquivalentTo([Logging]));
    }

    [Test]
    public void Core_asks_for_one_package()
    {
        var project = Repository.Read("src/StateRelay.Core/StateRelay.Core.csproj");

        var packages = PackageReference().Matches(project).Select(match => match.Groups[1].Value);

        Assert.That(packages, Is.EqualTo([Logging]));
        Assert.That(project, Does.Not.Contain("FrameworkReference").And.Not.Contain("ProjectReference"));
    }

    [Test]
    public void Hosting_needs_no_other_shared_framework()
    {
        var project = Repository.Read("src/StateRelay.Hosting/StateRelay.Hosting.csproj");

        Assert.That(project, Does.Not.Contain("FrameworkReference"));
    }

    [Test]
    public void No_file_contains_the_address_of_a_package_registry()
    {
        Assert.That(FilesWith(Registries), Is.Empty);
    }

    [Test]
    public void No_file_contains_a_path_of_somebodys_machine()
    {
        Assert.That(FilesWith(MachinePaths), Is.Empty);
    }

    private static IEnumerable<string> FilesWith(string[] texts) =>
        TextFiles.SelectMany(path => texts.Where(Repository.Read(path).Contains).Select(text => $"{path} contains {text}"));

    [GeneratedRegex("""<PackageReference Include="([^"]+)""")]
    private static partial Regex PackageReference();
}
