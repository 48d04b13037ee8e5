using StateRelay.Connections;

namespace StateRelay.Tests.Connections;

public sealed class PealTests
{
    [TestCase(1)]
    [TestCase(31)]
    [TestCase(1000)]
    public async Task Every_task_that_waits_is_woken_once(int count)
    {
        var woken = 0;
        var bells = Enumerable.Range(0, count).Select(_ => new Bell()).ToArray();
        var waiting = bells.Select(WaitAsync).ToArray();
        var peal = new Peal();

        foreach (var bell in bells)
            peal.Add(bell);
        peal.Ring();

        await Task.WhenAll(waiting).WaitAsync(TestTimeouts.Guard);
        Assert.That(woken, Is.EqualTo(count));

        async Task WaitAsync(Bell bell)
        {
            await bell.WaitAsync();
            Interlocked.Increment(ref woken);
        }
    }

    [Test]
    public void A_task_that_does_not_wait_finds_its_bell_rung()
    {
        var bell = new Bell();
        var peal = new Peal();

        peal.Add(bell);
        peal.Ring();

        Assert.That(bell.Take(), Is.True);
    }

    [Test]
    public async Task A_task_that_fails_keeps_no_other_from_being_woken()
    {
        var bells = new[] { new Bell(), new Bell() };
        var failing = FailAsync(bells[0]);
        var other = bells[1].WaitAsync().AsTask();
        var peal = new Peal();

        foreach (var bell in bells)
            peal.Add(bell);
        peal.Ring();

        await other.WaitAsync(TestTimeouts.Guard);
        Assert.That(async () => await failing, Throws.InvalidOperationException);

        static async Task FailAsync(Bell bell)
        {
            await bell.WaitAsync();
            throw new InvalidOperationException();
        }
    }

    [Test]
    public async Task Tasks_that_hold_their_threads_hold_up_no_other_peal()
    {
        using var release = new ManualResetEventSlim();
        var holding = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new PealHolder(release)).ToArray();
        foreach (var holder in holding)
        {
            holder.Peal.Ring();
            await holder.Holds.WaitAsync(TestTimeouts.Guard);
        }

        var bells = Enumerable.Range(0, 1000).Select(_ => new Bell()).ToArray();
        var others = Task.WhenAll(bells.Select(bell => bell.WaitAsync().AsTask()));
        Ring(bells);

        await others.WaitAsync(TestTimeouts.Guard);
        Assert.That(holding.Select(holder => holder.Ended.IsCompleted), Has.None.True);

        release.Set();
        await Task.WhenAll(holding.Select(holder => holder.Ended)).WaitAsync(TestTimeouts.Guard);
    }

    [Test]
    public async Task While_one_of_our_threads_has_nothing_to_do_no_thread_of_the_pool_is_asked()
    {
        // Others' peals may have all of them now and then.
        var ofThePool = true;
        for (var attempt = 0; ofThePool && attempt < 1000; attempt++)
        {
            var bell = new Bell();
            var waiting = SeeAsync(bell);
            Ring(bell);
            ofThePool = await waiting.WaitAsync(TestTimeouts.Guard);
        }

        Assert.That(ofThePool, Is.False);

        static async Task<bool> SeeAsync(Bell bell)
        {
            await bell.WaitAsync().ConfigureAwait(false);
            return Thread.CurrentThread.IsThreadPoolThread;
        }
    }

    private static void Ring(params Bell[] bells)
    {
        var peal = new Peal();
        foreach (var bell in bells)
            peal.Add(bell);
        peal.Ring();
    }
}
