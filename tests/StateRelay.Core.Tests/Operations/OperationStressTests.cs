namespace StateRelay.Tests.Operations;

public sealed class OperationStressTests
{
    [Test]
    public async Task Eight_threads_that_mix_all_verbs_lose_nothing_and_see_versions_in_order()
    {
        const int Threads = 8;
        const int Rounds = 20_000;
        using var job = new OperationTracker("stress", new OperationTrackerOptions { ProgressInterval = TimeSpan.FromMilliseconds(1) });
        var shared = job.AddItem("shared");
        var own = Enumerable.Range(0, Threads).Select(index => job.AddItem($"own {index}", Rounds)).ToList();
        long lastVersion = 0, lastDone = 0, wrong = 0;
        using var listening = job.State.OnStateChange(change =>
        {
            var done = job.State.Current.Summary.Done;
            if (change.Version <= lastVersion || done < lastDone)
                wrong++;
            (lastVersion, lastDone) = (change.Version, done);
        });

        await Task.WhenAll(own.Select((item, index) => Task.Factory.StartNew(
            () =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    shared.Advance();
                    item.Advance();
                    if (round % 1000 != 500)
                        continue;
                    item.Retry("again");
                    item.Start(index);
                    item.SetMessage($"round {round}");
                    job.Log(OperationLogLevel.Debug, "half way", item);
                    job.SetMetric($"metric {index}", round);
                    job.SetDetail($"detail {index}", "x");
                    job.AddWarning("careful", item);
                }

                item.Complete();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        shared.Complete();
        job.Complete();

        var shown = job.State.Current;
        Assert.That(wrong, Is.Zero);
        Assert.That(shown.Items[0].Done, Is.EqualTo(Threads * Rounds));
        Assert.That(shown.Items.Skip(1).Select(item => item.Done), Is.All.EqualTo(Rounds));
        Assert.That(shown.Summary.Completed, Is.EqualTo(Threads + 1));
        Assert.That(shown.Summary.Retries, Is.EqualTo(Threads * 20));
        Assert.That(shown.Summary.Warnings, Is.EqualTo(Threads * 20 * 2));
        Assert.That(shown.Summary.Percent, Is.EqualTo(100));
    }

    [Test]
    public async Task Two_threads_that_complete_one_item_complete_it_once()
    {
        using var job = new OperationTracker("race");
        var told = 0;
        using var listening = job.State.OnStateChange(change => told += change.Event?.Type == "item_completed" ? 1 : 0);

        for (var round = 0; round < 200; round++)
        {
            var item = job.AddItem($"item {round}");
            item.Start();
            await Task.WhenAll(Task.Run(item.Complete), Task.Run(item.Complete));
        }

        Assert.That(told, Is.EqualTo(200));
        Assert.That(job.State.Current.Summary.Completed, Is.EqualTo(200));
    }
}
