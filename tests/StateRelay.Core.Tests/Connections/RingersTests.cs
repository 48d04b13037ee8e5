using StateRelay.Connections;

namespace StateRelay.Tests.Connections;

public sealed class RingersTests
{
    [TestCase(1)]
    [TestCase(3)]
    public async Task There_are_no_more_than_may_be_and_none_takes_a_second_peal_while_it_runs_one(int most)
    {
        using var release = new ManualResetEventSlim();
        var ringers = new Ringers(most, Timeout.InfiniteTimeSpan);
        var holders = Enumerable.Range(0, most).Select(_ => new PealHolder(release)).ToArray();

        foreach (var holder in holders)
        {
            Assert.That(ringers.TryHand(holder.Peal), Is.True);
            await holder.Holds.WaitAsync(TestTimeouts.Guard);
        }

        Assert.That((ringers.TryHand(new Peal()), ringers.Threads), Is.EqualTo((false, most)));

        release.Set();
        await Task.WhenAll(holders.Select(holder => holder.Ended)).WaitAsync(TestTimeouts.Guard);
        while (!ringers.TryHand(new Peal()))
            await Task.Yield();
        Assert.That(ringers.Threads, Is.EqualTo(most));
    }

    [Test]
    public async Task One_to_whom_nothing_is_handed_ends_and_another_begins_when_it_is_needed()
    {
        var ringers = new Ringers(most: 1, patience: TimeSpan.Zero);
        for (var time = 0; time < 100; time++)
        {
            while (!ringers.TryHand(new Peal()))
                await Task.Yield();
            while (time % 2 == 0 && ringers.Threads > 0)
                await Task.Yield();
        }

        while (ringers.Threads > 0)
            await Task.Yield();
    }
}
