namespace StateRelay.Benchmarks.Endurance;

/// <summary>A stop beside clients that do not read: all the others are told at once, and the port is free when the time to stop is over.</summary>
internal static class Stop
{
    private const double GoodbyeMs = 1000;
    private const double PortFreeMs = 6000;

    // What the system takes for a client that does not read, by itself.
    private const int BeatsToFill = 80;

    public static async Task RunAsync(Report report, Scale scale, bool isMapped)
    {
        var (reading, stuck) = (scale.Of(950, 40), scale.Of(50, 5));
        var setup = new Setup(isMapped, Cells: 2, Size: 100_000, WriteSeconds: 300);
        var name = $"stop, {setup.Transport}";
        await using var server = await ServerProcess.StartAsync(setup);
        var wires = await Task.WhenAll(Enumerable.Range(0, stuck).Select(index => Wire.ConnectAsync(server.Address, index, isV1: true, readsNothing: true)));
        var tally = new Tally();
        await using var crowd = new Crowd(server.Address, tally, setup.Cells);
        await server.BeatAsync(20, BeatsToFill);
        await server.BeatenAsync(TimeSpan.FromMinutes(1));
        await crowd.JoinAsync(reading, everyPlain: 10);

        crowd.ExpectEnd();
        var began = TimeProvider.System.GetTimestamp();
        var stopped = await server.StopAsync();
        await crowd.EndedAsync();

        var goodbyes = crowd.Followers.Where(follower => follower.Goodbye != 0).Select(follower => TimeProvider.System.GetElapsedTime(began, follower.Goodbye).TotalMilliseconds).ToArray();
        var told = 0;
        foreach (var wire in wires)
            told += await IsToldAsync(wire) ? 1 : 0;
        report.Must(name, $"{goodbyes.Length} of {reading} that read were told", "all", goodbyes.Length == reading);
        report.Must(name, $"{tally.Disordered + tally.Unreadable} frames wrong, {told} of {stuck} that do not read were told", "0, 0: they really were stuck", tally.Disordered + tally.Unreadable + told == 0);
        var times = $"the last goodbye came after {Written.Ms(goodbyes.DefaultIfEmpty().Max())}; stopped after {Written.Ms(stopped.Took)}, another server on the port after {Written.Ms(stopped.PortFree)}";
        if (scale.IsQuick)
            report.Tell(name, times);
        else
            report.Must(name, times, $"goodbyes within {GoodbyeMs} ms, port free within {PortFreeMs} ms", goodbyes.DefaultIfEmpty(double.MaxValue).Max() <= GoodbyeMs && stopped.PortFree <= PortFreeMs);
    }

    // Whether a client that begins to read now finds a goodbye.
    private static async Task<bool> IsToldAsync(Wire wire)
    {
        using var own = wire;
        while (true)
        {
            var (kind, payload) = await wire.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            if (kind == Wire.Kind.End)
                return false;
            if (kind == Wire.Kind.Close || payload.Span.IndexOf("\"goodbye\""u8) >= 0)
                return true;
        }
    }
}
