namespace StateRelay.Tests.Operations;

public sealed class OperationSummaryTests
{
    [Test]
    public void Whatever_is_done_to_items_the_summary_is_what_a_recount_finds([Range(1, 50)] int round)
    {
        var seed = unchecked(Environment.TickCount + (round * 7919));
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var clock = new ManualClock();
        using var job = new OperationTracker("any", clock: clock);
        var items = Enumerable.Range(0, random.Next(1, 12)).Select(index => job.AddItem($"i{index}", random.Next(3) == 0 ? null : random.Next(1000))).ToList();
        long refused = 0, errors = 0, warnings = 0;

        for (var step = 0; step < 300; step++)
        {
            var item = items[random.Next(items.Count)];
            var from = item.Status;
            try
            {
                switch (random.Next(12))
                {
                    case 0: item.Queue(); break;
                    case 1: item.Start(random.Next(4)); break;
                    case 2: item.Complete(); break;
                    case 3: item.Fail("f"); errors += from == ItemStatus.Failed ? 0 : 1; break;
                    case 4: item.Retry("r"); warnings += from == ItemStatus.Retrying ? 0 : 1; break;
                    case 5 when random.Next(10) == 0: item.Skip(); break;
                    case 6 when random.Next(10) == 0: item.Cancel(); break;
                    case 7: item.SetTotal(random.Next(1000)); break;
                    case 8: item.SetProgress(random.Next(1000)); break;
                    case 9: job.AddError("e", item); errors++; break;
                    case 10: clock.Push(random.Next(3000)); break;
                    default: item.Advance(random.Next(-50, 200)); break;
                }
            }
            catch (InvalidOperationException)
            {
                refused++;
            }

            job.Publish();
            var shown = job.State.Current;
            var counts = shown.Items.CountBy(other => other.Status).ToDictionary();
            int Count(params ItemStatus[] statuses) => statuses.Sum(status => counts.GetValueOrDefault(status));
            Assert.That(
                shown.Summary,
                Is.EqualTo(new OperationSummary
                {
                    Items = items.Count,
                    Waiting = Count(ItemStatus.Pending, ItemStatus.Queued),
                    Active = Count(ItemStatus.Running, ItemStatus.Retrying),
                    Completed = Count(ItemStatus.Completed),
                    Failed = Count(ItemStatus.Failed),
                    Skipped = Count(ItemStatus.Skipped),
                    Cancelled = Count(ItemStatus.Cancelled),
                    Done = shown.Items.Sum(other => other.Done),
                    Total = shown.Items.Sum(other => IsSettled(other) ? other.Done : Math.Max(other.Total ?? 0, other.Done)),
                    Retries = shown.Items.Sum(other => other.Retries),
                    Errors = errors,
                    Warnings = warnings,
                    Percent = shown.Summary.Percent,
                    Speed = shown.Summary.Speed,
                    SecondsLeft = shown.Summary.SecondsLeft,
                }),
                $"seed {seed}, step {step}");
            Assert.That(shown.Summary.Percent, Is.InRange(0, 100), $"seed {seed}, step {step}");
            Assert.That(shown.Summary.Speed, Is.GreaterThanOrEqualTo(0).And.LessThan(double.MaxValue), $"seed {seed}, step {step}");
            Assert.That(shown.Items.Select(other => other.Done), Is.EqualTo(items.Select(other => other.Done)), $"seed {seed}, step {step}");
            Assert.That(shown.Items.Select(other => other.Status), Is.EqualTo(items.Select(other => other.Status)), $"seed {seed}, step {step}");
        }

        Assert.That(refused, Is.Positive, "the rules should have been met");
    }

    [Test]
    public void Amounts_too_large_to_add_stop_at_the_largest_number()
    {
        var items = new[]
        {
            new OperationItemState { Status = ItemStatus.Running, Total = long.MaxValue, Done = long.MaxValue },
            new OperationItemState { Status = ItemStatus.Running, Total = long.MaxValue, Done = 1 },
        };

        var summary = OperationSummary.Of(items, OperationStatus.Running, _ => 1);

        Assert.That(summary.Done, Is.EqualTo(long.MaxValue));
        Assert.That(summary.Total, Is.EqualTo(long.MaxValue));
        Assert.That(summary.SecondsLeft, Is.Null);
    }

    private static bool IsSettled(OperationItemState item) =>
        item.Status is ItemStatus.Completed or ItemStatus.Skipped or ItemStatus.Cancelled;
}
