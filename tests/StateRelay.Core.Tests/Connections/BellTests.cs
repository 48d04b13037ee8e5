using StateRelay.Connections;

namespace StateRelay.Tests.Connections;

public sealed class BellTests
{
    [Test]
    public void A_ring_before_the_wait_is_not_lost_and_many_are_one()
    {
        var bell = new Bell();

        bell.Ring();
        bell.Ring();

        var first = bell.WaitAsync().AsTask();
        var taken = (bell.Take(), bell.Take());
        var second = bell.WaitAsync().AsTask();
        Assert.That((first.IsCompleted, taken, second.IsCompleted), Is.EqualTo((true, (true, false), false)));
    }

    [Test]
    public async Task A_waiting_task_is_woken_by_the_next_ring()
    {
        var bell = new Bell();
        var waiting = bell.WaitAsync().AsTask();

        bell.Ring();

        await waiting.WaitAsync(TestTimeouts.Guard);
    }

    [Test]
    public async Task No_ring_is_lost_between_many_ringers_and_one_waiter()
    {
        const int Ringers = 4, Rings = 50_000;
        var bell = new Bell();
        long published = 0, seen = 0;
        var waiter = Task.Run(async () =>
        {
            while (Volatile.Read(ref seen) < Ringers * Rings)
            {
                await bell.WaitAsync();
                bell.Take();
                Volatile.Write(ref seen, Interlocked.Read(ref published));
            }
        });

        Parallel.For(0, Ringers, _ =>
        {
            for (var ring = 0; ring < Rings; ring++)
            {
                Interlocked.Increment(ref published);
                bell.Ring();
            }
        });

        await waiter.WaitAsync(TestTimeouts.Guard);
        Assert.That(seen, Is.EqualTo(Ringers * Rings));
    }
}
