using StateRelay.Http;

namespace StateRelay.Tests.Http;

public sealed class RequestSlotsTests
{
    [Test]
    public void The_last_slot_is_given_the_next_is_not_and_one_given_back_makes_room_once()
    {
        var slots = new RequestSlots(2);
        var first = slots.TryTake();
        var second = slots.TryTake();

        Assert.That(second, Is.Not.Null);
        Assert.That(slots.TryTake(), Is.Null);

        first!.Dispose();
        first.Dispose();
        Assert.That(slots.TryTake(), Is.Not.Null);
        Assert.That(slots.TryTake(), Is.Null);
    }
}
