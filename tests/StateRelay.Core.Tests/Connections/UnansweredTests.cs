using StateRelay.Connections;
using StateRelay.Protocol;

namespace StateRelay.Tests.Connections;

public sealed class UnansweredTests
{
    private static readonly ClientMessage One = Ping(1), Two = Ping(2), Three = Ping(3);

    [Test]
    public async Task What_was_added_is_taken_once_and_in_order()
    {
        var unanswered = new Unanswered(2);

        Assert.That(await unanswered.AddAsync(One) && await unanswered.AddAsync(Two), Is.True);
        Assert.That(unanswered.TakeAll(), Is.EqualTo([One, Two]));
        Assert.That(unanswered.TakeAll(), Is.Null);
    }

    [Test]
    public async Task Whoever_has_one_more_than_may_be_waits_until_those_are_taken()
    {
        var unanswered = new Unanswered(2);
        await unanswered.AddAsync(One);
        await unanswered.AddAsync(Two);

        var third = unanswered.AddAsync(Three);
        var waited = !third.IsCompleted;
        var first = unanswered.TakeAll();

        Assert.That(waited, Is.True);
        Assert.That(await third, Is.True);
        Assert.That(first, Is.EqualTo([One, Two]));
        Assert.That(unanswered.TakeAll(), Is.EqualTo([Three]));
    }

    [Test]
    public async Task Whoever_waits_hears_of_the_end_and_what_is_there_may_still_be_taken()
    {
        var unanswered = new Unanswered(1);
        await unanswered.AddAsync(One);
        var second = unanswered.AddAsync(Two);

        unanswered.Close();

        Assert.That(await second, Is.False);
        Assert.That(await unanswered.AddAsync(Three), Is.False);
        Assert.That(unanswered.TakeAll(), Is.EqualTo([One]));
    }

    private static ClientMessage.Ping Ping(int seq) => new(seq.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
