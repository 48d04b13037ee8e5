namespace StateRelay.Benchmarks.Endurance;

/// <summary>Beside clients that never read, the others are shown everything as soon as without them, and memory does not grow.</summary>
internal static class SlowReaders
{
    private const int PerSecond = 10;
    private const long Allowance = 64 << 20;

    public static async Task RunAsync(Report report, Scale scale, bool isMapped)
    {
        var (reading, stuck, seconds) = (scale.Of(400, 40), scale.Of(100, 10), scale.Of(60, 2));

        // Those that never read stay: what they cost is measured all the time.
        var setup = new Setup(isMapped, Cells: 2, Size: 100_000, WriteSeconds: 300);
        var name = $"slow readers, {setup.Transport}";
        await using var server = await ServerProcess.StartAsync(setup);
        var (without, with) = (new Tally(), new Tally());

        var before = await FollowAsync(server, setup, without, reading, seconds);
        var wires = await Task.WhenAll(Enumerable.Range(0, stuck).Select(index => Wire.ConnectAsync(server.Address, index, isV1: true, readsNothing: true)));
        var after = await FollowAsync(server, setup, with, reading, seconds);
        foreach (var wire in wires)
            wire.Dispose();

        var (alone, beside) = (without.LateAt(0.99), with.LateAt(0.99));
        report.Tell(name, $"{reading} read and {stuck} do not, 1 MB a second each, {seconds} s: p50 {Written.Ms(without.LateAt(0.5))} without them, {Written.Ms(with.LateAt(0.5))} with; {Written.Count(with.Frames)} frames, {Written.Count(with.Merged)} beats merged");
        report.Must(name, $"{with.Failed + without.Failed} connections lost, {after.Clients - stuck} of those that read there at the end, {after.Clients - reading} of the others", $"0, {reading}, {stuck}", with.Failed + without.Failed == 0 && after.Clients == reading + stuck);
        report.Must(name, $"{with.Disordered + with.Unreadable} frames wrong", "0", with.Disordered + with.Unreadable == 0);
        report.Must(name, $"memory {Written.MiB(before.Resident)} without them, {Written.MiB(after.Resident)} with", $"grows by at most {Written.MiB(Allowance)}", after.Resident - before.Resident <= Allowance);
        var p99 = $"p99 of those that read {Written.Ms(alone)} without them, {Written.Ms(beside)} with";
        if (scale.IsQuick)
            report.Tell(name, p99);
        else
            report.Must(name, p99, "below twice that", beside < 2 * alone);
    }

    private static async Task<Figures> FollowAsync(ServerProcess server, Setup setup, Tally tally, int reading, int seconds)
    {
        await using var crowd = new Crowd(server.Address, tally, setup.Cells);
        await crowd.JoinAsync(reading);
        await server.BeatAsync(PerSecond, seconds * PerSecond);
        var last = await server.BeatenAsync(TimeSpan.FromSeconds(seconds));
        await crowd.CatchUpAsync(last);
        return await server.FiguresAsync();
    }
}
