using System.Text.RegularExpressions;

namespace StateRelay.Tests.Architecture;

/// <summary>The repository as files: where it stands, and what is in it.</summary>
internal static partial class Repository
{
    private static readonly string[] NotOurs = [".git", ".vs", ".idea", "artifacts", "bin", "obj", "node_modules"];

    /// <summary>The folder with the solution in it, found from where the tests run.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file that is kept in the repository, as a path below <see cref="Root"/> with forward slashes.</summary>
    public static IEnumerable<string> Files { get; } = [.. FilesBelow(Root).Select(Relative).Order(StringComparer.Ordinal)];

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(PathOf(relative)).ReplaceLineEndings("\n");

    /// <summary>C# without comments and without the inside of texts: what is left is code.</summary>
    public static string CodeOnly(string source) => CommentsAndTexts().Replace(source, " ");

    private static IEnumerable<string> FilesBelow(string folder) =>
        Directory.EnumerateFiles(folder).Where(IsOurs).Concat(Directory.EnumerateDirectories(folder).Where(IsOurs).SelectMany(FilesBelow));

    private static bool IsOurs(string path) => !NotOurs.Contains(Path.GetFileName(path));

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "StateRelay.sln")))
                return folder;
        }

        throw new InvalidOperationException($"There is no StateRelay.sln above {AppContext.BaseDirectory}.");
    }

    [GeneratedRegex(
        """"
        """+[\s\S]*?"""+ | @"(?:[^"]|"")*" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+' | //[^\n]* | /\*[\s\S]*?\*/
        """",
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentsAndTexts();
}
