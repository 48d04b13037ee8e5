using StateRelay.Tests.Support;

namespace StateRelay.Tests.Reliability.Interleavings;

/// <summary>Listeners of a store that throw, call back or block, while several threads change it.</summary>
public sealed class StoreInterleavingTests
{
    private const int Usual = 150, Long = 20_000, Writes = 25;

    [Test]
    public void Every_change_is_told_once_in_order_whatever_other_listeners_do()
    {
        Chance.Try(Usual, Long, chance =>
        {
            using var logger = new CollectingLogger();
            var store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet, null, new ManualClock(), logger);
            var told = new List<long>();
            var calledBack = 0;
            using var throws = store.OnStateChange(change => throw new FormatException("mine"));
            using var callsBack = store.OnStateChange(change =>
            {
                if (change.Version % 5 == 0 && Interlocked.Increment(ref calledBack) <= 10)
                    store.Update(fleet => fleet.With("back", calledBack));
            });
            using var honest = store.OnStateChange(change => told.Add(change.Version));

            chance.Together(
                moments => Write(store, moments),
                moments => Write(store, moments),
                moments => Write(store, moments),
                moments => ComeAndGo(store, moments));

            Assert.That(told, Is.EqualTo(Enumerable.Range(2, (int)store.Version - 1)));
            Scene.Must(logger.Lines.Count == told.Count, "Each time that one threw is logged.");
        });
    }

    [Test]
    public void A_listener_that_blocks_holds_up_one_writer_and_no_other()
    {
        Chance.Try(Usual / 3, Long / 20, chance =>
        {
            var store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet, null, new ManualClock());
            using var open = new ManualResetEventSlim();
            var told = new List<long>();
            using var blocks = store.OnStateChange(change => open.Wait(TestTimeouts.Guard));
            using var honest = store.OnStateChange(change => told.Add(change.Version));
            var done = 0;

            chance.Together(
                moments => WriteOne(store, ref done),
                moments => WriteOne(store, ref done),
                moments => WriteOne(store, ref done),
                moments =>
                {
                    var all = SpinWait.SpinUntil(() => Volatile.Read(ref done) == 2, TestTimeouts.Guard);
                    open.Set();
                    Scene.Must(all, "The others wait for a listener that is not theirs.");
                });

            Assert.That(told, Is.EqualTo(new long[] { 2, 3, 4 }));
        });
    }

    private static void Write(StateStore<Fleet> store, Moments moments)
    {
        for (var time = 0; time < Writes; time++)
        {
            store.Update(fleet => fleet.With($"T{moments.Next(5)}", moments.Next(1000)));
            moments.Pass();
        }
    }

    private static void WriteOne(StateStore<Fleet> store, ref int done)
    {
        store.Update(fleet => fleet.With("T1", 1));
        Interlocked.Increment(ref done);
    }

    private static void ComeAndGo(StateStore<Fleet> store, Moments moments)
    {
        for (var time = 0; time < 10; time++)
        {
            using var here = store.OnStateChange(_ => { });
            moments.Pass();
        }
    }
}
