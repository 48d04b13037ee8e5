using System.Net;

namespace StateRelay.Benchmarks.Endurance;

/// <summary>Clients come and go, each in one of the ways that clients go; afterwards the server holds what it held before.</summary>
internal static class Churn
{
    private const int AtOnce = 48;
    private const long Allowance = 20 << 20;

    public static async Task RunAsync(Report report, Scale scale, bool isMapped)
    {
        var (connects, seconds) = (scale.Of(200_000, 1500), scale.Of(120, 3));
        var setup = new Setup(isMapped, Cells: 4);
        var name = $"churn, {setup.Transport}";
        await using var server = await ServerProcess.StartAsync(setup);
        var tally = new Tally();
        await ComeAndGoAsync(server.Address, setup, tally, connects / 50, connects / seconds);
        var before = await server.SettledAsync();

        await server.BeatAsync(10, seconds * 10);
        var took = await ComeAndGoAsync(server.Address, setup, tally, connects, connects / seconds);
        await server.BeatenAsync(TimeSpan.FromSeconds(seconds));
        var after = await server.SettledAsync(before);

        report.Tell(name, $"{Written.Count(connects)} connects in {took.TotalSeconds:F1} s; memory {Written.MiB(before.Resident)} to {Written.MiB(after.Resident)}, managed {Written.MiB(before.Heap)} to {Written.MiB(after.Heap)}");
        report.Must(name, $"{tally.Failed} refused or failed, {tally.Disordered + tally.Unreadable} frames wrong", "0", tally.Failed + tally.Disordered + tally.Unreadable == 0);
        if (!scale.IsQuick)
            report.Must(name, $"memory grew by {Written.MiB(after.Resident - before.Resident)}", $"at most {Written.MiB(Allowance)}", after.Resident <= before.Resident + Allowance);
        report.Must(name, $"descriptors {before.Descriptors} to {after.Descriptors}, threads {before.Threads} to {after.Threads}, timers {before.Timers} to {after.Timers}, clients {after.Clients}", "no more than at first, no client", after.Clients == 0 && after.Descriptors <= before.Descriptors && after.Threads <= before.Threads && after.Timers <= before.Timers);
        if (!scale.IsQuick)
            report.Must(name, $"took {took.TotalSeconds:F1} s", $"at most {seconds + 1} s", took.TotalSeconds <= seconds + 1);
    }

    /// <summary>So many clients, so many a second, each of which is shown the state and goes.</summary>
    public static async Task<TimeSpan> ComeAndGoAsync(IPEndPoint server, Setup setup, Tally tally, int count, int perSecond, CancellationToken stop = default)
    {
        var (next, began) = (-1, TimeProvider.System.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            for (int index; (index = Interlocked.Increment(ref next)) < count && !stop.IsCancellationRequested;)
            {
                var early = TimeSpan.FromSeconds((double)index / perSecond) - TimeProvider.System.GetElapsedTime(began);
                if (early > TimeSpan.FromMilliseconds(1))
                    await Task.Delay(early, CancellationToken.None);
                try
                {
                    await VisitAsync(server, setup, tally, index);
                }
                catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException or TimeoutException)
                {
                    tally.AddFailed();
                }
            }
        })));
        return TimeProvider.System.GetElapsedTime(began);
    }

    private static async Task VisitAsync(IPEndPoint server, Setup setup, Tally tally, int index)
    {
        using var wire = await Wire.ConnectAsync(server, index, isV1: index % 8 != 0);
        if (index % 4 == 3)
            return;         // goes before it was shown anything

        var follower = new Follower(tally, setup.Cells);
        while (!follower.IsShown)
        {
            var (kind, payload) = await wire.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            if (kind is Wire.Kind.Close or Wire.Kind.End)
                throw new IOException("The connection ended before the state was shown.");
            if (kind == Wire.Kind.Text)
                follower.Take(payload.Span);
        }

        if (index % 4 == 1)
            wire.Reset();
        if (index % 4 != 2)
            return;

        await wire.CloseAsync();
        while ((await wire.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30))).Kind is not (Wire.Kind.Close or Wire.Kind.End))
        {
        }
    }
}
