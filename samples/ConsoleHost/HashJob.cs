using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using Microsoft.Extensions.Hosting;

namespace StateRelay.Samples.ConsoleHost;

/// <summary>The job: hashes every file below the folder, one item a sub-folder, with as many workers as there are processors.</summary>
internal sealed class HashJob(OperationTracker job, Arguments arguments, WebServer server, IHostApplicationLifetime host) : BackgroundService
{
    private static readonly TimeSpan AcknowledgementTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseBeforeRepeating = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _begin = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the last run was finished and every file hashed.</summary>
    public bool Succeeded { get; private set; }

    /// <summary>Lets the job begin.</summary>
    public void Begin() => _begin.TrySetResult();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _begin.Task.WaitAsync(stoppingToken);
        for (var run = 1; ; run++)
        {
            await RunAsync(stoppingToken);
            if (!arguments.Repeat || stoppingToken.IsCancellationRequested)
                break;
            await Task.Delay(PauseBeforeRepeating, stoppingToken);
            job.Restart($"SHA-256 of {arguments.Folder}, run {run + 1}");
        }

        if (!arguments.Exit)
            return;

        // Let a page that is open show the end; ends at once when none is.
        await server.WaitForCompletionAckAsync(AcknowledgementTimeout, stoppingToken);
        host.StopApplication();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        Succeeded = false;
        try
        {
            job.Prepare();
            job.SetDetail("folder", arguments.Folder);
            job.SetDetail("workers", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));
            var items = FindItems(stopping);

            job.Run();
            using var measuring = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var measured = MeasureAsync(measuring.Token);
            var hashes = await HashAsync(items, stopping);
            await measuring.CancelAsync();
            await measured;

            job.SetDetail("digest", Digest(hashes));
            job.Complete();
            Succeeded = job.State.Current.Summary.Errors == 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            job.Cancel("The program was asked to end.");
        }
        catch (Exception error)
        {
            job.Fail(error.Message);
        }
    }

    private List<(OperationItem Item, List<FoundFile> Files)> FindItems(CancellationToken stopping)
    {
        var files = new List<FoundFile>();
        foreach (var file in Folders.FilesBelow(arguments.Folder, (folder, reason) => job.AddError($"{folder}: {reason}")))
        {
            stopping.ThrowIfCancellationRequested();
            files.Add(file);
        }

        var items = new List<(OperationItem, List<FoundFile>)>();
        foreach (var (name, below) in Folders.BySubFolder(files))
        {
            var item = job.AddItem(name, below.Sum(file => file.Length));
            item.Queue();
            items.Add((item, below));
        }

        job.Log(OperationLogLevel.Info, $"Found {files.Count:N0} files in {items.Count:N0} folders");
        return items;
    }

    private async Task<ConcurrentBag<(string Path, string Hash)>> HashAsync(
        List<(OperationItem Item, List<FoundFile> Files)> items, CancellationToken stopping)
    {
        var waiting = new ConcurrentQueue<(OperationItem Item, List<FoundFile> Files)>(items);
        var hashes = new ConcurrentBag<(string, string)>();
        var workers = Enumerable.Range(1, Environment.ProcessorCount).Select(worker => Task.Run(
            async () =>
            {
                while (waiting.TryDequeue(out var next))
                    await HashItemAsync(next.Item, next.Files, worker, hashes, stopping);
            },
            stopping));
        await Task.WhenAll(workers);
        return hashes;
    }

    private async Task HashItemAsync(
        OperationItem item, List<FoundFile> files, int worker, ConcurrentBag<(string, string)> hashes, CancellationToken stopping)
    {
        item.Start(worker);
        var unreadable = 0;
        foreach (var file in files)
        {
            stopping.ThrowIfCancellationRequested();
            item.SetMessage(file.Path);
            try
            {
                hashes.Add((file.Path, await HashFileAsync(file, item, stopping)));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                unreadable++;
                job.AddError($"{file.Path}: {error.Message}", item);
            }
        }

        if (unreadable == files.Count)
        {
            item.Fail($"None of its {files.Count:N0} files could be read.");
            return;
        }

        item.SetMessage(unreadable == 0 ? Count(files.Count) : $"{Count(files.Count)}, {unreadable:N0} of them not readable");
        item.Complete();
        job.Log(unreadable == 0 ? OperationLogLevel.Info : OperationLogLevel.Warn, $"Hashed {Count(files.Count - unreadable)}", item);
    }

    private static string Count(int files) => files == 1 ? "1 file" : $"{files:N0} files";

    private async Task<string> HashFileAsync(FoundFile file, OperationItem item, CancellationToken stopping)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // What has no length is not opened: it may be a pipe, which would wait for a writer.
        if (file.Length > 0)
        {
            var buffer = new byte[128 * 1024];
            await using var stream = new FileStream(
                Path.Combine(arguments.Folder, file.Path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, FileOptions.SequentialScan);
            for (int read; (read = await stream.ReadAsync(buffer, stopping)) > 0;)
            {
                hash.AppendData(buffer.AsSpan(0, read));
                item.Advance(read);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Sets the throughput once a second until it is cancelled.</summary>
    private async Task MeasureAsync(CancellationToken stopping)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var (before, since) = (job.State.Current.Summary.Done, Stopwatch.GetTimestamp());
        try
        {
            while (await second.WaitForNextTickAsync(stopping))
            {
                // Ticks come late when the machine is busy, and the next one then comes early.
                var (done, now) = (job.State.Current.Summary.Done, Stopwatch.GetTimestamp());
                if (Stopwatch.GetElapsedTime(since, now) < TimeSpan.FromSeconds(0.5))
                    continue;
                job.SetMetric("throughput", Math.Round((done - before) / 1e6 / Stopwatch.GetElapsedTime(since, now).TotalSeconds, 1), "MB/s");
                (before, since) = (done, now);
            }
        }
        catch (OperationCanceledException)
        {
            // The job is done.
        }
    }

    /// <summary>One hash for all: of the list that <c>sha256sum</c> would print, ordered by path.</summary>
    private static string Digest(IEnumerable<(string Path, string Hash)> hashes)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, hash) in hashes.OrderBy(file => file.Path, StringComparer.Ordinal))
            digest.AppendData(Encoding.UTF8.GetBytes($"{hash}  {path}\n"));
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }
}
