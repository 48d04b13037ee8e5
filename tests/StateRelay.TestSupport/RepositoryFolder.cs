namespace StateRelay.TestSupport;

/// <summary>The repository that the tests run in.</summary>
public static class RepositoryFolder
{
    /// <summary>The folder with the solution in it.</summary>
    public static string Path { get; } = Find();

    /// <summary>The text of a file of it.</summary>
    /// <param name="relative">The file's path in the repository, with forward slashes.</param>
    public static string Read(string relative) => File.ReadAllText(System.IO.Path.Combine(Path, relative));

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "StateRelay.sln")))
            folder = System.IO.Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return folder;
    }
}
