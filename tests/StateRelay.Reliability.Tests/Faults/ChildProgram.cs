using System.Globalization;

using StateRelay.Tests.Reliability.Hostile;

namespace StateRelay.Tests.Reliability.Faults;

/// <summary>
/// What this assembly does when it is run as a program, for tests that kill one: <c>serve PORT</c> changes a state and tells events until its
/// input ends, and <c>follow ADDRESS</c> follows them. Both write a line for each thing that a test waits for.
/// </summary>
internal static class ChildProgram
{
    public static Task<int> Main(string[] arguments) => arguments switch
    {
        ["serve", var port] => ServeAsync(int.Parse(port, CultureInfo.InvariantCulture)),
        ["follow", var address] => FollowAsync(new Uri(address)),
        _ => Task.FromResult(2),
    };

    // Takes the lines "run", to go on for ever, and a number, to do so many things and say where that has led to.
    private static async Task<int> ServeAsync(int port)
    {
        await using var relay = await ServedRelay.StartAsync(Transport.Listener, options => options.Port = port);
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "run")
                _ = Task.Run(() => RunAsync(relay));
            else
                Make(relay, int.Parse(line, CultureInfo.InvariantCulture));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{relay.State.Version} {relay.Hub.Head}"));
        }

        return 0;
    }

    private static async Task RunAsync(ServedRelay relay)
    {
        while (true)
        {
            Make(relay, 1);
            await Task.Delay(1);
        }
    }

    private static void Make(ServedRelay relay, int times)
    {
        for (; times > 0; times--)
        {
            relay.State.Update(beat => beat with { Count = beat.Count + 1 });
            relay.Hub.Broadcast(new Event("beat") { DeliveryId = Guid.NewGuid().ToString("N") }, EventAudience.ForOrganization("acme"));
        }
    }

    private static async Task<int> FollowAsync(Uri relay)
    {
        await using var follower = new V1Follower(relay);
        follower.Start();
        for (long seen = 0; ; seen = follower.State.Seq)
        {
            await follower.UntilAsync(() => follower.State.Seq > seen);
            Console.WriteLine(follower.State.Seq.ToString(CultureInfo.InvariantCulture));
        }
    }
}
