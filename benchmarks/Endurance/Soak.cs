using System.Globalization;

namespace StateRelay.Benchmarks.Endurance;

/// <summary>Some clients stay, others come and go, for long: memory does not grow.</summary>
internal static class Soak
{
    private const int PerSecond = 10;
    private const double MostBytesInTenMinutes = 1 << 20;

    public static async Task RunAsync(Report report, Scale scale, bool isMapped)
    {
        var (stay, visitsPerSecond, seconds) = (scale.Of(300, 20), 20, scale.Seconds(1800, 4));
        var every = TimeSpan.FromSeconds(scale.Of(10, 1));
        var setup = new Setup(isMapped);
        var name = $"soak, {setup.Transport}";
        await using var server = await ServerProcess.StartAsync(setup);
        var tally = new Tally();
        await using var crowd = new Crowd(server.Address, tally, setup.Cells);
        await crowd.JoinAsync(stay, everyPlain: 10);
        await server.BeatAsync(PerSecond, seconds * PerSecond);
        var visiting = Churn.ComeAndGoAsync(server.Address, setup, tally, seconds * visitsPerSecond, visitsPerSecond);

        var began = TimeProvider.System.GetTimestamp();
        List<(double Minutes, Figures Figures)> samples = [];
        do
        {
            await Task.Delay(every);
            samples.Add((TimeProvider.System.GetElapsedTime(began).TotalMinutes, await server.FiguresAsync()));
        }
        while (TimeProvider.System.GetElapsedTime(began).TotalSeconds < seconds);

        await visiting;
        var last = await server.BeatenAsync(TimeSpan.FromSeconds(seconds));
        await crowd.CatchUpAsync(last);

        // In the first fifth code is still compiled and buffers are found.
        var steady = samples.Where(sample => sample.Minutes >= seconds / 300.0).ToArray();
        var (managed, resident) = (Slope(steady, figures => figures.Heap), Slope(steady, figures => figures.Resident));
        var end = steady[^1].Figures;
        report.Tell(name, string.Create(CultureInfo.InvariantCulture, $"{seconds / 60.0:F1} min, {stay} clients stay, {visitsPerSecond} a second come and go: memory {Written.MiB(samples[0].Figures.Resident)} to {Written.MiB(end.Resident)}, managed {Written.MiB(samples[0].Figures.Heap)} to {Written.MiB(end.Heap)}"));
        report.Tell(name, $"at each sixth of the time resident, and what the collector has of it: {string.Join(", ", Enumerable.Range(1, 6).Select(sixth => Memory(samples[(samples.Count - 1) * sixth / 6].Figures)))}");
        report.Must(name, $"{tally.Failed} connections failed, {tally.Lost} beats lost, {tally.Disordered + tally.Unreadable} frames wrong", "0", tally.Failed + tally.Lost + tally.Disordered + tally.Unreadable == 0);
        report.Must(name, $"descriptors {steady[0].Figures.Descriptors} to {end.Descriptors}, clients {steady[0].Figures.Clients} to {end.Clients}", "no more than visitors come in a second", end.Descriptors <= steady[0].Figures.Descriptors + (2 * visitsPerSecond));
        var slopes = $"in ten minutes resident {Written.MiB((long)resident)}, managed {Written.MiB((long)managed)}";
        if (scale.IsQuick)
            report.Tell(name, slopes);
        else
            report.Must(name, slopes, $"both below {Written.MiB((long)MostBytesInTenMinutes)}", managed < MostBytesInTenMinutes && resident < MostBytesInTenMinutes);
    }

    private static string Memory(Figures figures) => $"{Written.MiB(figures.Resident)} ({Written.MiB(figures.Committed)})";

    // Bytes in ten minutes, by least squares.
    private static double Slope((double Minutes, Figures Figures)[] samples, Func<Figures, long> bytes)
    {
        var (x, y) = (samples.Average(sample => sample.Minutes), samples.Average(sample => (double)bytes(sample.Figures)));
        var spread = samples.Sum(sample => (sample.Minutes - x) * (sample.Minutes - x));
        return spread == 0 ? 0 : 10 * samples.Sum(sample => (sample.Minutes - x) * (bytes(sample.Figures) - y)) / spread;
    }
}
