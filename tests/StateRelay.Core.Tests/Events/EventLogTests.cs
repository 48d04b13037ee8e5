using StateRelay.Events;

namespace StateRelay.Tests.Events;

public sealed class EventLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 22, 0, 0, TimeSpan.Zero);

    [Test]
    public void Events_are_numbered_from_one_without_holes()
    {
        var log = Log();

        var numbers = Append(log, 100).Select(logged => logged.Seq);

        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, 100)));
        Assert.That((log.FirstHeld, log.Head), Is.EqualTo((1, 100)));
    }

    [Test]
    public void A_reader_gets_what_is_after_its_position_in_order_and_no_more_than_it_asks_for()
    {
        var log = Log();
        Append(log, 100);

        Assert.That(Seqs(log.After(97, 10)), Is.EqualTo(new[] { 98, 99, 100 }));
        Assert.That(Seqs(log.After(0, 3)), Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(log.After(100, 10), Is.Empty);
        Assert.That(log.After(long.MaxValue - 1, 10), Is.Empty);
    }

    [TestCase(99, 1)]
    [TestCase(100, 1)]
    [TestCase(101, 2)]
    [TestCase(1000, 901)]
    public void So_many_are_held_and_no_more(int appended, int firstHeld)
    {
        var log = Log(maxEvents: 100);

        Append(log, appended);

        Assert.That(log.FirstHeld, Is.EqualTo(firstHeld));
        Assert.That(log.Count, Is.LessThanOrEqualTo(100));
        Assert.That(Seqs(log.After(0, 1)), Is.EqualTo(new[] { firstHeld }));
    }

    [TestCase(0, 4)]
    [TestCase(-1, 3)]
    public void So_many_bytes_are_held_and_no_more(int room, int held)
    {
        var one = Append(Log(), 1)[0].Bytes;
        var log = Log(maxBytes: (4 * one) + room);

        Append(log, 10);

        Assert.That((log.Count, log.Bytes), Is.EqualTo((held, (long)held * one)));
    }

    [Test]
    public void The_newest_is_held_however_large_it_is()
    {
        var log = Log(maxBytes: 1);

        Append(log, 2);

        Assert.That(Seqs(log.After(0, 10)), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void Names_and_addresses_count_as_bytes()
    {
        var small = Append(Log(), 1)[0].Bytes;

        var large = Log().Append(new Event("push") { Url = new string('x', 1000) }, EventAudience.ForPeople(new string('y', 1000)), Start).Bytes;

        Assert.That(large - small, Is.GreaterThan(4000));
    }

    [TestCase(60, 1)]
    [TestCase(61, 2)]
    public void None_is_held_that_is_older_than_it_may_be(int seconds, int firstHeld)
    {
        var log = Log(maxAge: TimeSpan.FromMinutes(1));
        log.Append(new Event("old"), EventAudience.Everyone, Start);

        log.Append(new Event("new"), EventAudience.Everyone, Start.AddSeconds(seconds));

        Assert.That(log.FirstHeld, Is.EqualTo(firstHeld));
    }

    [TestCase(60, 1)]
    [TestCase(61, 0)]
    public void What_grows_old_is_let_go_of_also_while_nothing_happens(int seconds, int held)
    {
        var log = Log(maxAge: TimeSpan.FromMinutes(1));
        log.Append(new Event("old"), EventAudience.Everyone, Start);

        log.Trim(Start.AddSeconds(seconds));

        Assert.That((log.Count, log.Head), Is.EqualTo((held, 1)));
        Assert.That(log.FirstHeld, Is.EqualTo(2 - held));
        Assert.That(log.After(0, 10), Has.Length.EqualTo(held));
        Assert.That(log.Bytes > 0, Is.EqualTo(held > 0));
    }

    [Test]
    public void Each_log_is_a_history_of_its_own()
    {
        string[] epochs = [Log().Epoch, Log().Epoch];

        Assert.That(epochs, Is.Unique);
    }

    [Test]
    public void Many_writers_leave_no_hole_and_a_reader_meanwhile_sees_each_event_once()
    {
        var log = Log(maxEvents: 100_000);
        var seen = new List<long>();
        var reader = new Thread(() =>
        {
            while (seen.Count < 40_000)
                seen.AddRange(log.After(seen.Count, 1000).Select(logged => logged.Seq));
        });

        reader.Start();
        Parallel.For(0, 4, _ => Append(log, 10_000));
        reader.Join();

        Assert.That(seen, Is.EqualTo(Enumerable.Range(1, 40_000)));
    }

    private static EventLog Log(int maxEvents = 1000, long maxBytes = long.MaxValue, TimeSpan? maxAge = null) =>
        new(maxEvents, maxBytes, maxAge ?? TimeSpan.FromDays(1));

    private static LoggedEvent[] Append(EventLog log, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => log.Append(new Event("push"), EventAudience.Everyone, Start))];

    private static IEnumerable<long> Seqs(LoggedEvent[] events) => events.Select(logged => logged.Seq);
}
