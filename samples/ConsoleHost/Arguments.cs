using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace StateRelay.Samples.ConsoleHost;

/// <summary>What the program was asked to do. Immutable.</summary>
internal sealed record Arguments(string Folder, int? Port, bool Exit, bool Repeat, bool Help)
{
    public const string Usage =
        """
        Hashes every file below a folder and shows how that goes, live, on a page.

        ConsoleHost [FOLDER] [--port N] [--exit] [--repeat]

          FOLDER     the folder; by default that of the running .NET installation
          --port N   the page's port, 1024 to 65535; by default 8080
          --exit     end when the job is done: with 0, or with 1 when something could not be hashed
          --repeat   begin again when the job is done, until Ctrl+C
          --help     say this
        """;

    /// <summary>Reads the command line; where it cannot, says why in one sentence.</summary>
    public static bool TryParse(string[] args, [NotNullWhen(true)] out Arguments? arguments, [NotNullWhen(false)] out string? problem)
    {
        (arguments, problem) = (null, null);
        string? folder = null;
        int? port = null;
        bool exit = false, repeat = false, help = false;

        for (var next = 0; next < args.Length; next++)
        {
            switch (args[next])
            {
                case "--exit":
                    exit = true;
                    break;
                case "--repeat":
                    repeat = true;
                    break;
                case "--help" or "-h" or "-?":
                    help = true;
                    break;
                case "--port":
                    if (++next == args.Length || !int.TryParse(args[next], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1024 or > 65535)
                        problem ??= $"--port must be followed by a number from 1024 to 65535{(next < args.Length ? $", but \"{args[next]}\" is not one" : "")}.";
                    else
                        port = number;
                    break;
                case ['-', ..] unknown:
                    problem ??= $"There is no argument \"{unknown}\".";
                    break;
                case var path when folder is null:
                    folder = path;
                    break;
                case var path:
                    problem ??= $"Only one folder can be hashed, but \"{path}\" is a second one.";
                    break;
            }
        }

        folder ??= DotNetFolder();
        if (problem is null && exit && repeat)
            problem = "--exit and --repeat cannot be asked for together.";
        if (problem is null && !help && !Directory.Exists(folder))
            problem = $"There is no folder \"{folder}\".";
        if (problem is not null)
            return false;

        arguments = new Arguments(folder.Length == 0 ? folder : Path.GetFullPath(folder), port, exit, repeat, help);
        return true;
    }

    /// <summary>Where .NET is installed; where this program keeps a runtime of its own, its own folder.</summary>
    private static string DotNetFolder()
    {
        // <installation>/shared/Microsoft.NETCore.App/<version>/
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return Directory.Exists(Path.Combine(root, "shared")) ? root : AppContext.BaseDirectory;
    }
}
