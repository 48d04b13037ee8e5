using System.IO.Compression;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace StateRelay.Samples.GenericHost;

/// <summary>The worker: packs each file of a folder to nowhere, to see how small it gets, round after round. Writes nothing.</summary>
internal sealed class Packer(OperationTracker job, StateStore<Record> record, IOptions<PackingOptions> options) : BackgroundService
{
    private readonly PackingOptions _options = options.Value;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var round = 1; ; round++)
        {
            await RunAsync(stoppingToken);
            await Task.Delay(_options.Rest, stoppingToken);
            job.Restart($"How small files get, round {round + 1}");
        }
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            job.Prepare();
            job.SetDetail("folder", _options.Folder);
            var files = new DirectoryInfo(_options.Folder).GetFiles();
            var items = files.Select(file => job.AddItem(file.Name, file.Length)).ToArray();

            job.Run();
            await Parallel.ForAsync(0, files.Length, stopping, (next, token) => PackAsync(files[next], items[next], token));
            record.Update(now => now with { Rounds = now.Rounds + 1 });
            job.Complete();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            job.Cancel("The host stops.");
            throw;
        }
        catch (Exception error)
        {
            job.Fail(error.Message);
        }
    }

    private async ValueTask PackAsync(FileInfo file, OperationItem item, CancellationToken stopping)
    {
        item.Start();
        try
        {
            using var packed = new MemoryStream();
            await using (var packing = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await using (var reading = file.OpenRead())
            {
                var buffer = new byte[64 * 1024];
                for (int read; (read = await reading.ReadAsync(buffer, stopping)) > 0;)
                {
                    await packing.WriteAsync(buffer.AsMemory(0, read), stopping);
                    item.Advance(read);
                }
            }

            if (file.Length > 0)
                record.Update(now => now.With(file.Name, Math.Round(100.0 * packed.Length / file.Length, 1)));
            item.Complete();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            item.Fail(error.Message);
        }
    }
}
