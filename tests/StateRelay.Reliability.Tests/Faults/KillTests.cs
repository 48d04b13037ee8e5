using System.Globalization;

using StateRelay.Tests.Reliability.Hostile;

namespace StateRelay.Tests.Reliability.Faults;

/// <summary>Processes that are killed in the middle of a stream.</summary>
public sealed class KillTests
{
    [TestCase(Transport.Listener)]
    [TestCase(Transport.Kestrel)]
    public async Task A_client_that_is_killed_leaves_nothing_behind_and_nobody_else_notices(Transport transport)
    {
        await using var relay = await ServedRelay.StartAsync(transport);
        await using var other = new V1Follower(relay.Address);
        other.Start();
        await other.UntilAsync(() => other.State.Seq > 0);
        var before = OpenSockets.Count();

        for (var time = 0; time < Scale.Of(2, 50); time++)
        {
            using var child = ChildProcess.Start("follow", relay.Address.ToString());
            for (long seen = 0; seen < relay.State.Version;)
            {
                seen = long.Parse(await child.HearAsync(), CultureInfo.InvariantCulture);
                if (time == 0 && seen < 20)
                    relay.State.Update(beat => beat with { Count = beat.Count + 1 });
            }

            await child.KillAsync();
            relay.State.Update(beat => beat with { Count = beat.Count + 1 });
        }

        await other.UntilAsync(() => other.State.Seq == relay.State.Version);
        await OpenSockets.FallToAsync(before);
        Assert.That(other.Connections, Is.EqualTo(1));
        Assert.That(relay.Server.ClientCount, Is.EqualTo(1));
    }

    [Test]
    public async Task Clients_of_a_server_that_is_killed_and_started_again_are_told_of_the_new_history_and_arrive_in_it()
    {
        var port = FreePort.Take();
        var address = new Uri($"http://localhost:{port}/");
        await using var first = new V1Follower(address);
        await using var second = new V1Follower(address);
        await using var plain = new PlainFollower(address);
        var epochs = new HashSet<string>();

        for (var life = 0; life < Scale.Of(3, 50); life++)
        {
            using var server = ChildProcess.Start("serve", port.ToString(CultureInfo.InvariantCulture));
            Assert.That(await server.HearAsync(), Is.EqualTo("ready"));
            if (life == 0)
            {
                foreach (var follower in (Follower[])[first, second, plain])
                    follower.Start();
            }

            await server.SayAsync("5");
            var (version, events) = await ThereAsync(server);
            foreach (var follower in (V1Follower[])[first, second])
            {
                await follower.UntilAsync(() => !epochs.Contains(follower.State.Epoch!) && follower.State.Seq >= version && follower.Events.Epoch == events.Epoch && follower.Events.Seq >= events.Seq);
                Assert.That((int)follower.State.Value!["Count"]!, Is.EqualTo(5));
            }

            await plain.UntilAsync(() => plain.Count == 5);
            Assert.That(epochs.Add(first.State.Epoch!) && epochs.Add(first.Events.Epoch!), Is.True);

            await server.SayAsync("run");
            await server.HearAsync();
            await first.UntilAsync(() => first.State.Seq > version + 20);
            await plain.UntilAsync(() => plain.Count > 5);
            await server.KillAsync();
        }

        Assert.That(first.NotRecovered["epoch"], Is.EqualTo(2 * (Scale.Of(3, 50) - 1)));
        Assert.That(plain.Backwards, Is.EqualTo(Scale.Of(3, 50) - 1));
    }

    private static async Task<(long Version, EventPosition Events)> ThereAsync(ChildProcess server)
    {
        var words = (await server.HearAsync()).Split(' ');
        Assert.That(EventPosition.TryParse(words[1], out var events), Is.True);
        return (long.Parse(words[0], CultureInfo.InvariantCulture), events);
    }
}
