using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.Extensions.Logging.Abstractions;

using StateRelay.Connections;
using StateRelay.Diagnostics;
using StateRelay.Protocol;
using StateRelay.Tests.Support;

namespace StateRelay.Tests.State;

/// <summary>What a version costs, counted rather than timed.</summary>
public sealed class VersionCostTests
{
    private readonly ManualClock _clock = new();
    private readonly Instruments _instruments = new();

    [OneTimeTearDown]
    public void AllDone() => _instruments.Dispose();

    [Test]
    public void A_version_is_serialised_once_however_many_viewers_there_are_and_how_they_read_it()
    {
        var writes = new Writes();
        var store = new StateStore<Counted>(new Counted(writes, 1), CountedJson.Default.Counted, clock: _clock);
        using var topic = Topic(store);
        using var roster = new Roster(_instruments);
        roster.AddTopic(topic);
        using var alarms = new AlarmClock(_clock);
        Outbox[] viewers = [.. Enumerable.Range(0, 20).Select(Outbox (index) => index % 2 == 0 ? Viewer(roster, alarms) : new PlainStateOutbox("plain", topic, alarms))];
        Assert.That(viewers.Select(Read), Is.All.GreaterThan(0));
        _clock.Push(100);
        writes.Count = 0;

        for (var change = 2; change < 20; change++)
            store.Update(state => state with { Number = change });
        _clock.Push(100);

        Assert.That(viewers.Select(Read), Is.All.EqualTo(1));
        Assert.That(writes.Count, Is.EqualTo(1));
        foreach (var viewer in viewers)
            viewer.Dispose();
    }

    // The bytes of the version itself are kept by purpose; what is allocated besides must not depend on how large the state is.
    [TestCase(100)]
    [TestCase(10_000)]
    public void What_a_version_and_its_frame_allocate_besides_its_bytes_does_not_grow_with_the_state(int trucks)
    {
        var fleet = new Fleet("fleet", [.. Enumerable.Range(0, trucks).Select(number => new Truck($"T{number}", number))]);
        var store = new StateStore<Fleet>(fleet, TestFleetJson.Default.Fleet, clock: _clock);
        using var topic = Topic(store);

        var least = Enumerable.Range(1, 10).Min(speed => AllocatedFor(store, topic, speed));

        Assert.That(least, Is.LessThan(8 * 1024));
    }

    [Test]
    public void A_change_about_which_nothing_is_said_allocates_nothing([Values] bool isWatched)
    {
        var store = new StateStore<Fleet>(Fleet.Empty, TestFleetJson.Default.Fleet, clock: _clock);
        using var topic = Topic(store);
        if (isWatched)
            topic.Timeline.Watch();

        var least = Enumerable.Range(1, 10).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            store.Update(static fleet => fleet);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });

        Assert.That(least, Is.Zero);
        Assert.That(store.Version, Is.EqualTo(11));
    }

    private long AllocatedFor(StateStore<Fleet> store, StateTopic topic, int speed)
    {
        var before = topic.Timeline.Head!;
        store.Update(fleet => fleet.With("T50", -speed));
        _clock.Push(1000);

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var after = topic.Timeline.Latest()!;
        var frame = topic.FramesOf(after).From(1, before.Seq);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        Assert.That(after.Seq, Is.EqualTo(before.Seq + 1));
        Assert.That(frame, Has.Length.LessThan(200));
        return allocated - after.Utf8.Length;
    }

    private StateTopic Topic(StateStore store) => new("state", store, new WebServerOptions(), _clock, _instruments, NullLogger.Instance);

    private V1Outbox Viewer(Roster roster, AlarmClock alarms)
    {
        var outbox = new V1Outbox("v1", _clock.GetUtcNow(), roster, new Proof(IsViewer: true, null), new WebServerOptions(), alarms);
        Read(outbox);
        var subscribe = new ClientMessage.Subscribe(1, "state", null, TimeSpan.Zero, Paused: false, new Subscription());
        Assert.That(outbox.PostAsync(subscribe).AsTask().IsCompletedSuccessfully, Is.True);
        return outbox;
    }

    private static int Read(Outbox outbox)
    {
        var frames = 0;
        while (!outbox.Next().IsEmpty)
            frames++;
        return frames;
    }

    /// <summary>How often a value was written.</summary>
    internal sealed class Writes
    {
        public int Count { get; set; }
    }
}

[JsonConverter(typeof(CountingConverter))]
internal sealed record Counted(VersionCostTests.Writes Writes, int Number);

internal sealed class CountingConverter : JsonConverter<Counted>
{
    public override Counted Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, Counted value, JsonSerializerOptions options)
    {
        value.Writes.Count++;
        writer.WriteStartObject();
        writer.WriteNumber("number"u8, value.Number);
        writer.WriteEndObject();
    }
}

[JsonSerializable(typeof(Counted))]
internal sealed partial class CountedJson : JsonSerializerContext;
