using System.Diagnostics.CodeAnalysis;
using System.Globalization;

using Npgsql;

namespace StateRelay.Samples.PgCopy;

/// <summary>What the program was asked to do. Immutable.</summary>
internal sealed record Arguments
{
    public const string Usage =
        """
        Copies tables from one PostgreSQL database to another and shows how that goes, live, on a page.

        PgCopy --source CONNECTION --target CONNECTION [--table NAME]... [--workers N] [--exact] [--port N] [--exit]

          --source C   where from, as Npgsql reads it: "Host=…;Port=…;Database=…;Username=…;Password=…"; by default what the
                       environment variable PGCOPY_SOURCE says, which other users of the machine cannot see
          --target C   where to; by default what PGCOPY_TARGET says
          --table T    copy this table, SCHEMA.NAME or NAME in the schema public; may be given often; by default all
          --workers N  tables that are copied at once, 1 to 64; by default 4
          --exact      count the rows first, instead of trusting the server's estimates
          --port N     the page's port, 1024 to 65535; by default 8080
          --exit       end when the job is done: with 0, or with 1 when a table was not copied
          --help       say this
        """;

    public string Source { get; private init; } = "";

    public string Target { get; private init; } = "";

    public IReadOnlyList<string> Tables { get; private init; } = [];

    public int Workers { get; private init; }

    public bool Exact { get; private init; }

    public int Port { get; private init; }

    public bool Exit { get; private init; }

    public bool Help { get; private init; }

    /// <summary>Reads the command line; where it cannot, says why in one sentence, without any part of a connection string.</summary>
    public static bool TryParse(string[] args, [NotNullWhen(true)] out Arguments? arguments, [NotNullWhen(false)] out string? problem)
    {
        var source = Environment.GetEnvironmentVariable("PGCOPY_SOURCE");
        var target = Environment.GetEnvironmentVariable("PGCOPY_TARGET");
        var tables = new List<string>();
        int workers = 4, port = 8080;
        bool exact = false, exit = false, help = false;
        string? wrong = null;

        for (var next = 0; next < args.Length; next++)
        {
            var name = args[next];
            switch (name)
            {
                case "--exact":
                    exact = true;
                    break;
                case "--exit":
                    exit = true;
                    break;
                case "--help" or "-h" or "-?":
                    help = true;
                    break;
                case "--source" or "--target" or "--table" or "--workers" or "--port" when next + 1 == args.Length:
                    wrong ??= $"{name} must be followed by a value.";
                    break;
                case "--source":
                    source = args[++next];
                    break;
                case "--target":
                    target = args[++next];
                    break;
                case "--table":
                    tables.Add(args[++next]);
                    break;
                case "--workers":
                    wrong ??= Number(name, args[++next], 1, 64, out workers);
                    break;
                case "--port":
                    wrong ??= Number(name, args[++next], 1024, 65535, out port);
                    break;
                default:
                    // Whatever is out of place may be a piece of a connection string.
                    wrong ??= name is ['-', '-', ..] && !name.Contains('=') ? $"There is no argument \"{name}\"." : $"Argument {next + 1} is out of place.";
                    break;
            }
        }

        if (!help)
            wrong ??= ConnectionProblem("--source", source) ?? ConnectionProblem("--target", target);
        (arguments, problem) = (null, wrong);
        if (problem is not null)
            return false;

        arguments = new Arguments
        {
            Source = source ?? "",
            Target = target ?? "",
            Tables = [.. tables.Select(table => table.Contains('.') ? table : $"public.{table}").Distinct()],
            Workers = workers,
            Exact = exact,
            Port = port,
            Exit = exit,
            Help = help,
        };
        return true;
    }

    private static string? Number(string name, string text, int least, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most
            ? null
            : $"{name} must be followed by a number from {least} to {most}, but \"{text}\" is not one.";

    private static string? ConnectionProblem(string name, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return $"{name} must say where.";
        try
        {
            return new NpgsqlConnectionStringBuilder(text).Host is null ? $"{name} must name a host." : null;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or KeyNotFoundException)
        {
            return $"{name} is not a connection string that Npgsql can read.";
        }
    }
}
