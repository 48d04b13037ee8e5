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
}
