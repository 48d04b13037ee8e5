using System.Collections.Concurrent;
using System.Globalization;

using Npgsql;

namespace StateRelay.Samples.PgCopy;

/// <summary>The job: copies tables as binary COPY streams, one item a table, several workers.</summary>
internal sealed class CopyJob(OperationTracker job, Arguments arguments, NpgsqlDataSource source, NpgsqlDataSource target)
{
    private const int MaxTries = 5;
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(500);

    // Any worker.
    private long _bytes;

    /// <summary>Runs to the end, whatever that is: the operation is then completed, failed or cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            job.Prepare();
            job.SetDetail("source", Redact.ConnectionString(arguments.Source));
            job.SetDetail("target", Redact.ConnectionString(arguments.Target));
            job.SetDetail("workers", arguments.Workers.ToString(CultureInfo.InvariantCulture));
            job.SetDetail("rows", arguments.Exact ? "counted" : "estimated by the server");
            var tables = await FindTablesAsync(stopping);

            job.Run();
            using var measuring = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var measured = MeasureAsync(measuring.Token);
            await CopyAllAsync(tables, stopping);
            await measuring.CancelAsync();
            await measured;

            var failed = job.State.Current.Summary.Failed;
            if (failed == 0)
                job.Complete();
            else
                job.Fail($"{failed:N0} of {tables.Count:N0} tables were not copied.");
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            job.Cancel("The program was asked to end.");
        }
        catch (Exception error)
        {
            job.Fail(Reason(error));
        }
    }

    private async Task<List<(OperationItem Item, Table Table)>> FindTablesAsync(CancellationToken stopping)
    {
        var tables = await Catalog.TablesAsync(source, stopping);
        if (arguments.Tables.Except(tables.Select(table => table.FullName)).ToList() is [_, ..] missing)
            throw new InvalidOperationException($"The source has no table {string.Join(", ", missing)}.");

        var items = new List<(OperationItem, Table)>();
        foreach (var table in tables.Where(table => arguments.Tables.Count == 0 || arguments.Tables.Contains(table.FullName)))
        {
            var rows = arguments.Exact ? await Catalog.CountAsync(source, table, stopping) : table.EstimatedRows;
            items.Add((job.AddItem(table.FullName, rows), table));
        }

        job.Log(OperationLogLevel.Info, $"Found {items.Count:N0} tables");
        return items;
    }

    private async Task CopyAllAsync(List<(OperationItem Item, Table Table)> tables, CancellationToken stopping)
    {
        foreach (var (item, _) in tables)
            item.Queue();

        // The largest first: so no worker is left with a large one at the end.
        var waiting = new ConcurrentQueue<(OperationItem Item, Table Table)>(tables.OrderByDescending(table => table.Item.Total ?? long.MaxValue));
        await Task.WhenAll(Enumerable.Range(1, arguments.Workers).Select(worker => Task.Run(
            async () =>
            {
                while (waiting.TryDequeue(out var next))
                    await CopyWithRetriesAsync(next.Item, next.Table, worker, stopping);
            },
            stopping)));
    }

    private async Task CopyWithRetriesAsync(OperationItem item, Table table, int worker, CancellationToken stopping)
    {
        var backOff = FirstBackOff;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await CopyAsync(item, table, worker, stopping);
                return;
            }
            catch (Exception error) when (IsTransient(error) && attempt < MaxTries && !stopping.IsCancellationRequested)
            {
                // The transaction took back what was written, so the next try begins at the first row.
                item.Start(worker);
                item.Retry($"Try {attempt} of {MaxTries}: {Reason(error)}");
                item.SetProgress(0);
                await Task.Delay(backOff, stopping);
                backOff *= 2;
            }
            catch (Exception error) when (error is NpgsqlException or IOException && !stopping.IsCancellationRequested)
            {
                item.Start(worker);
                item.Fail(Reason(error));
                return;
            }
        }
    }

    private async Task CopyAsync(OperationItem item, Table table, int worker, CancellationToken stopping)
    {
        await Catalog.CreateIfMissingAsync(target, table, stopping);
        var hasRows = await Catalog.HasRowsAsync(target, table, stopping);
        if (hasRows && item.Status == ItemStatus.Queued)
        {
            item.Skip("The target has rows in it already.");
            return;
        }

        item.Start(worker);
        if (hasRows)
        {
            // The try before was lost after its rows were in: the server had committed and could not say so.
            item.SetProgress(await Catalog.CountAsync(target, table, stopping));
            item.Complete();
            return;
        }

        await using var from = await source.OpenConnectionAsync(stopping);
        await using var to = await target.OpenConnectionAsync(stopping);
        await using var transaction = await to.BeginTransactionAsync(stopping);

        await using (var reading = await from.BeginRawBinaryCopyAsync($"COPY (SELECT {table.ColumnsSql} FROM {table.Sql}) TO STDOUT (FORMAT BINARY)", stopping))
        {
            var columns = table.Columns.Count == 0 ? "" : $" ({table.ColumnsSql})";
            var writing = await to.BeginRawBinaryCopyAsync($"COPY {table.Sql}{columns} FROM STDIN (FORMAT BINARY)", stopping);
            try
            {
                await PumpAsync(reading, writing, item, stopping);
            }
            catch
            {
                await GiveUpAsync(writing);
                throw;
            }

            await writing.DisposeAsync();
        }

        await transaction.CommitAsync(stopping);
        item.Complete();
        job.Log(OperationLogLevel.Info, $"Copied {item.Done:N0} rows", item);
    }

    private async Task PumpAsync(Stream reading, Stream writing, OperationItem item, CancellationToken stopping)
    {
        var rows = new RowCounter();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await reading.ReadAsync(buffer, stopping)) > 0;)
        {
            await writing.WriteAsync(buffer.AsMemory(0, read), stopping);
            item.Advance(rows.Count(buffer.AsSpan(0, read)));
            Interlocked.Add(ref _bytes, read);
        }
    }

    /// <summary>Ends a COPY without its rows. That it may fail, too, is no news beside what went wrong before.</summary>
    private static async Task GiveUpAsync(NpgsqlRawCopyStream writing)
    {
        try
        {
            await writing.CancelAsync();
        }
        catch (Exception error) when (error is NpgsqlException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection goes back broken, and the pool throws it away.
        }
    }

    /// <summary>Sets the metrics once a second until it is cancelled.</summary>
    private async Task MeasureAsync(CancellationToken stopping)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        long bytesBefore = 0, rowsBefore = 0;
        try
        {
            while (await second.WaitForNextTickAsync(stopping))
            {
                var (bytes, rows) = (Interlocked.Read(ref _bytes), job.State.Current.Summary.Done);
                job.SetMetric("speed", Math.Max(0, rows - rowsBefore), "rows/s");
                job.SetMetric("throughput", Math.Round((bytes - bytesBefore) / 1e6, 2), "MB/s");
                (bytesBefore, rowsBefore) = (bytes, rows);
            }
        }
        catch (OperationCanceledException)
        {
            // The job is done.
        }
    }

    private static string Reason(Exception error) => error is PostgresException refused ? refused.MessageText : error.Message;

    private static bool IsTransient(Exception error) =>
        error is NpgsqlException { IsTransient: true } or IOException
        || error is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow };
}
