namespace StateRelay.Samples.ConsoleHost;

/// <summary>A file to hash.</summary>
/// <param name="Path">Where it is, below the folder, with slashes.</param>
/// <param name="Length">Its size in bytes, when it was found.</param>
internal sealed record FoundFile(string Path, long Length);

/// <summary>Finds the files below a folder, and sorts them by the sub-folder they are in.</summary>
internal static class Folders
{
    private const int MostGroups = 1000;

    /// <summary>
    /// All files below a folder. Links are not followed. A folder that cannot be listed is told to <paramref name="unreadable"/>,
    /// with what went wrong, and left out.
    /// </summary>
    public static IEnumerable<FoundFile> FilesBelow(string root, Action<string, string> unreadable)
    {
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
        var folders = new Stack<DirectoryInfo>([new DirectoryInfo(root)]);
        while (folders.TryPop(out var folder))
        {
            FileSystemInfo[] entries;
            try
            {
                entries = folder.GetFileSystemInfos("*", options);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                unreadable(Below(root, folder.FullName), error.Message);
                continue;
            }

            foreach (var entry in entries)
            {
                if (entry is DirectoryInfo below)
                    folders.Push(below);
                else if (entry is FileInfo file)
                    yield return new FoundFile(Below(root, file.FullName), file.Length);
            }
        }
    }

    /// <summary>
    /// The files by sub-folder, <c>.</c> for those directly in the folder; deep sub-folders together with what they are in, where
    /// there would be more than a thousand.
    /// </summary>
    public static IReadOnlyList<(string Name, List<FoundFile> Files)> BySubFolder(IReadOnlyCollection<FoundFile> files)
    {
        var depth = files.Count == 0 ? 0 : files.Max(file => file.Path.Count(letter => letter == '/'));
        while (depth > 1 && files.Select(file => SubFolder(file.Path, depth)).Distinct().Take(MostGroups + 1).Count() > MostGroups)
            depth--;

        return
        [
            .. files
                .GroupBy(file => SubFolder(file.Path, depth), StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => (group.Key, group.OrderBy(file => file.Path, StringComparer.Ordinal).ToList())),
        ];
    }

    private static string SubFolder(string path, int depth)
    {
        var parts = path.Split('/');
        return parts.Length == 1 ? "." : string.Join('/', parts.Take(Math.Min(depth, parts.Length - 1)));
    }

    private static string Below(string root, string path) => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
}
