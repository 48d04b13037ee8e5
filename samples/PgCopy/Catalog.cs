using Npgsql;

namespace StateRelay.Samples.PgCopy;

/// <summary>A table as the catalog describes it.</summary>
/// <param name="Schema">The schema it is in.</param>
/// <param name="Name">Its name there.</param>
/// <param name="EstimatedRows">The server's estimate; null where it has none.</param>
/// <param name="Columns">Its columns, in order.</param>
internal sealed record Table(string Schema, string Name, long? EstimatedRows, IReadOnlyList<Column> Columns)
{
    public string FullName => $"{Schema}.{Name}";

    /// <summary>The table in SQL.</summary>
    public string Sql => $"{Quoted(Schema)}.{Quoted(Name)}";

    /// <summary>The names of the columns in SQL, with commas.</summary>
    public string ColumnsSql => string.Join(", ", Columns.Select(column => Quoted(column.Name)));

    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <summary>A column, with its type as SQL writes it.</summary>
internal sealed record Column(string Name, string Type, bool NotNull);

/// <summary>What the copy asks of a database besides the rows.</summary>
internal static class Catalog
{
    /// <summary>All tables that users made, ordered by name; of a partitioned one, the whole.</summary>
    public static async Task<List<Table>> TablesAsync(NpgsqlDataSource database, CancellationToken stopping)
    {
        await using var command = database.CreateCommand(
            """
            SELECT n.nspname, c.relname, c.reltuples, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
              AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
            ORDER BY n.nspname, c.relname, a.attnum
            """);
        await using var rows = await command.ExecuteReaderAsync(stopping);

        var tables = new List<Table>();
        List<Column> columns = [];
        while (await rows.ReadAsync(stopping))
        {
            var (schema, name, estimate) = (rows.GetString(0), rows.GetString(1), rows.GetFloat(2));
            if (tables.Count == 0 || tables[^1].Schema != schema || tables[^1].Name != name)
                tables.Add(new Table(schema, name, estimate < 0 ? null : (long)estimate, columns = []));
            if (!rows.IsDBNull(3))
                columns.Add(new Column(rows.GetString(3), rows.GetString(4), rows.GetBoolean(5)));
        }

        return tables;
    }

    /// <summary>Counts the rows of a table.</summary>
    public static async Task<long> CountAsync(NpgsqlDataSource database, Table table, CancellationToken stopping)
    {
        await using var command = database.CreateCommand($"SELECT count(*) FROM {table.Sql}");
        return (long)(await command.ExecuteScalarAsync(stopping))!;
    }

    /// <summary>Makes the table where it is missing: columns, types and NOT NULL, nothing else.</summary>
    public static async Task CreateIfMissingAsync(NpgsqlDataSource database, Table table, CancellationToken stopping)
    {
        // "If not exists" is not enough where several workers make one schema at the same moment: they take turns.
        var columns = string.Join(", ", table.Columns.Select(column => $"{Table.Quoted(column.Name)} {column.Type}{(column.NotNull ? " NOT NULL" : "")}"));
        await using var command = database.CreateCommand(
            $"""
            SELECT pg_advisory_xact_lock(7310423);
            CREATE SCHEMA IF NOT EXISTS {Table.Quoted(table.Schema)};
            CREATE TABLE IF NOT EXISTS {table.Sql} ({columns})
            """);
        await command.ExecuteNonQueryAsync(stopping);
    }

    /// <summary>Whether the table has any row.</summary>
    public static async Task<bool> HasRowsAsync(NpgsqlDataSource database, Table table, CancellationToken stopping)
    {
        await using var command = database.CreateCommand($"SELECT EXISTS (SELECT FROM {table.Sql})");
        return (bool)(await command.ExecuteScalarAsync(stopping))!;
    }
}
